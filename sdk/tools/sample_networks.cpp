#include "sdk/tools/sample_networks.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace guidon::tools {
namespace {

using network::Address;
using network::Network;

// Version 4 as IPv6 maps it, which no address of version 6 is in.
constexpr std::uint8_t kMappedPrefix = 96;

bool Covers(const Network& a, const Network& b) {
  return a.prefix <= b.prefix && network::Contains({a.address, a.prefix}, b.address);
}

Network Half(const Network& network, bool is_upper) {
  Network half = network;
  ++half.prefix;
  if (is_upper) half.address.bits[network.prefix / 64] |= std::uint64_t{1} << (63 - network.prefix % 64);
  return half;
}

// An address of `network` that is in none of those within it.
std::optional<Address> Outside(const Network& network, const std::vector<Network>& within) {
  if (within.empty()) return network.address;
  for (const Network& inner : within) {
    if (Covers(inner, network)) return std::nullopt;
  }
  for (const bool is_upper : {false, true}) {
    const Network half = Half(network, is_upper);
    std::vector<Network> rest;
    for (const Network& inner : within) {
      if (Covers(half, inner) || Covers(inner, half)) rest.push_back(inner);
    }
    if (std::optional<Address> found = Outside(half, rest)) return found;
  }
  return std::nullopt;
}

// As a network of version 6, which is how an address of version 6 sees it.
Network Mapped() {
  Network mapped;
  mapped.address.bits = {0, std::uint64_t{0xFFFF} << 32};
  mapped.prefix = kMappedPrefix;
  return mapped;
}

bool IsSame(const Network& a, const Network& b) {
  return a.prefix == b.prefix && a.address.is_v4 == b.address.is_v4 && a.address.bits == b.address.bits;
}

}  // namespace

std::vector<Address> SampleAddresses(const std::vector<Network>& networks) {
  std::vector<Network> all = networks;
  Network every_v4 = Mapped();
  every_v4.address.is_v4 = true;
  all.push_back(every_v4);
  all.push_back(Network());
  std::vector<Address> out;
  for (const Network& network : all) {
    std::vector<Network> within;
    for (const Network& inner : all) {
      if (!IsSame(inner, network) && Covers(network, inner)) within.push_back(inner);
    }
    if (!network.address.is_v4 && Covers(network, Mapped())) within.push_back(Mapped());
    // A network of version 6 that lies in what is mapped holds nothing.
    if (!network.address.is_v4 && Covers(Mapped(), network)) continue;
    if (std::optional<Address> address = Outside(network, within)) {
      // 10.0.0.1 reads better than 10.0.0.0, where it is as good.
      Address next = *address;
      ++next.bits[1];
      const bool is_as_good =
          (next.bits[1] & 0xFF) == 1 && std::all_of(all.begin(), all.end(), [&](const Network& other) {
            return network::Contains(other, next) == network::Contains(other, *address);
          });
      out.push_back(is_as_good ? next : *address);
    }
  }
  return out;
}

std::vector<std::string> Spellings(const Address& address) {
  const auto dotted = [](std::uint64_t bits) {
    std::string text;
    for (const unsigned shift : {24u, 16u, 8u, 0u}) {
      text.append(text.empty() ? "" : ".").append(std::to_string(bits >> shift & 0xFF));
    }
    return text;
  };
  if (address.is_v4) {
    const std::string text = dotted(address.bits[1]);
    return {text, "::ffff:" + text, "0::ffff:" + text, "::FFFF:" + text};
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string brief;
  std::string full;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t group = address.bits[i / 4] >> (48 - 16 * (i % 4)) & 0xFFFF;
    if (i > 0) brief.push_back(':');
    if (i > 0) full.push_back(':');
    for (const unsigned shift : {12u, 8u, 4u, 0u}) {
      const char digit = kHex[group >> shift & 15];
      full.push_back(digit);
      if (shift == 0 || group >> shift != 0) brief.push_back(digit);
    }
  }
  // ::1 is how people write it.
  std::string least = brief;
  const std::size_t zeros = least.find(":0:0:");
  if (least.size() >= 4 && least.compare(least.size() - 2, 2, ":0") == 0 && zeros != std::string::npos) {
    std::size_t tail = least.size();
    while (tail >= 2 && least.compare(tail - 2, 2, ":0") == 0) tail -= 2;
    if (tail < least.size() - 2 && tail > 0) least = least.substr(0, tail) + "::";
  }
  if (!network::ReadAddress(least) || network::ReadAddress(least)->bits != address.bits) least = brief;
  return {least, brief, full};
}

}  // namespace guidon::tools
