// What has been triggered and waits for the host, or for the prompt on screen to end. One for each campaign, the
// newest; in the order in which they are offered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon::client {

struct Opportunity {
  std::string campaign;
  std::string unit_id;        // whose it is
  std::string event;          // that triggered it, as ruleset::Trigger::name says; empty: QA forced it
  std::uint64_t trigger = 0;  // ruleset::Trigger::id
  std::vector<std::pair<std::string, Value>> properties;
  std::int32_t priority = 0;
  std::uint64_t order = 0;            // of equals the lower one is first
  std::uint64_t serial = 0;           // of the override, when it is forced
  MonoTime until = MonoTime::max();   // timely up to then
  MonoTime ask_at = MonoTime::min();  // not before

  bool is_forced() const noexcept { return event.empty(); }
};

class Opportunities {
 public:
  // Replaces the campaign's own. Beyond limits::kOpportunities the last in order goes; its campaign comes back.
  std::string Add(Opportunity opportunity);
  void Remove(std::string_view campaign, bool is_forced);
  template <class Doomed>
  void RemoveIf(Doomed doomed) {
    for (auto at = list_.begin(); at != list_.end();) at = doomed(*at) ? list_.erase(at) : at + 1;
  }
  void Clear() { list_.clear(); }

  // Null when there is none.
  Opportunity* Find(std::string_view campaign, bool is_forced);
  // The first whose time to be asked has come, or null.
  Opportunity* NextAt(MonoTime now);
  // When one is to be asked or will not be timely any more; MonoTime::max() for never.
  MonoTime NextMoment(MonoTime now) const;

 private:
  std::vector<Opportunity> list_;  // forced ones first, then by priority
  std::uint64_t added_ = 0;
};

}  // namespace guidon::client
