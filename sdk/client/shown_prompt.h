// One showing of a prompt, from its reservation to its end: what its facts say, and that it ends once, whoever is
// first: the host by its lease, or the client that takes the prompt back. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"
#include "guidon/time.h"
#include "sdk/client/presence.h"
#include "sdk/client/state.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/events/fact.h"

namespace guidon::client {

// What a showing begins with.
struct PromptStart {
  const ruleset::Campaign* campaign = nullptr;
  std::string_view unit_kind, unit_id;
  std::int32_t slot = -1;
  bool is_held_out = false;
  bool is_kept_out = false;   // by a holdout over campaigns, whose exposure tells of it: the showing makes no event
  std::uint32_t variant = 0;  // of Campaign::variants, also of who is held out
  std::uint64_t ordinal = 1;
  Timestamp began{};
  MonoTime began_mono{};
  std::string_view trigger;
  bool is_forced = false;
};

// What is told of a unit that reached the point where the prompt is shown, and is in one of a holdout's groups.
events::Fact MakeHoldoutFact(const State& state, const PromptStart& start, const prompts::HoldoutSide& side);

// The fact that it begins, with the showing's id; of a State that has the campaign's rules.
events::Fact MakePromptFact(const State& state, const PromptStart& start);
// What the host is to draw then. It cannot tell who is held out.
// `context` with the event.
Prompt MakePrompt(const ruleset::Ruleset& rules, const ruleset::Campaign& campaign,
                  const ruleset::CampaignVariant& variant, const Context& context, const events::Fact& begun,
                  bool is_forced);

class ShownPrompt {
 public:
  struct Ports {
    // Takes the fact, stamped with the time unless it is the reservation; false when it was refused.
    std::function<bool(events::Fact fact)> append;
    std::function<void(std::string_view event)> track;  // as the app would
    std::function<void()> ended;                        // after the host said so
    std::function<MonoTime()> now;
    Presence presence{nullptr};  // in a copy of the process nothing is said
  };

  // `tracks`: the event that each of the prompt's buttons tracks; empty for none.
  ShownPrompt(Prompt prompt, std::vector<std::string> tracks, events::Fact begun, Ports ports);
  ShownPrompt(const ShownPrompt&) = delete;  // leases point here
  ShownPrompt& operator=(const ShownPrompt&) = delete;

  const Prompt& prompt() const noexcept { return prompt_; }
  const events::Fact& begun() const noexcept { return begun_; }
  const std::string& unit_id() const noexcept { return begun_.unit_id; }
  bool is_held_out() const noexcept { return begun_.variant == ruleset::kHeldOutArm; }

  // Appends the reservation.
  bool Begin();

  // What the host says; nothing counts after the end.
  void Presented();
  void Visible(bool is_visible);
  void Action(std::string_view button);
  void Dismissed(DismissCause cause);
  void Snoozed(Duration wait);
  void Failed(std::string_view why);
  Status Answer(std::string_view question, const Value& answer);
  Status Completed();

  // The app went to the background at that time, or came back: nobody sees anything there.
  void SetAway(bool is_away, MonoTime at);

  // Taken back by the client, for a reason in case it was not seen; `is_told` false: without a fact. From now on the
  // lease is void. False when it had ended before.
  bool Withdraw(std::string_view why, bool is_told = true);

 private:
  events::Fact Next(prompts::What what) const;
  void CountLocked(MonoTime now);
  void SeeLocked();
  bool End(events::Fact fact, bool was_seen, std::string_view track = {});  // false: it had ended

  const Prompt prompt_;
  const std::vector<std::string> tracks_;
  const events::Fact begun_;
  const Ports ports_;
  std::mutex mutex_;  // held while appending, so that facts are in the order they happened; the pump's comes after it
  bool is_seen_ = false;
  bool has_ended_ = false;
  bool is_visible_ = true;  // as the host says
  bool is_away_ = false;
  MonoTime counted_until_{};
  Duration visible_{0};  // until then
  bool is_viewable_ = false;
  std::uint64_t answers_ = 0;                            // told so far
  std::map<std::string, Value, std::less<>> answer_of_;  // the last one, by question
};

// Hands on what a lease says. A lease that is dropped says that it failed, unless the showing has ended.
std::unique_ptr<PromptReceiver> ReceiverOf(std::shared_ptr<ShownPrompt> shown);

}  // namespace guidon::client
