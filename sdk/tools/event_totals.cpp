#include "sdk/tools/event_totals.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "sdk/core/base/text.h"
#include "sdk/tools/short_forms.h"

namespace guidon::tools {
namespace {

using behavior::Measure;
using behavior::Window;
using expression::Tree;

constexpr std::size_t kMostTotals = 60'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

bool IsSameTerm(const EventTotal& term, const Tree& leaf) {
  return term.measure == leaf.measure && term.window == leaf.window;
}

// The most days that a window can have.
std::int64_t DaysOf(Window window) {
  if (window.unit == Window::Unit::kEver || window.unit == Window::Unit::kSession) return kEver;
  // 36 hours may reach into three days.
  return window.unit == Window::Unit::kHours ? (window.length + 22) / 24 + 1 : window.length;
}

bool IsWithin(Window part, Window whole) {
  if (whole.unit == Window::Unit::kEver) return true;
  if (part.unit == whole.unit) return part.length <= whole.length;
  if (whole.unit == Window::Unit::kHours || whole.unit == Window::Unit::kSession) return false;
  // An event's local day and UTC's are at most one apart, and so are those of the present.
  const bool is_mixed = part.unit == Window::Unit::kLocalDays || whole.unit == Window::Unit::kLocalDays;
  return DaysOf(part) <= whole.length - (is_mixed ? 2 : 0);
}

// Whether what `a` asks is never more than what `b` asks.
bool IsAtMost(const EventTotal& a, const EventTotal& b) {
  // Two days of one calendar may be one of another.
  const bool are_days_alike =
      (a.window.unit == Window::Unit::kLocalDays) == (b.window.unit == Window::Unit::kLocalDays);
  return IsWithin(a.window, b.window) && (b.measure == Measure::kCount || (a.measure == b.measure && are_days_alike));
}

bool Holds(expression::Op op, std::int64_t total, std::int64_t value) {
  switch (op) {
    case expression::Op::kEqual: return total == value;
    case expression::Op::kNotEqual: return total != value;
    case expression::Op::kLess: return total < value;
    case expression::Op::kLessEqual: return total <= value;
    case expression::Op::kGreater: return total > value;
    case expression::Op::kGreaterEqual: return total >= value;
    default: return false;
  }
}

// As evaluation/targeting.h says: a total of at least so many answers where every greater one answers the same.
Truths Compare(const Tree& leaf, std::int64_t total, bool is_exact) {
  const std::int64_t value = *leaf.value.AsInt();
  const bool holds = Holds(leaf.op, total, value);
  if (is_exact) return holds ? kTrue : kFalse;
  const bool holds_above = Holds(leaf.op, 1, 0);
  if (total < value || holds != holds_above) return kUnknown;
  return holds ? kTrue : kFalse;
}

std::int64_t DurationOf(const Tree& leaf) { return text::ParseDuration(*leaf.value.AsString())->count(); }

// Likewise of how long ago something was. Not exact: the last one may be younger, down to nothing, the first one older.
Truths CompareAge(const Tree& leaf, std::optional<std::int64_t> age, bool is_exact) {
  if (!age) return kUnknown;
  const bool holds = Holds(leaf.op, *age, DurationOf(leaf));
  const Truths truth = holds ? kTrue : kFalse;
  if (is_exact) return truth;
  const bool is_older = holds == Holds(leaf.op, 1, 0);  // than what is asked for
  if (leaf.measure == Measure::kSinceFirst) return is_older ? truth : kUnknown;
  return is_older ? static_cast<Truths>(truth | kUnknown) : truth;
}

// Whether an event of that age is in the window; nothing where the time of day decides.
std::optional<bool> IsInside(Window window, std::int64_t age) {
  if (window.unit == Window::Unit::kEver) return true;
  if (window.unit == Window::Unit::kSession) return std::nullopt;
  const std::int64_t unit = window.unit == Window::Unit::kHours ? kHourMs : kDayMs;
  const std::int64_t away = window.unit == Window::Unit::kLocalDays ? 2 : 0;  // that a trip may make of it
  if (age >= (window.length + away) * unit) return false;
  if (age <= (window.length - 1 - away) * unit) return true;
  return std::nullopt;
}

class Totals {
 public:
  explicit Totals(const std::vector<const Tree*>& leaves) : leaves_(leaves) {
    std::set<std::int64_t> values = {0, 1};
    std::set<std::int64_t> ages = {0};
    for (const Tree* leaf : leaves) {
      if (behavior::IsElapsed(leaf->measure)) {
        (leaf->measure == Measure::kSinceLast ? asks_last_ : asks_first_) = true;
        for (const std::int64_t step : {-1, 0, 1}) ages.insert(DurationOf(*leaf) + step);
        term_of_.push_back(kNoTerm);
        continue;
      }
      const auto same = [&](const EventTotal& term) { return IsSameTerm(term, *leaf); };
      const auto found = std::find_if(terms_.begin(), terms_.end(), same);
      term_of_.push_back(static_cast<std::size_t>(found - terms_.begin()));
      if (found == terms_.end()) terms_.push_back({leaf->measure, leaf->window, 0});
      asks_session_ = asks_session_ || leaf->window.unit == Window::Unit::kSession;
      for (const std::int64_t step : {-1, 0, 1}) values.insert(std::max<std::int64_t>(0, *leaf->value.AsInt() + step));
    }
    values_.assign(values.begin(), values.end());
    ages_.assign(ages.begin(), ages.end());
  }

  std::vector<EventWay> Run() {
    EventWay unknown;
    unknown.truths.assign(leaves_.size(), kUnknown);
    unknown.is_known = false;
    std::vector<bool> exact(terms_.size(), true);
    Choose(0, &exact);
    std::vector<EventWay> out = std::move(exact_);
    if (seen_.insert(unknown.truths).second) out.push_back(std::move(unknown));
    out.insert(out.end(), inexact_.begin(), inexact_.end());
    if (tried_ <= kMostTotals) return out;
    EventWay anything;
    anything.truths.assign(leaves_.size(), kAnyTruth);
    anything.is_exact = false;
    out.push_back(std::move(anything));
    return out;
  }

 private:
  static constexpr std::size_t kNoTerm = std::numeric_limits<std::size_t>::max();

  // Exact ones are offered first, so that whatever a history can tell is told by one.
  void Choose(std::size_t at, std::vector<bool>* exact) {
    if (++tried_ > kMostTotals) return;
    if (at == terms_.size()) return ChooseAges(exact);
    for (const std::int64_t value : values_) {
      terms_[at].value = value;
      if (terms_[at].measure == Measure::kActiveDays && value > DaysOf(terms_[at].window)) break;
      bool fits = true;
      for (std::size_t i = 0; i < at && fits; ++i) {
        fits = !(IsAtMost(terms_[i], terms_[at]) && terms_[i].value > value) &&
               !(IsAtMost(terms_[at], terms_[i]) && value > terms_[i].value);
      }
      if (fits) Choose(at + 1, exact);
    }
  }

  // Whoever never did it has no ages.
  void ChooseAges(std::vector<bool>* exact) {
    chosen_ = EventAges();
    const bool has_some =
        std::any_of(terms_.begin(), terms_.end(), [](const EventTotal& term) { return term.value > 0; });
    if (!has_some || (!asks_last_ && !asks_first_)) ChooseExactness(exact);
    for (const std::int64_t age : ages_) {
      if (asks_last_ && !FitsLast(age)) continue;
      if (asks_last_) {
        chosen_.last = age;
        if (!asks_first_) ChooseExactness(exact);
      }
      if (asks_first_) ChooseFirst(age, exact);
      if (tried_ > kMostTotals) return;
    }
  }

  void ChooseFirst(std::int64_t last, std::vector<bool>* exact) {
    for (const std::int64_t age : ages_) {
      if (asks_last_ ? age < last : age != last) continue;
      if (!FitsAny(age) || ++tried_ > kMostTotals) continue;
      chosen_.first = age;
      ChooseExactness(exact);
    }
  }

  // Whether one event can be of that age.
  bool FitsAny(std::int64_t age) const {
    return std::all_of(terms_.begin(), terms_.end(), [age](const EventTotal& term) {
      return term.value > 0 || !IsInside(term.window, age).value_or(false);
    });
  }
  // Whether none is younger.
  bool FitsLast(std::int64_t age) const {
    return FitsAny(age) && std::all_of(terms_.begin(), terms_.end(), [age](const EventTotal& term) {
             return term.value == 0 || IsInside(term.window, age).value_or(true);
           });
  }

  void ChooseExactness(std::vector<bool>* exact) {
    for (const bool are_exact : {true, false}) {
      if (!are_exact && !chosen_.last && !chosen_.first) continue;
      are_ages_exact_ = are_exact;
      ChooseExactTerms(exact);
    }
    are_ages_exact_ = true;
  }

  void ChooseExactTerms(std::vector<bool>* exact) {
    const bool is_told = are_ages_exact_ && !asks_session_;
    Offer(*exact, is_told, is_told ? &exact_ : &inexact_);
    if (terms_.size() > 10) {
      tried_ = kMostTotals + 1;
      return;
    }
    for (std::size_t set = 1; set < std::size_t{1} << terms_.size(); ++set) {
      for (std::size_t i = 0; i < terms_.size(); ++i) (*exact)[i] = (set >> i & 1) == 0;
      ++tried_;
      Offer(*exact, false, &inexact_);
    }
    exact->assign(terms_.size(), true);
  }

  void Offer(const std::vector<bool>& exact, bool is_exact, std::vector<EventWay>* out) {
    EventWay way;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const Tree& leaf = *leaves_[i];
      if (term_of_[i] == kNoTerm) {
        const auto& age = leaf.measure == Measure::kSinceLast ? chosen_.last : chosen_.first;
        way.truths.push_back(CompareAge(leaf, age, are_ages_exact_));
      } else {
        way.truths.push_back(Compare(leaf, terms_[term_of_[i]].value, exact[term_of_[i]]));
      }
    }
    std::set<std::vector<Truths>>& seen = is_exact ? seen_ : seen_inexact_;
    if (!seen.insert(way.truths).second) return;
    way.totals = terms_;
    way.ages = chosen_;
    way.is_exact = is_exact;
    out->push_back(std::move(way));
  }

  const std::vector<const Tree*>& leaves_;
  std::vector<EventTotal> terms_;
  std::vector<std::size_t> term_of_;  // by leaf; kNoTerm where an age is asked
  std::vector<std::int64_t> ages_;    // worth trying
  bool asks_last_ = false;
  bool asks_first_ = false;
  bool asks_session_ = false;  // of which no history tells
  EventAges chosen_;
  bool are_ages_exact_ = true;
  std::vector<std::int64_t> values_;
  std::vector<EventWay> exact_;
  std::vector<EventWay> inexact_;
  std::set<std::vector<Truths>> seen_;
  std::set<std::vector<Truths>> seen_inexact_;
  std::size_t tried_ = 0;
};

std::int64_t FloorTo(std::int64_t ms, std::int64_t unit) { return ms - ((ms % unit) + unit) % unit; }

std::int64_t StartOf(Window window, std::int64_t now) {
  switch (window.unit) {
    case Window::Unit::kEver: return FloorTo(now, kDayMs) - 1'000 * kDayMs;
    case Window::Unit::kHours: return FloorTo(now, kHourMs) - (window.length - 1) * kHourMs;
    case Window::Unit::kDays:
    case Window::Unit::kLocalDays: return FloorTo(now, kDayMs) - (window.length - 1) * kDayMs;
    case Window::Unit::kSession: break;  // no history tells when one began
  }
  return now;
}

// From the shortest window outwards: what a longer one has more happened before the shorter one began.
std::vector<HistoryEntry> HistoryOfTotals(const std::string& event, const std::vector<EventTotal>& totals,
                                          Timestamp now) {
  struct Wanted {
    std::int64_t start = 0;
    std::int64_t count = -1;  // -1: not asked
    std::int64_t days = -1;
  };
  std::vector<Wanted> windows;
  for (const EventTotal& total : totals) {
    const std::int64_t start = StartOf(total.window, ToMs(now));
    auto same = std::find_if(windows.begin(), windows.end(), [&](const Wanted& w) { return w.start == start; });
    if (same == windows.end()) same = windows.insert(windows.end(), Wanted{start, -1, -1});
    (total.measure == Measure::kCount ? same->count : same->days) = total.value;
  }
  std::sort(windows.begin(), windows.end(), [](const Wanted& a, const Wanted& b) { return a.start > b.start; });
  std::vector<HistoryEntry> out;
  std::int64_t counted = 0;
  std::int64_t days = 0;
  std::int64_t last_day = std::numeric_limits<std::int64_t>::max();
  for (const Wanted& wanted : windows) {
    // Where days are asked alone once a day is enough; where times are, one day is.
    std::int64_t more_days = std::max<std::int64_t>(0, wanted.days - days);
    const std::int64_t more = wanted.count >= 0 ? std::max<std::int64_t>(0, wanted.count - counted) : more_days;
    if (wanted.days < 0) more_days = more > 0 ? 1 : 0;
    if (more > kHistoryTimes || more_days > 1'000) return {};
    for (std::int64_t i = 0; i < more_days && i < more; ++i) {
      const std::int64_t at = wanted.start + i * kDayMs;
      if (at > ToMs(now)) break;
      HistoryEntry entry;
      entry.at = TimestampFromMs(at);
      entry.event = event;
      entry.times = i == 0 ? more - (std::min(more_days, more) - 1) : 1;
      counted += entry.times;
      const std::int64_t day = FloorTo(at, kDayMs);
      if (day != last_day) ++days;
      last_day = day;
      out.push_back(std::move(entry));
    }
  }
  std::sort(out.begin(), out.end(), [](const HistoryEntry& a, const HistoryEntry& b) { return a.at < b.at; });
  return out;
}

}  // namespace

std::vector<EventWay> EventWaysOf(const std::vector<const Tree*>& leaves) { return Totals(leaves).Run(); }

// Between the ages that are asked for, and with one event at each of them: the youngest moves there, and the oldest is
// one more where that changes no count of all there ever was.
std::vector<HistoryEntry> HistoryOf(const std::string& event, const EventWay& way, Timestamp now) {
  std::vector<HistoryEntry> out = HistoryOfTotals(event, way.totals, now);
  const auto at = [now](std::int64_t age) { return now - Duration(age); };
  for (HistoryEntry& entry : out) {
    if (way.ages.first) entry.at = std::max(entry.at, at(*way.ages.first));
    if (way.ages.last) entry.at = std::min(entry.at, at(*way.ages.last));
  }
  HistoryEntry one;
  one.event = event;
  if (way.ages.last) {
    if (out.empty()) out.push_back(one);
    out.back().at = at(*way.ages.last);
  }
  if (!way.ages.first) return out;
  const bool is_each_counted = std::any_of(way.totals.begin(), way.totals.end(), [](const EventTotal& total) {
    return total.window.unit == Window::Unit::kEver;
  });
  one.at = at(*way.ages.first);
  if (out.empty() || (!is_each_counted && out.front().at > one.at)) out.insert(out.begin(), one);
  if (out.size() > 1 || !way.ages.last) out.front().at = one.at;
  return out;
}

}  // namespace guidon::tools
