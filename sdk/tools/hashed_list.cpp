#include "sdk/tools/hashed_list.h"

#include <algorithm>

#include "sdk/tools/keys.h"

namespace guidon::tools {
namespace {

constexpr char kSeparator = '\x1F';
constexpr std::size_t kValueBytes = 16;  // of a digest
constexpr std::size_t kSaltBytes = 8;

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto number = static_cast<unsigned char>(byte);
    out += kDigits[number >> 4];
    out += kDigits[number & 0xF];
  }
  return out;
}

}  // namespace

std::string SegmentSalt(std::string_view project, std::string_view segment) {
  const std::string named = std::string("guidon/segment/v1") + kSeparator + std::string(project) + kSeparator;
  return Hex(Sha256(named + std::string(segment)).substr(0, kSaltBytes));
}

std::vector<std::string> HashValues(std::string_view salt, const std::vector<std::string>& values) {
  std::vector<std::string> out;
  for (const std::string& value : values) {
    out.push_back(Hex(Sha256(std::string(salt) + kSeparator + value).substr(0, kValueBytes)));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace guidon::tools
