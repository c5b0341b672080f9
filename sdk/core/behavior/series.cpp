#include "sdk/core/behavior/series.h"

#include <cstddef>
#include <limits>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::behavior {
namespace {

// The first is of series whose local days are UTC's.
constexpr std::uint8_t kSeriesVersion = 1;
constexpr std::uint8_t kLocalSeriesVersion = 2;
// Comes before one of the above where parts follow it.
constexpr std::uint8_t kPartsVersion = 3;

bool IsEarlier(const Tally::Bucket& bucket, std::int64_t number) noexcept { return bucket.number < number; }

enum class Bumped { kAgain, kNew, kTooOld };

// The oldest bucket goes for a new one; what is older than all of a full list is not let in. So nothing is ever missing
// from the first bucket on: Ask relies on it.
Bumped Bump(std::vector<Tally::Bucket>* buckets, std::int64_t number, std::size_t most) {
  const auto at = std::lower_bound(buckets->begin(), buckets->end(), number, IsEarlier);
  if (at != buckets->end() && at->number == number) {
    if (at->count < std::numeric_limits<std::uint32_t>::max()) ++at->count;
    return Bumped::kAgain;
  }
  if (buckets->size() >= most && at == buckets->begin()) return Bumped::kTooOld;
  buckets->insert(at, {number, 1});
  if (buckets->size() > most) buckets->erase(buckets->begin());
  return Bumped::kNew;
}

bool AreAlike(const std::vector<Tally::Bucket>& a, const std::vector<Tally::Bucket>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tally::Bucket& x, const Tally::Bucket& y) {
    return x.number == y.number && x.count == y.count;
  });
}

void WriteBuckets(const std::vector<Tally::Bucket>& buckets, ByteWriter* out) {
  out->Number(buckets.size());
  std::uint64_t before = 0;
  for (const Tally::Bucket& bucket : buckets) {
    const auto number = static_cast<std::uint64_t>(bucket.number);
    out->Signed(static_cast<std::int64_t>(number - before));
    out->Number(bucket.count);
    before = number;
  }
}

bool ReadBuckets(ByteReader* in, std::int64_t bucket_ms, std::size_t most, std::vector<Tally::Bucket>* buckets) {
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
bool CanBe(const Tally& tally) noexcept {
  std::uint64_t in_hours = 0;
  std::uint64_t in_days = 0;
  for (const Tally::Bucket& bucket : tally.hours) in_hours += bucket.count;
  for (const Tally::Bucket& bucket : tally.days) in_days += bucket.count;
  std::uint64_t in_local_days = 0;
  for (const Tally::Bucket& bucket : tally.local_days) in_local_days += bucket.count;
  return IsNear(tally.first) && IsNear(tally.last) && tally.first <= tally.last && in_hours <= tally.ever &&
         in_days <= tally.ever && in_local_days <= tally.ever && tally.days.size() <= tally.ever_days &&
         tally.ever_days <= tally.ever &&
         (tally.forgotten_before == Timestamp::min() || IsNear(tally.forgotten_before));
}

bool CanBe(const Series::Part& part, const Tally& whole) noexcept {
  const bool is_within = part.ever == 0 ? part.first == Timestamp() && part.last == Timestamp()
                                        : whole.first <= part.first && part.last <= whole.last;
  return CanBe(static_cast<const Tally&>(part)) && is_within && part.ever <= part.seen && part.seen <= whole.ever;
}

// What was not looked at happened before the last one of all.
Timestamp UnseenBefore(const Tally& whole) noexcept { return whole.last + Duration(1); }

void AddOne(Timestamp near, Duration utc_offset, std::uint32_t session, Tally* tally) {
  const std::int64_t ms = ToMs(near);
  if (tally->ever == 0 || near < tally->first) tally->first = near;
  if (tally->ever == 0 || near > tally->last) tally->last = near;
  if (tally->ever < std::numeric_limits<std::uint64_t>::max()) ++tally->ever;
  Bump(&tally->hours, FloorDiv(ms, kHourMs), limits::kBehaviorHours);
  const std::int64_t day = FloorDiv(ms, kDayMs);
  switch (Bump(&tally->days, day, limits::kBehaviorDays)) {
    case Bumped::kAgain: break;
    case Bumped::kNew: ++tally->ever_days; break;
    case Bumped::kTooOld:
      // Nobody can tell whether that day was counted.
      tally->forgotten_before = std::max(tally->forgotten_before, TimestampFromMs((day + 1) * kDayMs));
      break;
  }
  Bump(&tally->local_days, LocalDay(near, utc_offset), limits::kBehaviorDays);
  if (session == 0) return;
  if (std::exchange(tally->session, session) != session) tally->in_session = 0;
  if (tally->in_session < std::numeric_limits<std::uint32_t>::max()) ++tally->in_session;
}

void TakeSession(const Tally& from, Tally* tally) {
  tally->session = from.session;
  tally->in_session = from.in_session;
}

// The one that was looked for longest ago goes first.
void BoundParts(std::map<std::uint64_t, Series::Part>* parts) {
  while (parts->size() > limits::kBehaviorParts) {
    parts->erase(std::min_element(parts->begin(), parts->end(),
                                  [](const auto& a, const auto& b) { return a.second.seen < b.second.seen; }));
  }
}

// `whole`: before this event.
void TakeLook(const Look& look, const Tally& whole, Timestamp near, Duration utc_offset, std::uint32_t session,
              Series::Part* part) {
  if (part->seen != whole.ever) part->forgotten_before = std::max(part->forgotten_before, UnseenBefore(whole));
  if (look.is_of_it) AddOne(near, utc_offset, session, part);
}

using Buckets = std::vector<Tally::Bucket>;

// The newest `most` of both. How many there are in both goes to `common`.
Buckets JoinBuckets(const Buckets& a, const Buckets& b, std::size_t most, std::uint64_t* common) {
  Buckets sum;
  sum.reserve(a.size() + b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->number < right->number)) {
      sum.push_back(*left++);
    } else if (left == a.end() || right->number < left->number) {
      sum.push_back(*right++);
    } else {
      const std::uint64_t count = std::uint64_t{left->count} + right->count;
      const std::uint64_t highest = std::numeric_limits<std::uint32_t>::max();
      sum.push_back({left->number, static_cast<std::uint32_t>(std::min(count, highest))});
      ++left;
      ++right;
      ++*common;
    }
  }
  if (sum.size() > most) sum.erase(sum.begin(), sum.end() - static_cast<std::ptrdiff_t>(most));
  return sum;
}

std::uint64_t Plus(std::uint64_t a, std::uint64_t b) noexcept {
  return a + std::min(b, std::numeric_limits<std::uint64_t>::max() - a);
}

void JoinTallies(const Tally& a, const Tally& b, Tally* sum) {
  std::uint64_t common_hours = 0;
  std::uint64_t common_days = 0;
  std::uint64_t common_local_days = 0;
  sum->hours = JoinBuckets(a.hours, b.hours, limits::kBehaviorHours, &common_hours);
  sum->days = JoinBuckets(a.days, b.days, limits::kBehaviorDays, &common_days);
  sum->local_days = JoinBuckets(a.local_days, b.local_days, limits::kBehaviorDays, &common_local_days);
  sum->ever = Plus(a.ever, b.ever);
  sum->ever_days = Plus(a.ever_days, b.ever_days);
  sum->ever_days -= std::min(common_days, sum->ever_days);
  sum->first = a.ever == 0 ? b.first : b.ever == 0 ? a.first : std::min(a.first, b.first);
  sum->last = a.ever == 0 ? b.last : b.ever == 0 ? a.last : std::max(a.last, b.last);
  sum->forgotten_before = std::max(a.forgotten_before, b.forgotten_before);
  sum->session = std::max(a.session, b.session);
  for (const Tally* of : {&a, &b}) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - sum->in_session;
    if (of->session == sum->session) sum->in_session += std::min(of->in_session, room);
  }
}

// With what nobody looked at forgotten.
Series::Part WholePart(const Series& series, std::uint64_t key) {
  const auto at = series.parts.find(key);
  Series::Part part = at == series.parts.end() ? Series::Part() : at->second;
  if (part.seen != series.ever) part.forgotten_before = std::max(part.forgotten_before, UnseenBefore(series));
  return part;
}

void WriteTally(const Tally& tally, ByteWriter* out) {
  const bool is_local = !AreAlike(tally.days, tally.local_days);
  out->Byte(is_local ? kLocalSeriesVersion : kSeriesVersion);
  out->Number(tally.ever);
  out->Number(tally.ever_days);
  out->Signed(ToMs(tally.first));
  out->Signed(ToMs(tally.last));
  const bool is_whole = tally.forgotten_before == Timestamp::min();
  out->Bool(is_whole);
  if (!is_whole) out->Signed(ToMs(tally.forgotten_before));
  WriteBuckets(tally.hours, out);
  WriteBuckets(tally.days, out);
  if (is_local) WriteBuckets(tally.local_days, out);
}

// Behind its version.
bool ReadTally(std::uint8_t version, ByteReader* in, Tally* tally) {
  if (version != kSeriesVersion && version != kLocalSeriesVersion) return false;
  tally->ever = in->Number();
  tally->ever_days = in->Number();
  tally->first = TimestampFromMs(in->Signed());
  tally->last = TimestampFromMs(in->Signed());
  if (!in->Bool()) tally->forgotten_before = TimestampFromMs(in->Signed());
  if (!ReadBuckets(in, kHourMs, limits::kBehaviorHours, &tally->hours)) return false;
  if (!ReadBuckets(in, kDayMs, limits::kBehaviorDays, &tally->days)) return false;
  if (version == kSeriesVersion) {
    tally->local_days = tally->days;
    return in->ok();
  }
  // Each is written in one way.
  return ReadBuckets(in, kDayMs, limits::kBehaviorDays, &tally->local_days) &&
         !AreAlike(tally->days, tally->local_days);
}

bool ReadParts(ByteReader* in, Series* series) {
  const std::size_t count = in->Count();
  if (count == 0 || count > limits::kBehaviorParts) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t key = in->Fixed();
    if (key == 0 || (!series->parts.empty() && key <= series->parts.rbegin()->first)) return false;
    Series::Part& part = series->parts[key];
    part.seen = in->Number();
    const std::uint8_t version = in->Byte();
    if (!ReadTally(version, in, &part) || !CanBe(part, *series)) return false;
  }
  return in->ok();
}

}  // namespace

void AddTo(Series* series, Timestamp when, Duration utc_offset, const std::vector<Look>& looks, std::uint32_t session) {
  const Timestamp near = TimestampFromMs(NearMs(when));
  for (const Look& look : looks) TakeLook(look, *series, near, utc_offset, session, &series->parts[look.part]);
  AddOne(near, utc_offset, session, series);
  for (const Look& look : looks) series->parts[look.part].seen = series->ever;
  BoundParts(&series->parts);
}

void KeepSession(const Series& before, Series* series) {
  TakeSession(before, series);
  for (auto& [key, part] : series->parts) {
    const auto was = before.parts.find(key);
    if (was != before.parts.end()) TakeSession(was->second, &part);
  }
}

Timestamp MissingBefore(const Series& series, const Series::Part* part) noexcept {
  Timestamp before = part == nullptr ? Timestamp::min() : part->forgotten_before;
  if ((part == nullptr ? 0 : part->seen) != series.ever) before = std::max(before, UnseenBefore(series));
  return std::max(before, series.forgotten_before);
}

Series Join(const Series& a, const Series& b) {
  Series sum;
  JoinTallies(a, b, &sum);
  for (const Series* from : {&a, &b}) {
    for (const auto& entry : from->parts) sum.parts[entry.first];
  }
  for (auto& [key, part] : sum.parts) {
    const Series::Part in_a = WholePart(a, key);
    const Series::Part in_b = WholePart(b, key);
    JoinTallies(in_a, in_b, &part);
    part.seen = Plus(in_a.seen, in_b.seen);
  }
  BoundParts(&sum.parts);
  for (auto& entry : sum.parts) entry.second.seen = sum.ever;
  return sum;
}

std::string EncodeSeries(const Series& series) {
  ByteWriter out;
  if (!series.parts.empty()) out.Byte(kPartsVersion);
  WriteTally(series, &out);
  if (series.parts.empty()) return out.Take();
  out.Number(series.parts.size());
  for (const auto& [key, part] : series.parts) {
    out.Fixed(key);
    out.Number(part.seen);
    WriteTally(part, &out);
  }
  return out.Take();
}

std::optional<Series> DecodeSeries(std::string_view bytes) {
  ByteReader in(bytes);
  Series series;
  std::uint8_t version = in.Byte();
  const bool has_parts = version == kPartsVersion;
  if (has_parts) version = in.Byte();
  if (!ReadTally(version, &in, &series) || !CanBe(series)) return std::nullopt;
  if (has_parts && !ReadParts(&in, &series)) return std::nullopt;
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return series;
}

}  // namespace guidon::behavior
