// The results page as one HTML document: no script, nothing loaded from elsewhere, every name escaped.
#pragma once

#include <string>
#include <string_view>

#include "samples/collector/results.h"

namespace guidon::collector {

// What the page may do. `nonce` is the one its style carries.
std::string ContentSecurityPolicy(std::string_view nonce);

// The page carries its policy itself, too, since a saved file has no headers.
std::string ResultsPage(const Results& results, std::string_view nonce);

}  // namespace guidon::collector
