// What an app tells: that something happened. Goals of experiments are events by name.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon {

struct Property {
  std::string_view name;
  Value value;  // null, bool, int, double or string; lists and objects are dropped and counted
};

using Properties = std::initializer_list<Property>;

enum class EventKind { kTracked, kExposure, kHoldoutExposure, kLossReport };

// One event as the device keeps it; handed to `Client::OnEvent` once it is durable.
struct EventRecord {
  std::string id;  // the same at every sink; for an exposure the same again whenever it is repeated
  EventKind kind = EventKind::kTracked;
  std::string name;     // of a tracked event; the experiment's or holdout's key of an exposure
  std::string variant;  // of an exposure
  Timestamp time{};
  std::optional<double> value;
  std::vector<std::pair<std::string, Value>> properties;
  std::uint64_t sequence = 0;  // 1, 2, 3… in the order this installation made them durable
  bool forced = false;         // an override was in force; never counted in results
};

}  // namespace guidon
