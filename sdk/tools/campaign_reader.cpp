#include <algorithm>
#include <set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"
#include "sdk/tools/trigger_form.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kGoals = 16;
constexpr const char* kCampaignExample = "{ \"trigger\": \"message_sent\", \"show\": { … } }";

// The first part of a condition that may be true and false again later; null when it stays as it is once it is true.
const expression::Tree* FindPassing(const expression::Tree& tree) {
  if (tree.kind == expression::Kind::kAnd || tree.kind == expression::Kind::kOr) {
    for (const expression::Tree& part : tree.of) {
      if (const expression::Tree* passing = FindPassing(part)) return passing;
    }
    return nullptr;
  }
  const bool is_total = tree.measure == behavior::Measure::kCount || tree.measure == behavior::Measure::kActiveDays;
  const bool lasts = tree.kind == expression::Kind::kBehavior && is_total && tree.window == behavior::Window() &&
                     (tree.op == expression::Op::kGreater || tree.op == expression::Op::kGreaterEqual);
  return lasts ? nullptr : &tree;
}

class CampaignReader {
 public:
  CampaignReader(const Members& members, const Located& at, Timestamp now) : members_(members), at_(at), now_(now) {}

  SourceCampaign Run() {
    campaign_.name = at_.name;
    campaign_.at = &at_;
    if (!members_.Want(at_, json::Type::kObject, kCampaignExample)) return std::move(campaign_);
    CheckMembers();
    ReadRun(members_, at_, now_, "a campaign", "nobody sees it", &campaign_);
    campaign_.unit = members_.Unit(at_).value_or("device");
    campaign_.priority = members_.Int(at_, "priority", -1000, 1000).value_or(0);
    campaign_.valid_for =
        ReadTime(members_, at_, "valid_for", Duration(1000), Duration(3'600'000), "1s to 1h, such as 60s")
            .value_or(campaign_.valid_for);
    campaign_.delay = ReadTime(members_, at_, "delay", Duration(0), Duration(3'600'000), "0s to 1h, such as 2s")
                          .value_or(campaign_.delay);
    ReadTriggers();
    ReadCancelOn();
    ReadOwnCaps();
    ReadGroup();
    ReadUntil();
    ReadOpenHours(members_, at_, &campaign_.hours);
    ReadHoldout();
    ReadWaits();
    ReadCampaignGoals();
    ReadGuardrails(members_, at_, &campaign_);
    ReadShows(members_, at_, &campaign_.shows);
    CheckCompletion();
    return std::move(campaign_);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void CheckMembers() {
    members_.CheckKnown(
        at_, {"about",     "hypothesis", "owner", "decide_by", "status",  "iteration", "starts_at", "ends_at",
              "protected", "trigger",    "when",  "caps",      "holdout", "unit",      "priority",  "valid_for",
              "waits",     "kpi",        "goals", "show",      "group",   "until",     "delay",     "cancel_on",
              "days",      "hours",      "zone",  "variants",  "weights", "guardrails"},
        "a campaign",
        {{"audience", "write \"when\""},
         {"segment", "write \"when\": \"segment('power-users')\""},
         {"where", "it belongs behind the event: \"trigger\": \"message_sent where chars >= 1500\""},
         {"event", "write \"trigger\""},
         {"triggers", "write \"trigger\": [\"message_sent\", \"note_created\"]"},
         {"cancel", "write \"cancel_on\": [\"file_shared\"]"},
         {"wait", "write \"delay\": \"2s\", or \"waits\" for how long nothing follows after a dismissal"},
         {"frequency", "write \"caps\": [\"1 per 7d\", \"3 ever\"]"},
         {"limit", "write \"caps\": [\"1 per 7d\", \"3 ever\"]"},
         {"cap", "write \"caps\": [\"1 per 7d\", \"3 ever\"]"},
         {"percent", "everybody in \"when\" takes part; \"holdout\" says how many of them see nothing"},
         {"control", "write \"holdout\": 10, the percentage that sees nothing"},
         {"contents", "write \"variants\": { \"benefit\": { \"title\": \"…\" }, \"news\": { \"title\": \"…\" } }"},
         {"split", "write \"weights\": { \"benefit\": 50, \"news\": 50 }"},
         {"goal", "write \"goals\": [\"file_shared within 7d\"]"},
         {"guardrail", "write \"guardrails\": [\"no more error_shown within 10m\"]"},
         {"content", "write \"show\""},
         {"questions", "it belongs into \"show\""},
         {"survey", "write \"show\": { …, \"questions\": [ … ] }"},
         {"message", "write \"show\""},
         {"kind", "it belongs into \"show\""},
         {"title", "it belongs into \"show\""},
         {"body", "it belongs into \"show\""},
         {"buttons", "it belongs into \"show\""},
         {"snooze", "write a button: { \"label\": \"Later\", \"do\": \"snooze 1d\" }"},
         {"quiet_hours", "write \"hours\" of the campaign, or \"quiet_hours\" of a group: \"groups\": { \"all\": … }"},
         {"time", "write \"hours\": \"09:00-18:00\""},
         {"timezone", "write \"zone\""},
         {"groups",
          "write \"group\": \"nudge\", or a list of names; what they allow stands in \"groups\" of the source"},
         {"gap", "it belongs to a group: \"groups\": { \"all\": { \"gap\": \"90s\" } }"},
         {"stop_when", "write \"until\""},
         {"unless", "write \"until\", or a condition with ! in \"when\""}});
  }

  void ReadTriggers() {
    const Located* at = at_.Find("trigger");
    if (at == nullptr) {
      problems().ErrorAtName("missing-member", at_, "\"trigger\" is missing, so nothing ever starts it",
                             "write \"trigger\": the event at which it may be shown, such as \"message_sent\"");
      return;
    }
    if (!at->is(json::Type::kArray)) return ReadTrigger(*at);
    if (at->items.empty()) {
      problems().Error("no-trigger", *at, "the list is empty, so nothing ever starts it",
                       "write the events at which it may be shown: [\"message_sent\", \"note_created\"]");
    }
    if (at->items.size() > limits::kTriggersPerCampaign) {
      problems().Error("too-many", *at, "more than 8 triggers", "let one event with properties stand for several");
    }
    for (std::size_t i = 0; i < at->items.size(); ++i) {
      const Located& item = at->items[i];
      const bool is_known = std::any_of(at->items.begin(), at->items.begin() + static_cast<std::ptrdiff_t>(i),
                                        [&](const Located& other) { return other.Text() == item.Text(); });
      if (item.is(json::Type::kString) && is_known) {
        problems().Warning("listed-twice", item, "the same trigger is listed twice", "remove one");
      } else {
        ReadTrigger(item);
      }
    }
  }

  void ReadTrigger(const Located& at) {
    if (!members_.Want(at, json::Type::kString, "\"message_sent\" or \"message_sent where chars >= 1500\"")) return;
    expression::Error error;
    std::optional<TriggerForm> form = ParseTrigger(at.Text(), &error);
    if (!error.reason.empty()) members_.ErrorWithin("bad-trigger", at, error);
    if (!form) return;
    SourceTrigger& trigger = campaign_.triggers.emplace_back();
    trigger.at = &at;
    trigger.kind = form->kind;
    trigger.screen = std::move(form->screen);
    trigger.time = form->time;
    for (TriggerStepForm& step : form->steps) trigger.steps.push_back({std::move(step.event), std::move(step.where)});
    for (const SourceStep& step : trigger.steps) {
      if (step.where) CheckWhere(at, *step.where);
    }
    CheckSteps(trigger);
  }

  void CheckSteps(const SourceTrigger& trigger) {
    if (trigger.kind != ruleset::TriggerKind::kAll) return;
    std::set<std::string> known;
    for (const SourceStep& step : trigger.steps) {
      if (known.insert(step.event + (step.where ? " where " + expression::ToText(*step.where) : "")).second) continue;
      problems().Warning("step-twice", *trigger.at,
                         "'" + step.event + "' stands here twice, and once is enough for both",
                         "for two of them write \"" + step.event + " then " + step.event + " within 10m\"");
    }
  }

  void CheckWhere(const Located& at, const expression::Tree& where) {
    members_.LookForPersonalData(at, where);
    bool has_behavior = false;
    expression::ForEachLeaf(where, [&](const expression::Tree& leaf) {
      has_behavior = has_behavior || leaf.kind == expression::Kind::kBehavior;
    });
    if (!has_behavior) return;
    problems().Error("behavior-in-where", at, "`where` asks the event that just happened, and count() asks the past",
                     "move count() and active_days() into \"when\"");
  }

  void ReadCancelOn() {
    const Located* at = at_.Find("cancel_on");
    if (at == nullptr) return;
    const std::string example = at->is(json::Type::kString) ? json::ToText(at->value) : "\"file_shared\"";
    if (!members_.Want(*at, json::Type::kArray, "[" + example + "]")) return;
    if (at->items.size() > limits::kCancelEvents) {
      problems().Error("too-many", *at, "more than 8 events", "let one event with properties stand for several");
    }
    for (const Located& item : at->items) {
      if (!members_.Want(item, json::Type::kString, "an event's name in quotes")) continue;
      const std::string_view name = item.Text();
      const bool is_known = std::any_of(campaign_.cancel_on.begin(), campaign_.cancel_on.end(),
                                        [&](const SourceEventName& other) { return other.name == name; });
      if (name.empty() || name.size() > limits::kEventNameBytes || name.find(' ') != std::string_view::npos) {
        problems().Error("bad-name", item, "an event's name has 1 to 128 bytes and no spaces",
                         "write the name alone: any such event cancels, whatever its properties are");
      } else if (is_known) {
        problems().Warning("listed-twice", item, "'" + std::string(name) + "' is listed twice", "remove one");
      } else {
        campaign_.cancel_on.push_back({name, &item});
      }
    }
  }

  void ReadOwnCaps() {
    const Located* at = at_.Find("caps");
    if (at == nullptr) {
      campaign_.caps = {{1, Duration(7 * kDayMs), nullptr}, {3, Duration(0), nullptr}};
      return;
    }
    if (at->is(json::Type::kArray) && at->items.empty()) {
      problems().Error("no-caps", *at, "without caps it would come back at every trigger, for ever",
                       "write [\"1 per 7d\", \"3 ever\"], which also holds where \"caps\" is left out");
    }
    ReadCaps(members_, *at, &campaign_.caps);
  }

  void ReadGroup() {
    const Located* at = at_.Find("group");
    if (at == nullptr) return;
    if (!at->is(json::Type::kArray)) {
      if (members_.Want(*at, json::Type::kString, "\"nudge\", or [\"nudge\", \"sales\"]")) campaign_.groups = {at};
      return;
    }
    for (const Located& item : at->items) {
      if (members_.Want(item, json::Type::kString, "a group's name in quotes")) campaign_.groups.push_back(&item);
    }
    if (at->items.size() > limits::kGroupsPerCampaign) {
      problems().Error("too-many", *at, "more than 4 groups", "one or two say it all");
    }
  }

  // What has come to be so stays so: then it is never shown again, without anything to remember.
  void ReadUntil() {
    const Located* at = at_.Find("until");
    if (at == nullptr) return;
    campaign_.until = members_.Condition(*at);
    if (!campaign_.until) return;
    if (const expression::Tree* leaf = FindPassing(*campaign_.until)) {
      problems().Error(
          "until-passes", *at,
          "'" + expression::ToText(*leaf) +
              "' may be so and then not any more, and `until` says what is done once and for all",
          "count what was done since the app was installed, such as \"count('file_shared') >= 1\"; for the "
          "rest there is \"when\"");
    }
  }

  void ReadHoldout() {
    const Located* at = at_.Find("holdout");
    if (at == nullptr) return;
    if (at->is(json::Type::kString)) {
      std::string number(at->Text());
      while (!number.empty() && (number.back() == '%' || number.back() == ' ')) number.pop_back();
      const bool is_number = !number.empty() && number.find_first_not_of("0123456789.") == std::string::npos;
      problems().Error("wrong-type", *at, "expected a percentage, found " + Describe(*at),
                       "write " + (is_number ? number : "10") + ", without quotes and without %");
      return;
    }
    const std::optional<std::int64_t> slots = members_.Percent(*at);
    if (!slots) return;
    campaign_.holdout = *slots;
    if (*slots > kSlots / 2) {
      problems().Error("percent-out-of-range", *at, "more than half would see nothing", "10 is usual, 50 is the most");
    }
  }

  void ReadWaits() {
    const Located* at = at_.Find("waits");
    if (at == nullptr || !members_.Want(*at, json::Type::kObject, "{ \"dismissal\": \"7d\", \"action\": \"30d\" }"))
      return;
    members_.CheckKnown(*at, {"dismissal", "action", "completion"}, "waits",
                        {{"dismiss", "write \"dismissal\""},
                         {"completed", "write \"completion\""},
                         {"survey", "write \"completion\""},
                         {"click", "write \"action\""},
                         {"snooze", "a snooze's wait stands at its button: \"do\": \"snooze 1d\""}});
    constexpr std::string_view kRange = "0s for no wait, up to 400d";
    const Duration most(400 * kDayMs);
    ReadWaitAfterDismissal(*at, kRange, most);
    campaign_.wait_after_action =
        ReadTime(members_, *at, "action", Duration(0), most, kRange).value_or(campaign_.wait_after_action);
    campaign_.wait_after_completion = ReadTime(members_, *at, "completion", Duration(0), most, kRange);
  }

  void CheckCompletion() {
    const bool is_survey = std::any_of(campaign_.shows.begin(), campaign_.shows.end(),
                                       [](const SourceShow& show) { return !show.content.questions.empty(); });
    if (!campaign_.wait_after_completion || is_survey || campaign_.shows.empty()) return;
    problems().Warning("wait-unused", *at_.Find("waits")->Find("completion"),
                       "nothing is asked, so there is nothing to complete", "remove it, or ask something");
  }

  // "7d", or "3d doubling to 60d".
  void ReadWaitAfterDismissal(const Located& waits, std::string_view range, Duration most) {
    constexpr std::string_view kDoubling = " doubling to ";
    const Located* at = waits.Find("dismissal");
    if (at == nullptr) return;
    const std::size_t middle = at->is(json::Type::kString) ? at->Text().find(kDoubling) : std::string_view::npos;
    if (middle == std::string_view::npos) {
      campaign_.wait_after_dismissal =
          ReadTime(members_, waits, "dismissal", Duration(0), most, range).value_or(campaign_.wait_after_dismissal);
      return;
    }
    const auto first = text::ParseDuration(at->Text().substr(0, middle));
    const auto last = text::ParseDuration(at->Text().substr(middle + kDoubling.size()));
    if (!first || !last || *first <= Duration(0) || *last <= *first || *last > most) {
      problems().Error("bad-time", *at, Shown(at->value) + " does not grow from one time to a longer one",
                       "write it like \"3d doubling to 60d\": 3 days, then 6, 12 … up to 60; 400d at most");
      return;
    }
    campaign_.wait_after_dismissal = *first;
    campaign_.longest_wait_after_dismissal = *last;
  }

  void ReadCampaignGoals() {
    const Located* goals = at_.Find("goals");
    if (goals == nullptr || (goals->is(json::Type::kArray) && goals->items.empty())) {
      if (campaign_.IsLive()) {
        problems().Warning("no-goal", at_, "the campaign has no goal, so nothing tells what it changed",
                           "write \"goals\": [\"file_shared within 7d\"]");
      }
      return;
    }
    ReadGoals(members_, *goals, &campaign_);
    if (goals->items.size() > kGoals) {
      problems().Error("too-many", *goals, "more than 16 goals", "one decides; a few more explain");
    }
    for (const SourceGoal& goal : campaign_.goals) {
      CheckGoalWindow(members_, goal);
      if (!goal.within.empty()) continue;
      problems().Error("goal-without-window", *goal.at,
                       "the goal says no time, so whoever was shown it first has had the longest to reach it",
                       "write \"" + goal.event + (goal.is_by_prompt ? " by prompt" : "") + " within 7d\"");
    }
  }

  const Members& members_;
  const Located& at_;
  Timestamp now_;
  SourceCampaign campaign_;
};

}  // namespace

void ReadCampaigns(const Members& members, const Located& at, Timestamp now, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"my-campaign\": " + std::string(kCampaignExample) + " }")) return;
  for (const Located& item : at.items) out->campaigns.push_back(CampaignReader(members, item, now).Run());
}

}  // namespace guidon::tools
