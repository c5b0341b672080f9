#include "sdk/core/behavior/behavior.h"

#include <algorithm>
#include <limits>

#include "guidon/limits.h"
#include "sdk/core/base/local_time.h"

namespace guidon::behavior {
namespace {

std::int64_t ToTotal(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

// Of the buckets from `first` on, those behind `current` as if they were it.
std::int64_t Sum(const Tally::Bucket* first, const Tally::Bucket* end, const Term& term, std::int64_t current) {
  const std::int64_t buckets_a_day = term.window.unit == Window::Unit::kHours ? 24 : 1;
  std::int64_t sum = 0;
  std::int64_t last_day = std::numeric_limits<std::int64_t>::min();
  for (const Tally::Bucket* bucket = first; bucket != end; ++bucket) {
    const std::int64_t day = FloorDiv(std::min(bucket->number, current), buckets_a_day);
    if (term.measure == Measure::kCount) {
      sum += bucket->count;
    } else if (day != last_day) {
      ++sum;
    }
    last_day = day;
  }
  return sum;
}

// The event was from `value` to `latest`. A last one that is known bounds what is forgotten from below; of a first one
// nothing does.
Total MomentOf(Measure measure, const Tally* tally, Timestamp forgotten_before) noexcept {
  Total total;
  total.is_exact = forgotten_before == Timestamp::min();
  total.has_happened = tally != nullptr && tally->ever > 0;
  if (!total.has_happened) return total;
  if (measure == Measure::kSinceFirst) {
    total.latest = ToMs(tally->first);
    total.value = total.is_exact ? total.latest : -kFarthestMs;
    return total;
  }
  total.value = total.latest = ToMs(tally->last);
  total.is_exact = forgotten_before <= tally->last + Duration(1);
  if (!total.is_exact) total.latest = NearMs(forgotten_before - Duration(1));
  return total;
}

// Forgotten is what names were dropped for others, or what nobody looked at yet.
Total OfSession(const Session& session, const Tally* tally, Timestamp forgotten_before) noexcept {
  if (session.number == 0) return Behavior::Unknown();
  Total total;
  total.is_exact = forgotten_before == Timestamp::min() || forgotten_before <= session.began;
  if (tally != nullptr && tally->session == session.number) total.value = tally->in_session;
  return total;
}

// Null: none of it is known.
Total AskTally(const Term& term, const Tally* tally, Timestamp forgotten_before, Timestamp now,
               const UtcOffset& utc_offset, const Session& session) {
  if (IsElapsed(term.measure)) return MomentOf(term.measure, tally, forgotten_before);
  if (term.window.unit == Window::Unit::kSession) return OfSession(session, tally, forgotten_before);
  Total total;
  if (term.window.unit == Window::Unit::kEver) {
    total.is_exact = forgotten_before == Timestamp::min();
    if (tally == nullptr) return total;
    total.value = ToTotal(term.measure == Measure::kCount ? tally->ever : tally->ever_days);
    return total;
  }
  const bool is_local = term.window.unit == Window::Unit::kLocalDays && utc_offset != nullptr;
  const auto offset_at = [&](Timestamp when) { return is_local ? utc_offset(when) : Duration(0); };
  const bool by_hour = term.window.unit == Window::Unit::kHours;
  const std::int64_t bucket_ms = by_hour ? kHourMs : kDayMs;
  const std::int64_t current = by_hour ? FloorDiv(NearMs(now), kHourMs) : LocalDay(now, offset_at(now));
  const std::int64_t first = current - term.window.length + 1;
  // What was forgotten ended on a day before the first.
  total.is_exact = forgotten_before == Timestamp::min() ||
                   NearMs(forgotten_before) + offset_at(forgotten_before).count() <= first * bucket_ms;
  std::int64_t changes_at = std::numeric_limits<std::int64_t>::max();
  if (tally != nullptr) {
    const std::vector<Tally::Bucket>& of_days =
        term.window.unit == Window::Unit::kLocalDays ? tally->local_days : tally->days;
    const std::vector<Tally::Bucket>& buckets = by_hour ? tally->hours : of_days;
    const std::size_t most = by_hour ? limits::kBehaviorHours : limits::kBehaviorDays;
    const auto at =
        std::lower_bound(buckets.begin(), buckets.end(), first,
                         [](const Tally::Bucket& bucket, std::int64_t number) { return bucket.number < number; });
    if (buckets.size() >= most && first < buckets.front().number) total.is_exact = false;
    const Tally::Bucket* end = buckets.data() + buckets.size();
    total.value = Sum(buckets.data() + (at - buckets.begin()), end, term, current);
    if (at != buckets.end()) changes_at = at->number + term.window.length;  // it leaves the window
    // Days ahead of the clock are one day now, and come to be days of their own.
    const bool is_spread = at != buckets.end() && buckets.back().number > current;
    if (is_spread && term.measure == Measure::kActiveDays) changes_at = current + 1;
  }
  if (!total.is_exact) changes_at = current + 1;  // the window may move off what is forgotten
  if (!IsNear(now) || changes_at == std::numeric_limits<std::int64_t>::max()) return total;
  total.valid_until = TimestampFromMs(changes_at * bucket_ms);
  if (is_local) total.valid_until = WhenClockReads(total.valid_until, utc_offset);
  return total;
}

}  // namespace

std::string_view MeasureName(Measure measure) noexcept {
  switch (measure) {
    case Measure::kCount: return "count";
    case Measure::kActiveDays: return "active_days";
    case Measure::kSinceLast: return "since_last";
    case Measure::kSinceFirst: return "since_first";
  }
  return "count";
}

std::optional<Window> ParseWindow(std::string_view text) {
  if (text == "ever") return Window();
  if (text == "session") return Window{Window::Unit::kSession, 0};
  if (text.size() < 2 || text.size() > 5) return std::nullopt;
  const char unit = text.back();
  text.remove_suffix(1);
  const bool is_local = unit == 'd' && text.back() == 'c';
  if (is_local) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (unit == 'w') number *= 7;
  const std::size_t most = unit == 'h' ? limits::kBehaviorHours : limits::kBehaviorDays;
  if ((unit != 'h' && unit != 'd' && unit != 'w') || number == 0 || number > most) return std::nullopt;
  const Window::Unit days = is_local ? Window::Unit::kLocalDays : Window::Unit::kDays;
  return Window{unit == 'h' ? Window::Unit::kHours : days, static_cast<std::uint16_t>(number)};
}

std::string WindowText(Window window) {
  if (window.unit == Window::Unit::kEver) return "ever";
  if (window.unit == Window::Unit::kSession) return "session";
  const bool is_local = window.unit == Window::Unit::kLocalDays;
  return std::to_string(window.length) + (window.unit == Window::Unit::kHours ? "h" : is_local ? "cd" : "d");
}

void Behavior::ForgetBefore(Timestamp since) { forgotten_before_ = std::max(forgotten_before_, since); }

std::string Behavior::ForgetStalest() {
  const auto stalest = std::min_element(series_.begin(), series_.end(),
                                        [](const auto& a, const auto& b) { return a.second->last < b.second->last; });
  ForgetBefore(std::max(stalest->second->last + Duration(1), stalest->second->forgotten_before));
  std::string name = stalest->first;
  series_.erase(stalest);
  return name;
}

std::string Behavior::Add(std::string_view event, Timestamp when, Duration utc_offset, const std::vector<Look>& looks,
                          std::uint32_t session) {
  auto at = series_.find(event);
  std::string forgotten;
  if (at == series_.end()) {
    if (series_.size() >= limits::kBehaviorEvents) forgotten = ForgetStalest();
    Series fresh;
    fresh.forgotten_before = forgotten_before_;
    at = series_.emplace(std::string(event), std::make_shared<const Series>(std::move(fresh))).first;
  }
  Series series = *at->second;
  AddTo(&series, when, utc_offset, looks, session);
  at->second = std::make_shared<const Series>(std::move(series));
  return forgotten;
}

void Behavior::KeepSession(const Behavior& before) {
  for (auto& [name, series] : series_) {
    const Series* was = before.Find(name);
    if (was == nullptr || was->session == 0) continue;
    Series kept = *series;
    behavior::KeepSession(*was, &kept);
    series = std::make_shared<const Series>(std::move(kept));
  }
}

std::string Behavior::Put(std::string event, Series series) {
  series_[std::move(event)] = std::make_shared<const Series>(std::move(series));
  return series_.size() > limits::kBehaviorEvents ? ForgetStalest() : std::string();
}

Total Behavior::Ask(const Term& term, Timestamp now, const UtcOffset& utc_offset, const Session& session) const {
  const Series* series = Find(term.tracked());
  if (series == nullptr) return AskTally(term, nullptr, forgotten_before_, now, utc_offset, session);
  if (term.part == 0) return AskTally(term, series, series->forgotten_before, now, utc_offset, session);
  const auto at = series->parts.find(term.part);
  const Series::Part* part = at == series->parts.end() ? nullptr : &at->second;
  return AskTally(term, part, MissingBefore(*series, part), now, utc_offset, session);
}

const Series* Behavior::Find(std::string_view event) const noexcept {
  const auto at = series_.find(event);
  return at == series_.end() ? nullptr : at->second.get();
}

}  // namespace guidon::behavior
