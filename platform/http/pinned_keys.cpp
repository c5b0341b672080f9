#include "platform/http/pinned_keys.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace guidon {
namespace {

constexpr std::string_view kPinPrefix = "sha256//";
constexpr std::string_view kPinDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Curl compares the text, so one that is spelled otherwise than 32 bytes are would never match: two bits of the last
// digit say nothing, and are 0.
bool IsPin(std::string_view pin) {
  if (pin.substr(0, kPinPrefix.size()) != kPinPrefix) return false;
  const std::string_view digest = pin.substr(kPinPrefix.size());
  if (digest.size() != 44 || digest[43] != '=') return false;
  return digest.find_first_not_of(kPinDigits) == 43 && kPinDigits.find(digest[42]) % 4 == 0;
}

// As it stands in a URL, an IPv6 address in its brackets.
bool IsHost(std::string_view host) {
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) return host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
  return !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string_view::npos;
}

Status Misspelled(const std::string& host, const std::string& why) {
  return Status(StatusCode::kInvalidArgument, "pinned_keys: \"" + host + "\": " + why);
}

}  // namespace

Result<PinnedKeys> PinnedKeys::Read(const std::map<std::string, std::vector<std::string>>& listed) {
  PinnedKeys keys;
  for (const auto& [name, pins] : listed) {
    std::string host = name;
    std::transform(host.begin(), host.end(), host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!IsHost(host)) return Misspelled(name, "write the host alone, such as \"flags.example\"");
    if (pins.empty()) return Misspelled(name, "has no key");
    std::string& joined = keys.by_host_[host];
    for (std::size_t i = 0; i < pins.size(); ++i) {
      if (!IsPin(pins[i])) {
        return Misspelled(name, "key " + std::to_string(i + 1) + " of " + std::to_string(pins.size()) +
                                    " is not \"sha256//\" and the 44 characters of a SHA-256 in base64");
      }
      joined += (joined.empty() ? "" : ";") + pins[i];
    }
  }
  return keys;
}

const std::string* PinnedKeys::Of(const std::string& host) const {
  const auto found = by_host_.find(host);
  return found == by_host_.end() ? nullptr : &found->second;
}

}  // namespace guidon
