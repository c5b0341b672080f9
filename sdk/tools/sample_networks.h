// Addresses that stand for all others as far as given networks can tell them apart.
#pragma once

#include <string>
#include <vector>

#include "sdk/core/base/network.h"

namespace guidon::tools {

// Of each network, and of version 4 and 6 as a whole, one that is in none of the smaller networks inside; none where
// those fill it.
std::vector<network::Address> SampleAddresses(const std::vector<network::Network>& networks);

// Texts that all read as this address.
std::vector<std::string> Spellings(const network::Address& address);

}  // namespace guidon::tools
