// Which prompts were shown on this device, and what became of them: all that caps and waits are asked of. A fold over
// prompt facts; kept in the store in the same commits as the events that report them, and outliving the campaigns.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/base/steady_time.h"

namespace guidon::prompts {

// What a prompt fact states.
enum class What : std::uint8_t {
  kExposure,  // the unit reached the point where the prompt is shown, or would be if it were not held out. Uses up caps
  kImpression,  // it is on screen
  kAction,      // a button was pressed
  kDismissal,   // closed
  kSnooze,      // "later"
  kFailure,     // could not be shown, or was withdrawn. Unseen, it gives back what it used of the caps
  kUnknown,     // the app ended before it was known what became of it. Still uses up caps
  kAnswer,      // a question was answered; the prompt stays up
  kCompletion,  // a survey was answered to its end
  kViewable,    // at least half of it could be seen for a second in all; the prompt stays up
};

// It ends nothing, and is no part of what is remembered: for the event alone.
inline bool IsAside(What what) noexcept { return what == What::kAnswer || what == What::kViewable; }
// "exposure", "impression", …: as in events.
std::string_view WhatName(What what) noexcept;

// One prompt fact, as far as showings are concerned. Forced ones are never folded.
struct Step {
  What what = What::kExposure;
  std::string campaign;
  std::string prompt;  // the id of the showing
  bool is_held_out = false;
  Timestamp when{};
  Duration snooze{0};  // of kSnooze
};

// One time a prompt was shown. What ended it first is its end; whatever comes later is not taken. Of one that is held
// out there is nothing but its beginning.
struct Showing {
  std::string prompt;
  bool is_held_out = false;
  bool was_seen = false;       // an impression is recorded
  What end = What::kExposure;  // kExposure, kImpression: still open
  Timestamp began{};
  Timestamp ended{};
  Duration snooze{0};

  bool is_open() const noexcept { return !is_held_out && (end == What::kExposure || end == What::kImpression); }
  // It counts in caps without a window.
  bool counts_ever() const noexcept { return end != What::kFailure || was_seen; }
  // It counts in caps with one.
  bool counts_in_windows() const noexcept { return counts_ever() && end != What::kSnooze; }
};

// Of one campaign. Sorted by `began`; at most limits::kShowings. Beyond them those go first that no window counts, then
// the oldest, so a window's cap, which allows no more than that many, is exact.
struct CampaignShowings {
  std::uint64_t made = 0;   // exposures ever, also those given back; the next one's ordinal is made + 1
  std::uint64_t older = 0;  // that count in caps without a window and are not in the list any more
  Timestamp forgotten_before = Timestamp::min();  // what was before is lost: taken for one showing at that time
  std::vector<Showing> list;

  // Null when it is not in the list.
  const Showing* Find(std::string_view prompt) const noexcept;
};

// What both hold of one campaign, each showing once.
CampaignShowings Join(const CampaignShowings& a, const CampaignShowings& b);

// Permanent; docs/formats/storage.md.
std::string EncodeShowings(const CampaignShowings& showings);
// Nothing when the bytes are not exactly one campaign's showings.
std::optional<CampaignShowings> DecodeShowings(std::string_view bytes);

// All campaigns'. A value: copying it shares what does not change.
class Showings {
 public:
  // False when nothing changes: it is known already, or its showing is not. Then no event is to be made of it either.
  // Beyond limits::kShownCampaigns the campaign that was last shown longest ago is forgotten, and forgotten_before
  // moves to its last showing; its key goes to `forgotten`, so that a store can forget it, too.
  bool Fold(const Step& step, std::string* forgotten = nullptr);
  void Put(std::string campaign, CampaignShowings showings);  // as a store has it, within the same bound
  // What was before `since` is lost, of campaigns that are not known. Never moves back.
  void ForgetBefore(Timestamp since) noexcept {
    if (since > forgotten_before_) forgotten_before_ = since;
  }
  Timestamp forgotten_before() const noexcept { return forgotten_before_; }

  // The time they were noted by was set right.
  void Move(const SteadyTime::Correction& correction);

  // Never null: of a campaign that was never shown, empty ones (with forgotten_before set).
  std::shared_ptr<const CampaignShowings> Of(std::string_view campaign) const;
  const std::map<std::string, std::shared_ptr<const CampaignShowings>, std::less<>>& all() const noexcept {
    return all_;
  }

 private:
  std::string ForgetStalest();

  std::map<std::string, std::shared_ptr<const CampaignShowings>, std::less<>> all_;
  Timestamp forgotten_before_ = Timestamp::min();
};

}  // namespace guidon::prompts
