#include "sdk/tools/retired.h"

#include <algorithm>

namespace guidon::tools {
namespace {

constexpr const char* kFloor = "*";

}  // namespace

std::int64_t Retired::LastOf(std::string_view name) const {
  const auto at = names.find(std::string(name));
  return at != names.end() ? at->second : floor;
}

void Retired::Add(const std::string& name, std::int64_t last) {
  if (last > floor) names[name] = last;
}

void Retired::Bound() {
  while (names.size() > kRetiredNames) {
    floor = std::min_element(names.begin(), names.end(), [](const auto& a, const auto& b) {
              return a.second < b.second;
            })->second;
    for (auto at = names.begin(); at != names.end();) at = at->second <= floor ? names.erase(at) : std::next(at);
  }
}

Retired ReadRetired(json::Node node) {
  Retired out;
  for (json::Node item : node) {
    const std::int64_t last = item.AsInt().value_or(1);
    if (item.name() == kFloor) {
      out.floor = last;
    } else {
      out.names[std::string(item.name())] = last;
    }
  }
  return out;
}

void PublishRetired(const char* member, const Retired& retired, json::Writer& out) {
  if (retired.names.empty() && retired.floor == 0) return;
  out.Key(member).BeginObject();
  if (retired.floor > 0) out.Key(kFloor).Int(retired.floor);
  for (const auto& [name, last] : retired.names) out.Key(name).Int(last);
  out.End();
}

}  // namespace guidon::tools
