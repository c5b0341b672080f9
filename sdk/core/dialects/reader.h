// Reading members of the datafile with a pointer to each and a report of whatever is not as it should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/limits.h"
#include "guidon/problem.h"
#include "guidon/time.h"
#include "sdk/core/base/json.h"

namespace guidon::dialects {

class Problems {
 public:
  void Error(std::string pointer, std::string reason) { Add({std::move(pointer), std::move(reason), true}); }
  void Warning(std::string pointer, std::string reason) { Add({std::move(pointer), std::move(reason), false}); }

  std::vector<Problem> Take() { return std::move(problems_); }
  std::size_t more() const noexcept { return more_; }
  std::size_t errors() const noexcept { return errors_; }

 private:
  void Add(Problem problem);
  std::vector<Problem> problems_;
  std::size_t more_ = 0;
  std::size_t errors_ = 0;
};

// A node, or a member that is missing. Readers report and give nothing when it is not what is wanted; only a report
// asks for the pointer that leads here.
class Place {
 public:
  Place(json::Node node, Problems* problems) : node_(node), problems_(problems) {}

  json::Node node() const noexcept { return node_; }
  bool exists() const noexcept { return node_.exists(); }
  std::string Pointer() const;

  // A member, also one that is missing. `name` must outlive the place, as literals do.
  Place Member(std::string_view name) const;
  Place Child(json::Node child) const { return Place(child, problems_); }

  bool IsObject() const;  // reports when it is not
  bool IsArray() const;
  std::optional<std::string> Text() const;
  std::optional<std::int64_t> Int(std::int64_t least, std::int64_t most) const;
  std::optional<bool> Bool() const;
  std::optional<Timestamp> Time() const;
  // [A-Za-z0-9._-]{1,most}
  std::optional<std::string> Name(std::size_t most) const;

  // Members that may be missing.
  bool BoolOr(bool fallback) const { return exists() ? Bool().value_or(fallback) : fallback; }

  void Error(std::string reason) const { problems_->Error(Pointer(), std::move(reason)); }
  void Warning(std::string reason) const { problems_->Warning(Pointer(), std::move(reason)); }

  // `most` items or members at most; reports.
  bool HasAtMost(std::size_t most, std::string_view of_what) const;

 private:
  bool Is(json::Type type) const;
  json::Node node_;
  json::Node parent_;              // when this is missing
  std::string_view missing_name_;  // in the parent
  Problems* problems_;
};

struct Bounds {
  Duration least;
  Duration most;
  const char* text;
};
inline constexpr Duration kLongestWindow{std::int64_t{limits::kBehaviorDays} * 24 * 3'600'000};
inline constexpr Bounds kWindowBounds{Duration(60'000), kLongestWindow, "from 1m to 400d"};

// A length of time; "0s", which is none otherwise, where `least` is 0. Reports.
std::optional<Duration> LoadDuration(const Place& place, const Bounds& bounds);
// So many bytes; reports.
std::optional<std::string> LoadText(const Place& place, std::size_t least, std::size_t most);

bool IsName(std::string_view text, std::size_t most) noexcept;

}  // namespace guidon::dialects
