// What a request may be, before any library sees it.
#pragma once

#include <string>
#include <string_view>

#include "guidon/ports/http.h"
#include "guidon/status.h"

namespace guidon {

// A host, as it stands in a URL, that is this device: "localhost", 127.0.0.0/8 or "[::1]".
bool IsLoopback(const std::string& host);

// The method and the headers hold nothing that could end a line and begin another.
Status CheckRequest(const HttpRequest& request);

// May an answer of that status be followed with this method, keeping it and the body? 301, 302 and 303 may turn other
// methods than GET and HEAD into a GET, so there they are answers like any other.
bool MayRedirect(int http_status, std::string_view method);

}  // namespace guidon
