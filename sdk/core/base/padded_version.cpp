#include "sdk/core/base/padded_version.h"

#include <algorithm>
#include <vector>

#include "sdk/core/base/javascript.h"

namespace guidon {
namespace {

constexpr std::size_t kWidth = 5;

std::string Padded(const std::string& part) {
  const bool is_number =
      !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number && part.size() < kWidth ? std::string(kWidth - part.size(), ' ') + part : part;
}

}  // namespace

std::string PaddedVersion(const Value& value) {
  const bool is_number = value.AsInt() != nullptr || value.AsDouble() != nullptr;
  std::string text = is_number ? javascript::ToText(value) : value.AsString() != nullptr ? *value.AsString() : "";
  if (text.empty()) text = "0";
  if (text[0] == 'v') text.erase(0, 1);
  text.erase(std::min(text.find('+'), text.size()));

  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '.' || c == '-') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() == 3) parts.emplace_back("~");
  std::string padded;
  for (const std::string& part : parts) padded += (&part == parts.data() ? "" : "-") + Padded(part);
  return padded;
}

}  // namespace guidon
