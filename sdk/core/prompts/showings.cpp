#include "sdk/core/prompts/showings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::prompts {
namespace {

constexpr std::uint8_t kShowingsVersion = 1;

enum : std::uint8_t { kHeldOut = 1, kSeen = 2 };  // bits of a showing on disk

std::vector<Showing>::iterator FindIn(std::vector<Showing>* list, std::string_view prompt) {
  return std::find_if(list->begin(), list->end(), [&](const Showing& each) { return each.prompt == prompt; });
}

// The one to let go of: never `fresh`, whose outcome is still to come.
std::size_t Superfluous(const std::vector<Showing>& list, std::size_t fresh) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i != fresh && !list[i].counts_in_windows()) return i;
  }
  return fresh == 0 ? 1 : 0;
}

bool Begin(const Step& step, CampaignShowings* out) {
  if (out->Find(step.prompt) != nullptr) return false;
  Showing showing;
  showing.prompt = step.prompt;
  showing.is_held_out = step.is_held_out;
  showing.began = step.when;
  const auto at = std::upper_bound(out->list.begin(), out->list.end(), step.when,
                                   [](Timestamp when, const Showing& each) { return when < each.began; });
  const auto fresh = static_cast<std::size_t>(at - out->list.begin());
  out->list.insert(at, std::move(showing));
  ++out->made;
  if (out->list.size() <= limits::kShowings) return true;
  const auto gone = out->list.begin() + static_cast<std::ptrdiff_t>(Superfluous(out->list, fresh));
  if (gone->counts_ever()) ++out->older;
  out->list.erase(gone);
  return true;
}

bool GoOn(const Step& step, CampaignShowings* out) {
  const auto at = FindIn(&out->list, step.prompt);
  if (at == out->list.end() || !at->is_open()) return false;
  if (IsAside(step.what)) return true;
  if (step.what == What::kImpression) {
    if (at->was_seen) return false;
    at->was_seen = true;
    at->end = What::kImpression;
    return true;
  }
  at->end = step.what;
  at->ended = step.when;
  if (step.what == What::kSnooze) at->snooze = std::max(step.snooze, Duration(0));
  return true;
}

std::optional<Showing> ReadShowing(ByteReader* in) {
  Showing showing;
  const std::string_view prompt = in->Text();
  const std::uint8_t bits = in->Byte();
  const std::uint8_t end = in->Byte();
  if (prompt.size() > limits::kKeyBytes || bits > (kHeldOut | kSeen)) return std::nullopt;
  if (end > static_cast<std::uint8_t>(What::kCompletion) || IsAside(static_cast<What>(end))) return std::nullopt;
  showing.prompt = std::string(prompt);
  showing.is_held_out = (bits & kHeldOut) != 0;
  showing.was_seen = (bits & kSeen) != 0;
  showing.end = static_cast<What>(end);
  showing.began = TimestampFromMs(in->Signed());
  showing.ended = TimestampFromMs(in->Signed());
  showing.snooze = Duration(in->Signed());
  if (!in->ok() || showing.snooze < Duration(0)) return std::nullopt;
  return showing;
}

}  // namespace

std::string_view WhatName(What what) noexcept {
  switch (what) {
    case What::kExposure: return "exposure";
    case What::kImpression: return "impression";
    case What::kAction: return "action";
    case What::kDismissal: return "dismissal";
    case What::kSnooze: return "snooze";
    case What::kFailure: return "failure";
    case What::kUnknown: return "unknown";
    case What::kAnswer: return "answer";
    case What::kCompletion: return "completion";
    case What::kViewable: return "viewable";
  }
  return "unknown";
}

const Showing* CampaignShowings::Find(std::string_view prompt) const noexcept {
  for (const Showing& each : list) {
    if (each.prompt == prompt) return &each;
  }
  return nullptr;
}

CampaignShowings Join(const CampaignShowings& a, const CampaignShowings& b) {
  CampaignShowings sum;
  std::uint64_t common = 0;
  for (const Showing& showing : a.list) {
    const Showing* other = b.Find(showing.prompt);
    if (other != nullptr) ++common;
    const bool is_further = other != nullptr && showing.is_open() && (!other->is_open() || other->was_seen);
    sum.list.push_back(is_further ? *other : showing);
  }
  for (const Showing& showing : b.list) {
    if (a.Find(showing.prompt) == nullptr) sum.list.push_back(showing);
  }
  std::stable_sort(sum.list.begin(), sum.list.end(),
                   [](const Showing& one, const Showing& other) { return one.began < other.began; });
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  sum.made = a.made + std::min(b.made - std::min(common, b.made), kMost - a.made);
  sum.older = a.older + std::min(b.older, kMost - a.older);
  sum.forgotten_before = std::max(a.forgotten_before, b.forgotten_before);
  while (sum.list.size() > limits::kShowings) {
    const auto gone = sum.list.begin() + static_cast<std::ptrdiff_t>(Superfluous(sum.list, sum.list.size()));
    if (gone->counts_ever() && sum.older < kMost) ++sum.older;
    sum.list.erase(gone);
  }
  sum.older = std::min<std::uint64_t>(sum.older, sum.made - std::min<std::uint64_t>(sum.list.size(), sum.made));
  return sum;
}

std::string EncodeShowings(const CampaignShowings& showings) {
  ByteWriter out;
  out.Byte(kShowingsVersion);
  out.Number(showings.made);
  out.Number(showings.older);
  out.Signed(ToMs(showings.forgotten_before));
  out.Number(showings.list.size());
  for (const Showing& showing : showings.list) {
    out.Text(showing.prompt);
    out.Byte(static_cast<std::uint8_t>((showing.is_held_out ? kHeldOut : 0) | (showing.was_seen ? kSeen : 0)));
    out.Byte(static_cast<std::uint8_t>(showing.end));
    out.Signed(ToMs(showing.began));
    out.Signed(ToMs(showing.ended));
    out.Signed(showing.snooze.count());
  }
  return out.Take();
}

std::optional<CampaignShowings> DecodeShowings(std::string_view bytes) {
  ByteReader in(bytes);
  CampaignShowings showings;
  if (in.Byte() != kShowingsVersion) return std::nullopt;
  showings.made = in.Number();
  showings.older = in.Number();
  showings.forgotten_before = TimestampFromMs(in.Signed());
  const std::size_t count = in.Count();
  if (!in.ok() || count > limits::kShowings) return std::nullopt;
  if (count > showings.made || showings.older > showings.made - count) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<Showing> showing = ReadShowing(&in);
    if (!showing) return std::nullopt;
    if (i > 0 && showing->began < showings.list.back().began) return std::nullopt;
    showings.list.push_back(std::move(*showing));
  }
  if (!in.at_end()) return std::nullopt;
  return showings;
}

bool Showings::Fold(const Step& step, std::string* forgotten) {
  const auto at = all_.find(step.campaign);
  if (at == all_.end() && step.what != What::kExposure) return false;
  CampaignShowings changed = *Of(step.campaign);
  if (!(step.what == What::kExposure ? Begin(step, &changed) : GoOn(step, &changed))) return false;
  if (at == all_.end() && all_.size() >= limits::kShownCampaigns) {
    std::string gone = ForgetStalest();
    if (forgotten != nullptr) *forgotten = std::move(gone);
  }
  all_[step.campaign] = std::make_shared<const CampaignShowings>(std::move(changed));
  return true;
}

std::string Showings::ForgetStalest() {
  const auto last_shown = [](const CampaignShowings& each) {
    return each.list.empty() ? each.forgotten_before : each.list.back().began;
  };
  const auto stalest = std::min_element(all_.begin(), all_.end(), [&](const auto& a, const auto& b) {
    return last_shown(*a.second) < last_shown(*b.second);
  });
  ForgetBefore(last_shown(*stalest->second));
  std::string campaign = stalest->first;
  all_.erase(stalest);
  return campaign;
}

void Showings::Put(std::string campaign, CampaignShowings showings) {
  all_[std::move(campaign)] = std::make_shared<const CampaignShowings>(std::move(showings));
  if (all_.size() > limits::kShownCampaigns) ForgetStalest();
}

void Showings::Move(const SteadyTime::Correction& correction) {
  forgotten_before_ = correction.Of(forgotten_before_);
  for (auto& entry : all_) {
    CampaignShowings moved = *entry.second;
    moved.forgotten_before = correction.Of(moved.forgotten_before);
    for (Showing& showing : moved.list) {
      showing.began = correction.Of(showing.began);
      showing.ended = correction.Of(showing.ended);
    }
    entry.second = std::make_shared<const CampaignShowings>(std::move(moved));
  }
}

std::shared_ptr<const CampaignShowings> Showings::Of(std::string_view campaign) const {
  const auto at = all_.find(campaign);
  if (at != all_.end()) return at->second;
  auto none = std::make_shared<CampaignShowings>();
  none->forgotten_before = forgotten_before_;
  return none;
}

}  // namespace guidon::prompts
