// Names that are gone, each with the last number its salt had, so that no salt comes back for other people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::tools {

// Of each kind of thing.
inline constexpr std::size_t kRetiredNames = 1'000;

struct Retired {
  std::map<std::string, std::int64_t> names;
  // Names that are not listed may have used the numbers up to this one.
  std::int64_t floor = 0;

  // Whatever carries this name begins above it. 0: nothing did before.
  std::int64_t LastOf(std::string_view name) const;
  void Add(const std::string& name, std::int64_t last);
  // When there are more than kRetiredNames, gives up those with the lowest number and begins all others above it:
  // salts that are passed over cost nothing, and one that comes back costs somebody's results.
  void Bound();
};

// {"a": 3, "*": 1}, where no name can be the star, which is the floor.
Retired ReadRetired(json::Node node);
// Writes nothing where there is nothing to remember.
void PublishRetired(const char* member, const Retired& retired, json::Writer& out);

}  // namespace guidon::tools
