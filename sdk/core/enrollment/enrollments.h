// Which units met which variant of an experiment's iteration. Written by the commit that accepts the unit's first
// exposure to it, so that a sticky, paused or shipped experiment can leave the unit where it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"

namespace guidon::enrollment {

struct Enrollment {
  std::int64_t iteration = 0;
  std::string variant;
  std::string audience;  // it was met in; empty: none
  Timestamp first{};
  Timestamp last{};  // met again; moves once per UTC day, never back
};

std::string EncodeEnrollment(const Enrollment& enrollment);  // permanent: rows of the store
// Nothing when the bytes are not exactly one enrollment.
std::optional<Enrollment> DecodeEnrollment(std::string_view bytes);

// Of all units this device has been. A value: copying it shares the enrollments. At most limits::kEnrollments; beyond,
// the one last met longest ago goes.
class Enrollments {
 public:
  using Map = std::map<std::string, std::shared_ptr<const Enrollment>, std::less<>>;

  // Null when there is none. Allocates nothing.
  const Enrollment* Find(std::string_view unit_kind, std::string_view unit_id,
                         std::string_view experiment) const noexcept;
  bool empty() const noexcept { return all_.empty(); }

  // The unit met the variant at `met.last`. The first one of an iteration stays, a newer iteration replaces, an older
  // one is not taken. False when nothing changes.
  bool Add(std::string_view unit_kind, std::string_view unit_id, std::string_view experiment, const Enrollment& met);
  // Whether `Add` would change anything.
  bool IsNews(std::string_view unit_kind, std::string_view unit_id, std::string_view experiment,
              const Enrollment& met) const noexcept;
  // What one unit has, for the other where that has none of the experiment. False when nothing changes.
  bool Copy(std::string_view unit_kind, std::string_view from_id, std::string_view to_id);
  // Those of `more`, which came later. What is of the same iteration keeps the variant it has.
  void Merge(const Enrollments& more);

  // By 16 bytes that stand for the unit, and the experiment's key: as rows of the store are named. Permanent.
  const Map& all() const noexcept { return all_; }
  // As a store has it. False when no unit and experiment are named so.
  bool Put(std::string key, Enrollment enrollment);

 private:
  bool AddAt(std::string_view key, const Enrollment& met);
  void DropStalest();

  Map all_;
};

}  // namespace guidon::enrollment
