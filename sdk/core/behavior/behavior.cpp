#include "sdk/core/behavior/behavior.h"

#include <algorithm>
#include <limits>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"
#include "sdk/core/base/local_time.h"

namespace guidon::behavior {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// Times are kept within this of 1970, and with them everything that is calculated here within its type.
constexpr std::int64_t kFarthestMs = 1'000'000'000'000'000;
// The first is of series whose local days are UTC's.
constexpr std::uint8_t kSeriesVersion = 1;
constexpr std::uint8_t kLocalSeriesVersion = 2;

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) noexcept { return value / by - (value % by < 0 ? 1 : 0); }

std::int64_t NearMs(Timestamp time) noexcept { return std::clamp(ToMs(time), -kFarthestMs, kFarthestMs); }
bool IsNear(Timestamp time) noexcept { return NearMs(time) == ToMs(time); }

bool IsBefore(const Series::Bucket& bucket, std::int64_t number) noexcept { return bucket.number < number; }

enum class Bumped { kAgain, kNew, kTooOld };

// The oldest bucket goes for a new one; what is older than all of a full list is not let in. So nothing is ever missing
// from the first bucket on: Ask relies on it.
Bumped Bump(std::vector<Series::Bucket>* buckets, std::int64_t number, std::size_t most) {
  const auto at = std::lower_bound(buckets->begin(), buckets->end(), number, IsBefore);
  if (at != buckets->end() && at->number == number) {
    if (at->count < std::numeric_limits<std::uint32_t>::max()) ++at->count;
    return Bumped::kAgain;
  }
  if (buckets->size() >= most && at == buckets->begin()) return Bumped::kTooOld;
  buckets->insert(at, {number, 1});
  if (buckets->size() > most) buckets->erase(buckets->begin());
  return Bumped::kNew;
}

bool AreAlike(const std::vector<Series::Bucket>& a, const std::vector<Series::Bucket>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Series::Bucket& x, const Series::Bucket& y) {
    return x.number == y.number && x.count == y.count;
  });
}

void WriteBuckets(const std::vector<Series::Bucket>& buckets, ByteWriter* out) {
  out->Number(buckets.size());
  std::uint64_t before = 0;
  for (const Series::Bucket& bucket : buckets) {
    const auto number = static_cast<std::uint64_t>(bucket.number);
    out->Signed(static_cast<std::int64_t>(number - before));
    out->Number(bucket.count);
    before = number;
  }
}

bool ReadBuckets(ByteReader* in, std::int64_t bucket_ms, std::size_t most, std::vector<Series::Bucket>* buckets) {
  const std::size_t count = in->Count();
  if (count > most) return false;
  const std::int64_t farthest = kFarthestMs / bucket_ms + 1;
  buckets->reserve(count);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count && in->ok(); ++i) {
    const std::int64_t before = static_cast<std::int64_t>(number);
    number += static_cast<std::uint64_t>(in->Signed());
    const auto now = static_cast<std::int64_t>(number);
    const std::uint64_t times = in->Number();
    if (times == 0 || times > std::numeric_limits<std::uint32_t>::max()) return false;
    if (now < -farthest || now > farthest || (i > 0 && now <= before)) return false;
    buckets->push_back({now, static_cast<std::uint32_t>(times)});
  }
  return in->ok();
}

// What no sequence of events leads to would have rules count wrongly from then on.
bool CanBe(const Series& series) noexcept {
  std::uint64_t in_hours = 0;
  std::uint64_t in_days = 0;
  for (const Series::Bucket& bucket : series.hours) in_hours += bucket.count;
  for (const Series::Bucket& bucket : series.days) in_days += bucket.count;
  std::uint64_t in_local_days = 0;
  for (const Series::Bucket& bucket : series.local_days) in_local_days += bucket.count;
  return IsNear(series.first) && IsNear(series.last) && series.first <= series.last && in_hours <= series.ever &&
         in_days <= series.ever && in_local_days <= series.ever && series.days.size() <= series.ever_days &&
         series.ever_days <= series.ever &&
         (series.forgotten_before == Timestamp::min() || IsNear(series.forgotten_before));
}

// Of the calendar of a clock that is so far ahead of UTC. Offsets are less than a day.
std::int64_t LocalDay(Timestamp when, Duration utc_offset) noexcept {
  return FloorDiv(NearMs(when) + std::clamp<std::int64_t>(utc_offset.count(), -kDayMs, kDayMs), kDayMs);
}

std::int64_t ToTotal(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

// Of the buckets from `first` on, those behind `current` as if they were it.
std::int64_t Sum(const Series::Bucket* first, const Series::Bucket* end, const Term& term, std::int64_t current) {
  const std::int64_t buckets_a_day = term.window.unit == Window::Unit::kHours ? 24 : 1;
  std::int64_t sum = 0;
  std::int64_t last_day = std::numeric_limits<std::int64_t>::min();
  for (const Series::Bucket* bucket = first; bucket != end; ++bucket) {
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
Total MomentOf(Measure measure, const Series* series, Timestamp forgotten_before) noexcept {
  Total total;
  total.is_exact = forgotten_before == Timestamp::min();
  total.has_happened = series != nullptr;
  if (series == nullptr) return total;
  if (measure == Measure::kSinceFirst) {
    total.latest = ToMs(series->first);
    total.value = total.is_exact ? total.latest : -kFarthestMs;
    return total;
  }
  total.value = total.latest = ToMs(series->last);
  total.is_exact = forgotten_before <= series->last + Duration(1);
  if (!total.is_exact) total.latest = NearMs(forgotten_before - Duration(1));
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
  const bool is_local = window.unit == Window::Unit::kLocalDays;
  return std::to_string(window.length) + (window.unit == Window::Unit::kHours ? "h" : is_local ? "cd" : "d");
}

std::string EncodeSeries(const Series& series) {
  ByteWriter out;
  const bool is_local = !AreAlike(series.days, series.local_days);
  out.Byte(is_local ? kLocalSeriesVersion : kSeriesVersion);
  out.Number(series.ever);
  out.Number(series.ever_days);
  out.Signed(ToMs(series.first));
  out.Signed(ToMs(series.last));
  const bool is_whole = series.forgotten_before == Timestamp::min();
  out.Bool(is_whole);
  if (!is_whole) out.Signed(ToMs(series.forgotten_before));
  WriteBuckets(series.hours, &out);
  WriteBuckets(series.days, &out);
  if (is_local) WriteBuckets(series.local_days, &out);
  return out.Take();
}

std::optional<Series> DecodeSeries(std::string_view bytes) {
  ByteReader in(bytes);
  Series series;
  const std::uint8_t version = in.Byte();
  if (version != kSeriesVersion && version != kLocalSeriesVersion) return std::nullopt;
  series.ever = in.Number();
  series.ever_days = in.Number();
  series.first = TimestampFromMs(in.Signed());
  series.last = TimestampFromMs(in.Signed());
  if (!in.Bool()) series.forgotten_before = TimestampFromMs(in.Signed());
  if (!ReadBuckets(&in, kHourMs, limits::kBehaviorHours, &series.hours)) return std::nullopt;
  if (!ReadBuckets(&in, kDayMs, limits::kBehaviorDays, &series.days)) return std::nullopt;
  if (version == kSeriesVersion) {
    series.local_days = series.days;
  } else if (!ReadBuckets(&in, kDayMs, limits::kBehaviorDays, &series.local_days) ||
             AreAlike(series.days, series.local_days)) {
    return std::nullopt;  // each series is written in one way
  }
  if (!in.ok() || !in.at_end() || !CanBe(series)) return std::nullopt;
  return series;
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

std::string Behavior::Add(std::string_view event, Timestamp when, Duration utc_offset) {
  auto at = series_.find(event);
  std::string forgotten;
  if (at == series_.end()) {
    if (series_.size() >= limits::kBehaviorEvents) forgotten = ForgetStalest();
    Series fresh;
    fresh.forgotten_before = forgotten_before_;
    at = series_.emplace(std::string(event), std::make_shared<const Series>(std::move(fresh))).first;
  }
  Series series = *at->second;
  const std::int64_t ms = NearMs(when);
  const Timestamp near = TimestampFromMs(ms);
  if (series.ever == 0 || near < series.first) series.first = near;
  if (series.ever == 0 || near > series.last) series.last = near;
  if (series.ever < std::numeric_limits<std::uint64_t>::max()) ++series.ever;
  Bump(&series.hours, FloorDiv(ms, kHourMs), limits::kBehaviorHours);
  const std::int64_t day = FloorDiv(ms, kDayMs);
  switch (Bump(&series.days, day, limits::kBehaviorDays)) {
    case Bumped::kAgain: break;
    case Bumped::kNew: ++series.ever_days; break;
    case Bumped::kTooOld:
      // Nobody can tell whether that day was counted.
      series.forgotten_before = std::max(series.forgotten_before, TimestampFromMs((day + 1) * kDayMs));
      break;
  }
  Bump(&series.local_days, LocalDay(near, utc_offset), limits::kBehaviorDays);
  at->second = std::make_shared<const Series>(std::move(series));
  return forgotten;
}

std::string Behavior::Put(std::string event, Series series) {
  series_[std::move(event)] = std::make_shared<const Series>(std::move(series));
  return series_.size() > limits::kBehaviorEvents ? ForgetStalest() : std::string();
}

Total Behavior::Ask(const Term& term, Timestamp now, const UtcOffset& utc_offset) const {
  Total total;
  const Series* series = Find(term.event);
  const Timestamp forgotten_before = series == nullptr ? forgotten_before_ : series->forgotten_before;
  if (IsElapsed(term.measure)) return MomentOf(term.measure, series, forgotten_before);
  if (term.window.unit == Window::Unit::kEver) {
    total.is_exact = forgotten_before == Timestamp::min();
    if (series == nullptr) return total;
    total.value = ToTotal(term.measure == Measure::kCount ? series->ever : series->ever_days);
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
  if (series != nullptr) {
    const std::vector<Series::Bucket>& of_days =
        term.window.unit == Window::Unit::kLocalDays ? series->local_days : series->days;
    const std::vector<Series::Bucket>& buckets = by_hour ? series->hours : of_days;
    const std::size_t most = by_hour ? limits::kBehaviorHours : limits::kBehaviorDays;
    const auto at = std::lower_bound(buckets.begin(), buckets.end(), first, IsBefore);
    if (buckets.size() >= most && first < buckets.front().number) total.is_exact = false;
    const Series::Bucket* end = buckets.data() + buckets.size();
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

const Series* Behavior::Find(std::string_view event) const noexcept {
  const auto at = series_.find(event);
  return at == series_.end() ? nullptr : at->second.get();
}

}  // namespace guidon::behavior
