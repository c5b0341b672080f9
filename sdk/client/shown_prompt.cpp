#include "sdk/client/shown_prompt.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "guidon/limits.h"
#include "guidon/survey.h"
#include "sdk/core/base/text.h"
#include "sdk/core/prompts/actions.h"
#include "sdk/core/prompts/content.h"
#include "sdk/core/prompts/survey.h"
#include "sdk/events/apply.h"

namespace guidon::client {
namespace {

// From when on somebody has had it before them.
constexpr Duration kViewable = std::chrono::seconds(1);
constexpr Duration kMostSnooze = std::chrono::hours(24 * limits::kBehaviorDays);

// A host's text as events carry it: a bad one is no reason to lose what it is about.
std::string Bounded(std::string_view given, std::string_view otherwise) {
  std::size_t size = 0;
  while (size < given.size() && given[size] != '\0') {
    const std::size_t length = text::Utf8Length(given.substr(size));
    if (length == 0 || size + length > limits::kKeyBytes) break;
    size += length;
  }
  return std::string(size == 0 ? otherwise : given.substr(0, size));
}

std::string_view CauseName(DismissCause cause) noexcept {
  switch (cause) {
    case DismissCause::kPerson: return "person";
    case DismissCause::kTimeout: return "timeout";
    case DismissCause::kNavigation: return "navigation";
    case DismissCause::kHost: return "host";
  }
  return "host";
}

class LeaseReceiver final : public PromptReceiver {
 public:
  explicit LeaseReceiver(std::shared_ptr<ShownPrompt> shown) : shown_(std::move(shown)) {}
  ~LeaseReceiver() override { shown_->Failed("lease_dropped"); }

  void Presented() noexcept override { shown_->Presented(); }
  void Visible(bool is_visible) noexcept override { shown_->Visible(is_visible); }
  void Action(std::string_view button_id) noexcept override { shown_->Action(button_id); }
  void Dismissed(DismissCause cause) noexcept override { shown_->Dismissed(cause); }
  void Snoozed(Duration wait) noexcept override { shown_->Snoozed(wait); }
  void Failed(std::string_view why) noexcept override { shown_->Failed(why); }
  Status Answer(std::string_view question_id, const Value& answer) noexcept override {
    return shown_->Answer(question_id, answer);
  }
  Status Completed() noexcept override { return shown_->Completed(); }

 private:
  const std::shared_ptr<ShownPrompt> shown_;
};

}  // namespace

std::unique_ptr<PromptReceiver> ReceiverOf(std::shared_ptr<ShownPrompt> shown) {
  return std::make_unique<LeaseReceiver>(std::move(shown));
}

events::Fact MakeHoldoutFact(const State& state, const PromptStart& start, const prompts::HoldoutSide& side) {
  const ruleset::Ruleset& rules = *state.rules();
  NamedExposure exposure;
  exposure.is_holdout = true;
  exposure.key = rules.holdouts[side.holdout].key;
  exposure.variant = side.is_held_out ? "held_out" : "comparison";
  exposure.unit_kind = std::string(start.unit_kind);
  exposure.unit_id = std::string(start.unit_id);
  exposure.slot = side.slot;
  exposure.datafile_set = rules.header.project + "/" + rules.header.environment;
  exposure.datafile_version = std::to_string(rules.header.epoch) + "." + std::to_string(rules.header.version);
  return MakeExposure(state, exposure, {}, state.context, start.began, start.began_mono);
}

events::Fact MakePromptFact(const State& state, const PromptStart& start) {
  const ruleset::Header& header = state.rules()->header;
  events::Fact fact = MakeFact(state, state.context, start.began, start.began_mono);
  fact.kind = EventKind::kPrompt;
  fact.name = start.campaign->key;
  const bool is_held_out = start.is_held_out && !start.is_forced;
  fact.variant = is_held_out ? std::string(ruleset::kHeldOutArm) : start.campaign->variants[start.variant].name;
  fact.unit_kind = std::string(start.unit_kind);
  fact.unit_id = std::string(start.unit_id);
  fact.iteration = start.campaign->iteration;
  fact.slot = start.slot;
  fact.datafile_set = header.project + "/" + header.environment;
  fact.datafile_version = std::to_string(header.epoch) + "." + std::to_string(header.version);
  fact.forced = fact.forced || start.is_forced;
  fact.is_urgent = true;
  fact.is_reported = !start.is_kept_out || start.is_forced;
  events::FactPrompt& prompt = fact.prompt.emplace();
  prompt.ordinal = start.ordinal;
  prompt.trigger = std::string(start.trigger);
  prompt.is_forced = start.is_forced || state.shift() != Duration(0);
  prompt.id = events::PromptId(state.inputs.install_id, fact);
  return fact;
}

Prompt MakePrompt(const ruleset::Ruleset& rules, const ruleset::Campaign& campaign,
                  const ruleset::CampaignVariant& variant, const Context& context, const events::Fact& begun,
                  bool is_forced) {
  const ruleset::PromptContent& content = variant.content;
  const ruleset::PromptTexts& texts = prompts::TextsFor(content, context);
  const prompts::Filling filling{context, begun.prompt->id, campaign.key, variant.name};
  Prompt prompt;
  prompt.id = begun.prompt->id;
  prompt.campaign = campaign.key;
  prompt.variant = variant.name;
  prompt.kind = content.kind;
  prompt.anchor = content.anchor;
  prompt.language = texts.language;
  prompt.title = prompts::Fill(texts.title, filling);
  prompt.body = prompts::Fill(texts.body, filling);
  prompt.image = {content.image.asset, content.image.url, content.image.sha256, prompts::Fill(texts.alt, filling)};
  for (std::size_t i = 0; i < content.buttons.size(); ++i) {
    const ruleset::PromptButton& button = content.buttons[i];
    prompt.buttons.push_back({button.id, prompts::Fill(texts.labels[i], filling),
                              prompts::FillAction(button.action, texts.action_texts[i], filling, rules.link_hosts),
                              button.snooze, button.is_primary});
  }
  prompt.questions = prompts::QuestionsFor(content, texts, filling, begun.unit_id);
  prompt.forced = is_forced;
  return prompt;
}

ShownPrompt::ShownPrompt(Prompt prompt, std::vector<std::string> tracks, events::Fact begun, Ports ports)
    : prompt_(std::move(prompt)), tracks_(std::move(tracks)), begun_(std::move(begun)), ports_(std::move(ports)) {}

bool ShownPrompt::Begin() { return ports_.append(begun_); }

events::Fact ShownPrompt::Next(prompts::What what) const {
  events::Fact fact = begun_;
  fact.prompt->what = what;
  return fact;
}

// Before anything that changes whether it counts, and before the end. No timer: that it became viewable is told with
// whatever happens next, so an app that is killed meanwhile tells of less than there was, never of more.
void ShownPrompt::CountLocked(MonoTime now) {
  if (is_seen_ && is_visible_ && !is_away_ && now > counted_until_) visible_ += now - counted_until_;
  counted_until_ = std::max(counted_until_, now);
  if (visible_ < kViewable || std::exchange(is_viewable_, true)) return;
  (void)ports_.append(Next(prompts::What::kViewable));
}

void ShownPrompt::SeeLocked() {
  if (std::exchange(is_seen_, true)) return;
  (void)ports_.append(Next(prompts::What::kImpression));  // what was refused is in the ledger
}

void ShownPrompt::Presented() {
  if (ports_.presence.IsCopy()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_ended_) return;
  CountLocked(ports_.now());
  SeeLocked();
}

void ShownPrompt::Visible(bool is_visible) {
  if (ports_.presence.IsCopy()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_ended_) return;
  CountLocked(ports_.now());
  is_visible_ = is_visible;
}

void ShownPrompt::SetAway(bool is_away, MonoTime at) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_ended_) return;
  CountLocked(at);
  is_away_ = is_away;
}

bool ShownPrompt::End(events::Fact fact, bool was_seen, std::string_view track) {
  if (ports_.presence.IsCopy()) return false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (std::exchange(has_ended_, true)) return false;
    CountLocked(ports_.now());
    if (was_seen) SeeLocked();
    if (is_seen_) fact.prompt->visible = visible_;
    (void)ports_.append(std::move(fact));
  }
  if (!track.empty()) ports_.track(track);
  ports_.ended();
  return true;
}

void ShownPrompt::Action(std::string_view id) {
  const auto found = std::find_if(prompt_.buttons.begin(), prompt_.buttons.end(),
                                  [id](const Prompt::Button& button) { return button.id == id; });
  const bool is_known = found != prompt_.buttons.end();
  events::Fact fact = Next(prompts::What::kAction);
  fact.prompt->button = Bounded(id, "unnamed");
  if (is_known && found->snooze > Duration(0)) {
    fact.prompt->what = prompts::What::kSnooze;
    fact.prompt->snooze = found->snooze;
  } else if (is_known && found->action.kind.empty()) {
    fact.prompt->what = prompts::What::kDismissal;
    fact.prompt->cause = "person";
  }
  const auto index = static_cast<std::size_t>(found - prompt_.buttons.begin());
  // Whoever pressed it has seen it.
  (void)End(std::move(fact), true, is_known ? std::string_view(tracks_[index]) : std::string_view());
}

void ShownPrompt::Dismissed(DismissCause cause) {
  events::Fact fact = Next(prompts::What::kDismissal);
  fact.prompt->cause = std::string(CauseName(cause));
  (void)End(std::move(fact), false);
}

void ShownPrompt::Snoozed(Duration wait) {
  events::Fact fact = Next(prompts::What::kSnooze);
  fact.prompt->snooze = std::clamp(wait, Duration(0), kMostSnooze);
  (void)End(std::move(fact), true);
}

void ShownPrompt::Failed(std::string_view why) {
  events::Fact fact = Next(prompts::What::kFailure);
  fact.prompt->cause = Bounded(why, "unspecified");
  (void)End(std::move(fact), false);
}

Status ShownPrompt::Answer(std::string_view question, const Value& answer) {
  const Status over(StatusCode::kClosed, "the prompt is not up any more");
  if (ports_.presence.IsCopy()) return over;
  const auto found = std::find_if(prompt_.questions.begin(), prompt_.questions.end(),
                                  [&](const SurveyQuestion& each) { return each.id == question; });
  if (found == prompt_.questions.end()) {
    return {StatusCode::kInvalidArgument, "the prompt has no question " + std::string(question)};
  }
  Value checked = answer;
  if (Status status = CheckAnswer(*found, &checked); !status.ok()) return status;
  events::Fact fact = Next(prompts::What::kAnswer);
  // Triggers hear of it, also where it may not be reported; then it is in memory alone.
  fact.is_trigger = true;
  fact.prompt->question = found->id;
  if (found->type == "text") {
    fact.prompt->text = *checked.AsString();
  } else {
    fact.prompt->answer = checked;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_ended_) return over;
  if (answers_ == limits::kAnswers) return {StatusCode::kTooLarge, "too many answers to one prompt"};
  CountLocked(ports_.now());
  SeeLocked();
  fact.prompt->number = ++answers_;
  answer_of_[found->id] = std::move(checked);
  (void)ports_.append(std::move(fact));
  return {};
}

Status ShownPrompt::Completed() {
  const Status over(StatusCode::kClosed, "the prompt is not up any more");
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (has_ended_) return over;
    const SurveyQuestion* question = NextQuestion(prompt_.questions, "", Value());
    while (question != nullptr) {
      const auto answer = answer_of_.find(question->id);
      const bool is_answered = answer != answer_of_.end();
      if (question->required && !is_answered) {
        return {StatusCode::kInvalidArgument, question->id + ": is required, and not answered"};
      }
      question = NextQuestion(prompt_.questions, question->id, is_answered ? answer->second : Value());
    }
  }
  return End(Next(prompts::What::kCompletion), true) ? Status() : over;
}

bool ShownPrompt::Withdraw(std::string_view why, bool is_told) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (std::exchange(has_ended_, true)) return false;
  if (!is_told) return true;
  CountLocked(ports_.now());
  events::Fact fact = Next(is_seen_ ? prompts::What::kDismissal : prompts::What::kFailure);
  fact.prompt->cause = std::string(is_seen_ ? CauseName(DismissCause::kHost) : why);
  if (is_seen_) fact.prompt->visible = visible_;
  (void)ports_.append(std::move(fact));
  return true;
}

}  // namespace guidon::client
