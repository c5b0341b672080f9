#include "sdk/core/base/network.h"

namespace guidon::network {
namespace {

constexpr std::uint64_t kMapped = 0xFFFF;  // what stands before version 4 in ::ffff:10.0.0.1

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

// Decimal, without leading zeros.
std::optional<std::uint32_t> ReadNumber(std::string_view text, std::uint32_t most) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint32_t number = 0;
  for (char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (number > most) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> ReadV4(std::string_view text) noexcept {
  std::uint32_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = ReadNumber(text.substr(0, end), 255);
    if (!number) return std::nullopt;
    bits = bits << 8 | *number;
    if (part < 3) text.remove_prefix(end + 1);
  }
  return bits;
}

std::optional<std::uint16_t> ReadGroup(std::string_view text) noexcept {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint32_t group = 0;
  for (char c : text) {
    const char small = static_cast<char>(c | 0x20);
    const bool is_letter = small >= 'a' && small <= 'f';
    if (!IsDigit(c) && !is_letter) return std::nullopt;
    group = group << 4 | static_cast<std::uint32_t>(is_letter ? small - 'a' + 10 : c - '0');
  }
  return static_cast<std::uint16_t>(group);
}

struct Groups {
  std::array<std::uint16_t, 8> values = {};
  std::size_t count = 0;
};

// "2001:db8:0:1", the last two maybe as 10.0.0.1.
bool ReadGroups(std::string_view text, Groups* out) noexcept {
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
      const auto v4 = ReadV4(part);
      if (!v4 || out->count > 6) return false;
      out->values[out->count++] = static_cast<std::uint16_t>(*v4 >> 16);
      out->values[out->count++] = static_cast<std::uint16_t>(*v4 & 0xFFFF);
      return true;
    }
    const auto group = ReadGroup(part);
    if (!group || out->count == 8) return false;
    out->values[out->count++] = *group;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

bool IsMapped(const Address& address) noexcept { return address.bits[0] == 0 && address.bits[1] >> 32 == kMapped; }

std::optional<Address> ReadV6(std::string_view text) noexcept {
  const std::size_t gap = text.find("::");
  Groups head;
  Groups tail;
  const std::string_view before = text.substr(0, gap);
  if (gap == std::string_view::npos) {
    if (!ReadGroups(text, &head) || head.count != 8) return std::nullopt;
  } else {
    const std::string_view behind = text.substr(gap + 2);
    // Dotted decimal may end an address, so not what stands before the gap.
    if (before.find('.') != std::string_view::npos || (!before.empty() && !ReadGroups(before, &head))) {
      return std::nullopt;
    }
    if (!behind.empty() && !ReadGroups(behind, &tail)) return std::nullopt;
    if (head.count + tail.count > 7) return std::nullopt;
  }
  for (std::size_t i = 0; i < tail.count; ++i) head.values[8 - tail.count + i] = tail.values[i];
  Address address;
  for (std::size_t i = 0; i < 8; ++i) address.bits[i / 4] = address.bits[i / 4] << 16 | head.values[i];
  return address;
}

std::array<std::uint64_t, 2> Mask(unsigned prefix) noexcept {
  const auto upper = [](unsigned bits) { return bits == 0 ? std::uint64_t{0} : ~std::uint64_t{0} << (64 - bits); };
  return {upper(prefix < 64 ? prefix : 64), upper(prefix > 64 ? prefix - 64 : 0)};
}

std::string ToText(const Address& address) {
  std::string text;
  if (address.is_v4) {
    for (unsigned shift : {24u, 16u, 8u, 0u}) {
      text.append(text.empty() ? "" : ".").append(std::to_string(address.bits[1] >> shift & 0xFF));
    }
    return text;
  }
  constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t group = address.bits[i / 4] >> (48 - 16 * (i % 4)) & 0xFFFF;
    if (i > 0) text.push_back(':');
    for (unsigned shift : {12u, 8u, 4u, 0u}) {
      if (shift == 0 || group >> shift != 0) text.push_back(kHex[group >> shift & 15]);
    }
  }
  return text;
}

}  // namespace

std::optional<Address> ReadAddress(std::string_view text) noexcept {
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = ReadV4(text);
    if (!v4) return std::nullopt;
    return Address{{0, kMapped << 32 | *v4}, true};
  }
  auto address = ReadV6(text);
  if (address) address->is_v4 = IsMapped(*address);
  return address;
}

std::optional<Network> ReadNetwork(std::string_view text, std::string* why) {
  std::string unwanted;
  if (why == nullptr) why = &unwanted;
  const std::size_t slash = text.find('/');
  const auto address = ReadAddress(text.substr(0, slash));
  if (!address) {
    *why = "is no network such as 10.0.0.0/8 or fd00::/8";
    return std::nullopt;
  }
  if (slash == std::string_view::npos) {
    *why = "has no prefix: write " + std::string(text) + (address->is_v4 ? "/32" : "/128") + " for one address";
    return std::nullopt;
  }
  // As it is written: ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const bool is_dotted = text.find(':') == std::string_view::npos;
  const auto length = ReadNumber(text.substr(slash + 1), is_dotted ? 32 : 128);
  if (!length) {
    *why = std::string("has a prefix that is none: it goes from 0 to ") + (is_dotted ? "32" : "128");
    return std::nullopt;
  }
  Network network{*address, static_cast<std::uint8_t>(is_dotted ? *length + 96 : *length)};
  network.address.is_v4 = address->is_v4 && network.prefix >= 96;
  const auto mask = Mask(network.prefix);
  network.address.bits = {address->bits[0] & mask[0], address->bits[1] & mask[1]};
  if (network.address.bits == address->bits) return network;
  *why = "has bits behind the prefix: write " + ToText(network.address) + "/" +
         std::to_string(network.prefix - (network.address.is_v4 ? 96 : 0));
  return std::nullopt;
}

bool Contains(const Network& network, const Address& address) noexcept {
  const auto mask = Mask(network.prefix);
  return network.address.is_v4 == address.is_v4 && (address.bits[0] & mask[0]) == network.address.bits[0] &&
         (address.bits[1] & mask[1]) == network.address.bits[1];
}

}  // namespace guidon::network
