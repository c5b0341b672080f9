// What holds within a campaign and between campaigns.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

const Located& Place(const SourceCampaign& campaign, std::string_view member) {
  const Located* at = campaign.at->Find(member);
  return at != nullptr ? *at : *campaign.at;
}

// Of all its contents.
std::vector<SourceButton> ButtonsOf(const SourceCampaign& campaign) {
  std::vector<SourceButton> buttons;
  for (const SourceShow& show : campaign.shows) {
    buttons.insert(buttons.end(), show.content.buttons.begin(), show.content.buttons.end());
  }
  return buttons;
}

void CheckSnoozes(const Members& members, const SourceCampaign& campaign, Timestamp now) {
  if (!campaign.ends_at) return;
  // Where it depends on the place, wherever it is still true.
  const Timestamp start = std::max(campaign.starts_at ? EarliestOf(*campaign.starts_at) : now, now);
  const Timestamp end = LatestOf(*campaign.ends_at);
  if (end <= start) return;
  for (const SourceButton& button : ButtonsOf(campaign)) {
    if (button.snooze.count() == 0 || start + button.snooze < end) continue;
    members.problems().Warning("snooze-past-end", *button.at->Find("do"),
                               "the campaign ends before a snooze of " + DurationText(button.snooze) +
                                   " is over, so \"" + button.label + "\" would mean never",
                               "snooze for less, or let it end later");
  }
}

bool IsStartedBy(const SourceCampaign& campaign, std::string_view start) {
  return std::any_of(campaign.triggers.begin(), campaign.triggers.end(),
                     [start](const SourceTrigger& trigger) { return trigger.Start() == start; });
}

void CheckLinks(const Members& members, const SourceCampaign& campaign, const std::vector<std::string>& link_hosts) {
  for (const SourceButton& button : ButtonsOf(campaign)) {
    std::string reason;
    std::size_t offset = 0;
    const auto link = ruleset::ParsePromptText(button.action.link, &reason, &offset);
    if (button.action.link.empty() || !link) continue;
    const char* why = ruleset::WhyNoPromptLink(*link, link_hosts);
    if (why == nullptr) continue;
    members.problems().Error("bad-link", *button.action.link_at, "no device opens this: " + std::string(why),
                             "write an address of the app (app://…), or of a page by its host's name (https://…)");
  }
}

// What is shared, copied or handed to the app has the showing's id in it.
bool CarriesPromptId(const SourceAction& action) {
  const auto carries = [](const std::string& text) { return text.find("{prompt.id}") != std::string::npos; };
  return carries(action.link) || carries(action.text) ||
         std::any_of(action.arguments.begin(), action.arguments.end(),
                     [&](const auto& argument) { return carries(argument.second); });
}

void CheckGoalsByPrompt(const Members& members, const SourceCampaign& campaign) {
  const std::vector<SourceButton> buttons = ButtonsOf(campaign);
  if (std::any_of(buttons.begin(), buttons.end(), [](const auto& button) { return CarriesPromptId(button.action); }))
    return;
  for (const SourceGoal& goal : campaign.goals) {
    if (!goal.is_by_prompt) continue;
    members.problems().Warning("goal-without-prompt-id", *goal.at,
                               "no button passes {prompt.id} on, so whoever does '" + goal.event +
                                   "' cannot say which prompt brought them",
                               "put {prompt.id} into the link that is shared");
  }
}

void CheckImages(const Members& members, const SourceCampaign& campaign, const std::vector<std::string>& link_hosts) {
  for (const SourceShow& show : campaign.shows) {
    const SourceImage& image = show.content.image;
    if (image.url.empty()) continue;
    const char* why = ruleset::WhyNoImageUrl(image.url, link_hosts);
    if (why == nullptr) continue;
    members.problems().Error("bad-link", *image.at->Find("url"), "no device fetches this: " + std::string(why),
                             "write the address of a file by its host's name (https://…), or an \"asset\"");
  }
}

void CheckGoalEvents(const Members& members, const SourceCampaign& campaign) {
  for (const SourceGoal& goal : campaign.goals) {
    if (!IsStartedBy(campaign, goal.event)) continue;
    members.problems().Warning("goal-is-trigger", *goal.at,
                               "'" + goal.event +
                                   "' also starts the campaign, so whoever does it once more has "
                                   "reached the goal without the prompt's doing",
                               "take what people do because of the prompt as the goal");
  }
}

// Those whom one of "holdouts" keeps from several campaigns are not compared campaign by campaign.
void CheckGuardrailsAreJudged(const Members& members, const SourceCampaign& campaign) {
  if (campaign.guardrails.empty() || campaign.holdout > 0 || !campaign.IsLive()) return;
  members.problems().Warning("guardrail-without-holdout", Place(campaign, "guardrails"),
                             "the campaign holds nobody out, so nothing tells whether these got worse",
                             "write \"holdout\": 10, or leave it out, which means 10");
}

std::set<std::string> AttributesOf(const expression::Tree& tree, bool only_numbers) {
  std::set<std::string> names;
  expression::ForEachLeaf(tree, [&](const expression::Tree& leaf) {
    const bool is_number =
        leaf.kind == expression::Kind::kCompare && (leaf.value.AsInt() != nullptr || leaf.value.AsDouble() != nullptr);
    if (expression::ReadsAttribute(leaf.kind) && (is_number || !only_numbers)) names.insert(leaf.name);
  });
  return names;
}

// A property of the event in `when`, or something of the context in the trigger: each asks where nothing is called so,
// and is then unknown for ever.
class AttributeCheck {
 public:
  AttributeCheck(const Members& members, const Source& source) : members_(members) {
    for (const std::string& name : source.event_attributes) ++rules_[name];
    for (const PlacedCondition& condition : ConditionsOf(source)) {
      if (condition.is_trigger) continue;
      for (const std::string& name : AttributesOf(*condition.tree, false)) ++rules_[name];
    }
  }

  void Run(const SourceCampaign& campaign) const {
    if (campaign.triggers.empty()) return;
    std::map<std::string, Asked> in_where;
    for (const SourceTrigger& trigger : campaign.triggers) {
      for (const SourceStep& step : trigger.steps) {
        if (!step.where) continue;
        for (const std::string& name : AttributesOf(*step.where, false)) {
          in_where.emplace(name, Asked{step.event, trigger.at});
        }
      }
    }
    const SourceStep* last = campaign.triggers.front().LastStep();
    const std::set<std::string> in_when = campaign.when ? AttributesOf(*campaign.when, false) : std::set<std::string>();
    const std::set<std::string> numbers = campaign.when ? AttributesOf(*campaign.when, true) : std::set<std::string>();
    const auto others = [&](const std::string& name) {
      const auto found = rules_.find(name);
      return found == rules_.end() ? 0 : found->second - static_cast<int>(in_when.count(name));
    };
    for (const auto& [name, asked] : in_where) {
      if (others(name) == 0) continue;
      members_.problems().Warning(
          "attribute-in-where", *asked.at,
          "other rules ask '" + name + "' of the context, and here it would be a property of " + asked.event,
          "if it is known of the person, move it into \"when\"");
    }
    for (const std::string& name : in_when) {
      if (others(name) > 0) continue;
      if (in_where.count(name) > 0) {
        members_.problems().Warning("property-in-when", Place(campaign, "when"),
                                    "'" + name + "' is a property of " + in_where.at(name).event +
                                        ", which only the trigger can ask; `when` asks what is known of the person",
                                    "move it behind `where`");
      } else if (in_where.empty() && last != nullptr && numbers.count(name) > 0 &&
                 name.find('.') == std::string::npos) {
        members_.problems().Note("property-in-when", Place(campaign, "when"),
                                 "no other rule asks '" + name + "': is it a property of " + last->event + "?",
                                 "if it is, write \"trigger\": \"" + last->event + " where " + name + " …\"");
      }
    }
  }

 private:
  struct Asked {
    std::string event;
    const Located* at;
  };

  const Members& members_;
  std::map<std::string, int> rules_;  // by attribute, how many ask for it
};

void CheckTies(const Members& members, const Source& source) {
  for (std::size_t i = 0; i < source.campaigns.size(); ++i) {
    const SourceCampaign& later = source.campaigns[i];
    if (!later.IsLive()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      const SourceCampaign& earlier = source.campaigns[j];
      if (!earlier.IsLive() || earlier.priority != later.priority) continue;
      const auto shared =
          std::find_if(later.triggers.begin(), later.triggers.end(),
                       [&earlier](const SourceTrigger& trigger) { return IsStartedBy(earlier, trigger.Start()); });
      if (shared == later.triggers.end()) continue;
      members.problems().Warning("priority-tie", Place(later, "priority"),
                                 "'" + earlier.name + "' and '" + later.name + "' both start at " + shared->Start() +
                                     " with priority " + std::to_string(later.priority) +
                                     ", so which comes first differs from person to person",
                                 "give the more important one a higher \"priority\"");
      break;
    }
  }
}

}  // namespace

void CheckCampaigns(const Members& members, const Source& source, Timestamp now) {
  const AttributeCheck attributes(members, source);
  for (const SourceCampaign& campaign : source.campaigns) {
    if (campaign.at->items.empty()) continue;  // reported
    CheckCaps(members, campaign.caps, campaign.caps, "");
    CheckSnoozes(members, campaign, now);
    CheckLinks(members, campaign, source.link_hosts);
    CheckImages(members, campaign, source.link_hosts);
    CheckGoalEvents(members, campaign);
    CheckGoalsByPrompt(members, campaign);
    CheckGuardrailsAreJudged(members, campaign);
    attributes.Run(campaign);
  }
  CheckTies(members, source);
}

}  // namespace guidon::tools
