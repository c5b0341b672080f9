// Ed25519 public keys by which signatures prove nothing, or that have a second spelling. Verifiers differ in what they
// say of them (RFC 8032, 5.1.3 and 5.1.7; Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, 2020), so none is
// ever trusted.
#pragma once

#include <string_view>

namespace guidon::datafile {

// Why a key of 32 bytes is refused; empty when there is no reason to.
std::string_view WhyWeak(std::string_view public_key);

}  // namespace guidon::datafile
