#include "sdk/core/behavior/behavior.h"

#include <algorithm>
#include <limits>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::behavior {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// Times are kept within this of 1970, and with them everything that is calculated here within its type.
constexpr std::int64_t kFarthestMs = 1'000'000'000'000'000;
constexpr std::uint8_t kSeriesVersion = 1;

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
  return IsNear(series.first) && IsNear(series.last) && series.first <= series.last && in_hours <= series.ever &&
         in_days <= series.ever && series.days.size() <= series.ever_days && series.ever_days <= series.ever &&
         (series.forgotten_before == Timestamp::min() || IsNear(series.forgotten_before));
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
  std::uint32_t number = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  const char unit = text.back();
  if (unit == 'w') number *= 7;
  const std::size_t most = unit == 'h' ? limits::kBehaviorHours : limits::kBehaviorDays;
  if ((unit != 'h' && unit != 'd' && unit != 'w') || number == 0 || number > most) return std::nullopt;
  return Window{unit == 'h' ? Window::Unit::kHours : Window::Unit::kDays, static_cast<std::uint16_t>(number)};
}

std::string WindowText(Window window) {
  if (window.unit == Window::Unit::kEver) return "ever";
  return std::to_string(window.length) + (window.unit == Window::Unit::kHours ? "h" : "d");
}

std::string EncodeSeries(const Series& series) {
  ByteWriter out;
  out.Byte(kSeriesVersion);
  out.Number(series.ever);
  out.Number(series.ever_days);
  out.Signed(ToMs(series.first));
  out.Signed(ToMs(series.last));
  const bool is_whole = series.forgotten_before == Timestamp::min();
  out.Bool(is_whole);
  if (!is_whole) out.Signed(ToMs(series.forgotten_before));
  WriteBuckets(series.hours, &out);
  WriteBuckets(series.days, &out);
  return out.Take();
}

std::optional<Series> DecodeSeries(std::string_view bytes) {
  ByteReader in(bytes);
  Series series;
  if (in.Byte() != kSeriesVersion) return std::nullopt;
  series.ever = in.Number();
  series.ever_days = in.Number();
  series.first = TimestampFromMs(in.Signed());
  series.last = TimestampFromMs(in.Signed());
  if (!in.Bool()) series.forgotten_before = TimestampFromMs(in.Signed());
  if (!ReadBuckets(&in, kHourMs, limits::kBehaviorHours, &series.hours)) return std::nullopt;
  if (!ReadBuckets(&in, kDayMs, limits::kBehaviorDays, &series.days)) return std::nullopt;
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

std::string Behavior::Add(std::string_view event, Timestamp when) {
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
  at->second = std::make_shared<const Series>(std::move(series));
  return forgotten;
}

std::string Behavior::Put(std::string event, Series series) {
  series_[std::move(event)] = std::make_shared<const Series>(std::move(series));
  return series_.size() > limits::kBehaviorEvents ? ForgetStalest() : std::string();
}

Total Behavior::Ask(const Term& term, Timestamp now) const {
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
  const bool by_hour = term.window.unit == Window::Unit::kHours;
  const std::int64_t bucket_ms = by_hour ? kHourMs : kDayMs;
  const std::int64_t current = FloorDiv(NearMs(now), bucket_ms);
  const std::int64_t first = current - term.window.length + 1;
  total.is_exact = forgotten_before <= TimestampFromMs(first * bucket_ms);
  std::int64_t changes_at = std::numeric_limits<std::int64_t>::max();
  if (series != nullptr) {
    const std::vector<Series::Bucket>& buckets = by_hour ? series->hours : series->days;
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
  const bool changes = IsNear(now) && changes_at < std::numeric_limits<std::int64_t>::max();
  if (changes) total.valid_until = TimestampFromMs(changes_at * bucket_ms);
  return total;
}

const Series* Behavior::Find(std::string_view event) const noexcept {
  const auto at = series_.find(event);
  return at == series_.end() ? nullptr : at->second.get();
}

}  // namespace guidon::behavior
