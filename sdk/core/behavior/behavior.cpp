#include "sdk/core/behavior/behavior.h"

#include <algorithm>
#include <limits>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::behavior {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::uint8_t kSeriesVersion = 1;

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) noexcept { return value / by - (value % by < 0 ? 1 : 0); }

// False when the bucket was there already.
bool Bump(std::vector<Series::Bucket>* buckets, std::int64_t number, std::size_t most) {
  const auto at = std::lower_bound(buckets->begin(), buckets->end(), number,
                                   [](const Series::Bucket& bucket, std::int64_t n) { return bucket.number < n; });
  if (at != buckets->end() && at->number == number) {
    if (at->count < std::numeric_limits<std::uint32_t>::max()) ++at->count;
    return false;
  }
  buckets->insert(at, {number, 1});
  if (buckets->size() > most) buckets->erase(buckets->begin());
  return true;
}

void WriteBuckets(const std::vector<Series::Bucket>& buckets, ByteWriter* out) {
  out->Number(buckets.size());
  std::int64_t before = 0;
  for (const Series::Bucket& bucket : buckets) {
    out->Signed(bucket.number - before);
    out->Number(bucket.count);
    before = bucket.number;
  }
}

bool ReadBuckets(ByteReader* in, std::size_t most, std::vector<Series::Bucket>* buckets) {
  const std::size_t count = in->Count();
  if (count > most) return false;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count && in->ok(); ++i) {
    const std::int64_t before = static_cast<std::int64_t>(number);
    number += static_cast<std::uint64_t>(in->Signed());
    const auto now = static_cast<std::int64_t>(number);
    const std::uint64_t times = in->Number();
    if (times == 0 || times > std::numeric_limits<std::uint32_t>::max()) return false;
    if (i > 0 && now <= before) return false;
    buckets->push_back({now, static_cast<std::uint32_t>(times)});
  }
  return in->ok();
}

}  // namespace

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
  if (!ReadBuckets(&in, limits::kBehaviorHours, &series.hours)) return std::nullopt;
  if (!ReadBuckets(&in, limits::kBehaviorDays, &series.days)) return std::nullopt;
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return series;
}

void Behavior::ForgetBefore(Timestamp since) { forgotten_before_ = std::max(forgotten_before_, since); }

std::string Behavior::Add(std::string_view event, Timestamp when) {
  auto at = series_.find(event);
  std::string forgotten;
  if (at == series_.end()) {
    if (series_.size() >= limits::kBehaviorEvents) {
      const auto stalest = std::min_element(
          series_.begin(), series_.end(), [](const auto& a, const auto& b) { return a.second->last < b.second->last; });
      ForgetBefore(stalest->second->last + Duration(1));
      forgotten = stalest->first;
      series_.erase(stalest);
    }
    at = series_.emplace(std::string(event), std::make_shared<const Series>()).first;
  }
  Series series = *at->second;
  const std::int64_t ms = ToMs(when);
  if (series.ever == 0 || when < series.first) series.first = when;
  if (series.ever == 0 || when > series.last) series.last = when;
  ++series.ever;
  Bump(&series.hours, FloorDiv(ms, kHourMs), limits::kBehaviorHours);
  if (Bump(&series.days, FloorDiv(ms, kDayMs), limits::kBehaviorDays)) ++series.ever_days;
  at->second = std::make_shared<const Series>(std::move(series));
  return forgotten;
}

void Behavior::Put(std::string event, Series series) {
  series_[std::move(event)] = std::make_shared<const Series>(std::move(series));
}

Total Behavior::Ask(const Term& term, Timestamp now) const {
  Total total;
  const Series* series = Find(term.event);
  const bool is_ever = term.window.unit == Window::Unit::kEver;
  const bool by_hour = term.window.unit == Window::Unit::kHours;
  const std::int64_t bucket_ms = by_hour ? kHourMs : kDayMs;
  const std::int64_t current = FloorDiv(ToMs(now), bucket_ms);
  const std::int64_t first = current - term.window.length + 1;
  const Timestamp watched_from = is_ever ? Timestamp::min() : TimestampFromMs(first * bucket_ms);
  total.is_exact = forgotten_before_ == Timestamp::min() || forgotten_before_ <= watched_from;
  if (series == nullptr) return total;
  if (is_ever) {
    const std::uint64_t value = term.measure == Measure::kCount ? series->ever : series->ever_days;
    total.value = static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
    return total;
  }
  const std::vector<Series::Bucket>& buckets = by_hour ? series->hours : series->days;
  std::int64_t last_day = std::numeric_limits<std::int64_t>::min();
  for (const Series::Bucket& bucket : buckets) {
    if (bucket.number < first) continue;
    if (term.measure == Measure::kCount) {
      total.value += bucket.count;
    } else {
      const std::int64_t day = by_hour ? FloorDiv(bucket.number, 24) : bucket.number;
      if (day != last_day) ++total.value;
      last_day = day;
    }
  }
  if (total.value > 0) total.valid_until = TimestampFromMs((current + 1) * bucket_ms);
  return total;
}

const Series* Behavior::Find(std::string_view event) const noexcept {
  const auto at = series_.find(event);
  return at == series_.end() ? nullptr : at->second.get();
}

}  // namespace guidon::behavior
