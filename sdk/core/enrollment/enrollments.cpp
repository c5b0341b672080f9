#include "sdk/core/enrollment/enrollments.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::enrollment {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kUnitBytes = 16;
constexpr char kSeparator = '\x1F';

// Where an enrollment is, without an allocation.
class Key {
 public:
  Key(std::string_view unit_kind, std::string_view unit_id, std::string_view experiment) noexcept {
    if (unit_kind.size() > limits::kKeyBytes || unit_id.size() > limits::kUnitIdBytes) return;
    if (experiment.empty() || experiment.size() > limits::kKeyBytes) return;
    char unit[limits::kKeyBytes + 1 + limits::kUnitIdBytes];
    std::memcpy(unit, unit_kind.data(), unit_kind.size());
    unit[unit_kind.size()] = kSeparator;
    std::memcpy(unit + unit_kind.size() + 1, unit_id.data(), unit_id.size());
    const Hash128 hash = HashBytes128({unit, unit_kind.size() + 1 + unit_id.size()});
    for (std::size_t i = 0; i < 8; ++i) {
      bytes_[i] = static_cast<char>(hash.high >> (56 - 8 * i));
      bytes_[8 + i] = static_cast<char>(hash.low >> (56 - 8 * i));
    }
    std::memcpy(bytes_ + kUnitBytes, experiment.data(), experiment.size());
    size_ = kUnitBytes + experiment.size();
  }

  // Empty: nothing is named so.
  std::string_view text() const noexcept { return {bytes_, size_}; }
  std::string_view unit() const noexcept { return text().substr(0, kUnitBytes); }

 private:
  char bytes_[kUnitBytes + limits::kKeyBytes];
  std::size_t size_ = 0;
};

bool Changes(const Enrollment& known, const Enrollment& met) noexcept {
  if (met.iteration != known.iteration) return met.iteration > known.iteration;
  return text::UtcDay(met.last) > text::UtcDay(known.last);
}

}  // namespace

std::string EncodeEnrollment(const Enrollment& enrollment) {
  ByteWriter out;
  out.Byte(kVersion);
  out.Signed(enrollment.iteration);
  out.Text(enrollment.variant);
  out.Text(enrollment.audience);
  out.Signed(ToMs(enrollment.first));
  out.Signed(ToMs(enrollment.last));
  return out.Take();
}

std::optional<Enrollment> DecodeEnrollment(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return std::nullopt;
  Enrollment enrollment;
  enrollment.iteration = in.Signed();
  const std::string_view variant = in.Text();
  const std::string_view audience = in.Text();
  if (variant.empty() || variant.size() > limits::kKeyBytes || audience.size() > limits::kKeyBytes) return std::nullopt;
  enrollment.variant = std::string(variant);
  enrollment.audience = std::string(audience);
  enrollment.first = TimestampFromMs(in.Signed());
  enrollment.last = TimestampFromMs(in.Signed());
  if (!in.ok() || !in.at_end() || enrollment.last < enrollment.first) return std::nullopt;
  return enrollment;
}

const Enrollment* Enrollments::Find(std::string_view unit_kind, std::string_view unit_id,
                                    std::string_view experiment) const noexcept {
  if (all_.empty()) return nullptr;
  const auto at = all_.find(Key(unit_kind, unit_id, experiment).text());
  return at == all_.end() ? nullptr : at->second.get();
}

bool Enrollments::IsNews(std::string_view unit_kind, std::string_view unit_id, std::string_view experiment,
                         const Enrollment& met) const noexcept {
  const Key key(unit_kind, unit_id, experiment);
  if (key.text().empty()) return false;
  const auto known = all_.find(key.text());
  return known == all_.end() || Changes(*known->second, met);
}

bool Enrollments::Add(std::string_view unit_kind, std::string_view unit_id, std::string_view experiment,
                      const Enrollment& met) {
  const Key key(unit_kind, unit_id, experiment);
  return !key.text().empty() && AddAt(key.text(), met);
}

bool Enrollments::AddAt(std::string_view key, const Enrollment& met) {
  const auto known = all_.find(key);
  if (known == all_.end()) {
    if (all_.size() >= limits::kEnrollments) DropStalest();
    all_.emplace(std::string(key), std::make_shared<const Enrollment>(met));
    return true;
  }
  if (!Changes(*known->second, met)) return false;
  if (met.iteration > known->second->iteration) {
    known->second = std::make_shared<const Enrollment>(met);
    return true;
  }
  Enrollment again = *known->second;
  again.last = met.last;
  known->second = std::make_shared<const Enrollment>(std::move(again));
  return true;
}

bool Enrollments::Copy(std::string_view unit_kind, std::string_view from_id, std::string_view to_id) {
  const std::string from(Key(unit_kind, from_id, "x").unit());
  const std::string to(Key(unit_kind, to_id, "x").unit());
  if (from.empty() || to.empty() || from == to) return false;
  Map copied;
  for (auto at = all_.lower_bound(from); at != all_.end() && at->first.compare(0, kUnitBytes, from) == 0; ++at) {
    std::string key = to + at->first.substr(kUnitBytes);
    if (all_.count(key) == 0) copied.emplace(std::move(key), at->second);
  }
  for (auto& entry : copied) {
    if (all_.size() >= limits::kEnrollments) DropStalest();
    all_.insert(std::move(entry));
  }
  return !copied.empty();
}

void Enrollments::Merge(const Enrollments& more) {
  for (const auto& entry : more.all_) AddAt(entry.first, *entry.second);
}

bool Enrollments::Put(std::string key, Enrollment enrollment) {
  if (key.size() <= kUnitBytes || key.size() > kUnitBytes + limits::kKeyBytes) return false;
  all_[std::move(key)] = std::make_shared<const Enrollment>(std::move(enrollment));
  if (all_.size() > limits::kEnrollments) DropStalest();
  return true;
}

void Enrollments::DropStalest() {
  all_.erase(std::min_element(all_.begin(), all_.end(),
                              [](const auto& a, const auto& b) { return a.second->last < b.second->last; }));
}

}  // namespace guidon::enrollment
