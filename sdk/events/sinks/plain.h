// What the sinks that write plain JSON have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/events/event.h"

namespace guidon::events::plain {

// The members of an object of which some names come from the app: a name that is taken is written as "property_…", and
// not at all when that is taken, too.
class Members {
 public:
  explicit Members(json::Writer* json) : json_(json) {}

  // Ours. Empty texts are left out.
  void Text(std::string_view name, std::string_view value);
  void Number(std::string_view name, std::int64_t value);
  void True(std::string_view name, bool value);  // only when it is
  void Any(std::string_view name, const Value& value);
  // The app's.
  void Add(const std::vector<std::pair<std::string, Value>>& entries);

 private:
  bool Take(std::string_view name);
  json::Writer* json_;
  std::vector<std::string> taken_;
};

// RFC 3339 in UTC.
std::string TimeText(Timestamp time);

// The id of the unit of that kind; empty when the event knows none.
std::string_view UnitId(const Fact& fact, std::string_view kind);

// "exposure", "holdout_exposure", "event", "prompt", "loss_report", "deletion_request", "evaluation_summary".
std::string_view KindName(EventKind kind);

// What is known of an exposure or prompt, apart from the app's own: names as in docs/formats/events.md, each after
// `prefix`.
void WriteDetails(const Event& event, std::string_view prefix, Members* members);

}  // namespace guidon::events::plain
