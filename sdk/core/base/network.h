// Addresses and networks of the Internet, version 4 and 6.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace guidon::network {

// Version 4 stands where IPv6 maps it to, ::ffff:10.0.0.1, which therefore is version 4.
struct Address {
  std::array<std::uint64_t, 2> bits = {0, 0};  // the upper half first
  bool is_v4 = false;
};

struct Network {
  Address address;
  std::uint8_t prefix = 0;  // of the 128 bits, also of version 4
};

// Strictly dotted decimal, or RFC 4291: no leading zeros in version 4, no zone, no brackets, no blanks.
std::optional<Address> ReadAddress(std::string_view text) noexcept;

// "10.0.0.0/8". When there is none, `why` says what is wrong with the text; null when nobody wants it.
std::optional<Network> ReadNetwork(std::string_view text, std::string* why);

// The versions never meet.
bool Contains(const Network& network, const Address& address) noexcept;

}  // namespace guidon::network
