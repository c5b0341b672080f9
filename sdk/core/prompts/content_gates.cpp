#include "sdk/core/prompts/content_gates.h"

#include <algorithm>

#include "sdk/core/prompts/actions.h"
#include "sdk/core/prompts/content.h"

namespace guidon::prompts {
namespace {

GateResult ContentResult(Gate gate, Why why) {
  GateResult result;
  result.gate = gate;
  result.why = why;
  result.passed = why == Why::kMayShow;
  return result;
}

GateResult AskKind(const Question& question, const ruleset::PromptContent& content) {
  if (question.host == nullptr) return ContentResult(Gate::kKind, Why::kMayShow);
  const std::vector<std::string>& kinds = question.host->kinds;
  const bool is_drawn = std::find(kinds.begin(), kinds.end(), content.kind) != kinds.end();
  return ContentResult(Gate::kKind, is_drawn ? Why::kMayShow : Why::kCannotDraw);
}

GateResult AskQuestions(const Question& question, const ruleset::PromptContent& content) {
  GateResult result = ContentResult(Gate::kQuestions, Why::kMayShow);
  if (question.host == nullptr) return result;
  const std::vector<std::string>& types = question.host->questions;
  for (const ruleset::CampaignQuestion& asked : content.questions) {
    const std::string_view type = ruleset::QuestionTypeName(asked.type);
    if (std::find(types.begin(), types.end(), type) != types.end()) continue;
    return ContentResult(Gate::kQuestions, Why::kCannotAsk);
  }
  return result;
}

GateResult AskActions(const Question& question, const ruleset::PromptContent& content) {
  GateResult result = ContentResult(Gate::kActions, Why::kMayShow);
  if (question.host == nullptr) return result;
  result.lacking = FirstLacking(content.buttons, question.host->actions);
  if (!result.lacking.empty()) {
    result.passed = false;
    result.why = Why::kCannotDo;
  }
  return result;
}

GateResult AskTexts(const Question& question, const ruleset::CampaignVariant& variant) {
  const Context& context = question.prepared.context();
  const ruleset::PromptContent& content = variant.content;
  GateResult result = ContentResult(Gate::kTexts, Why::kMayShow);
  result.unfilled = FirstUnfilled(TextsFor(content, context), context);
  if (result.unfilled.empty()) result.unfilled = FirstUnfilled(content.buttons, context);
  const Filling filling{context, kNoPromptId, question.campaign.key, variant.name};
  const ruleset::PromptButton* bad = FirstBadLink(content.buttons, filling, question.rules.link_hosts);
  if (bad != nullptr) result.bad_link = bad->id;
  result.why = !result.unfilled.empty() ? Why::kUnfilled : bad != nullptr ? Why::kBadLink : Why::kMayShow;
  result.passed = result.why == Why::kMayShow;
  return result;
}

}  // namespace

bool AskContent(const Question& question, const ruleset::CampaignVariant& variant,
                const std::function<bool(const GateResult& result)>& add) {
  const ruleset::PromptContent& content = variant.content;
  if (!add(AskKind(question, content))) return false;
  const auto asks = [](const ruleset::PromptButton& button) { return !button.action.NeededOfHost().empty(); };
  const bool has_actions = std::any_of(content.buttons.begin(), content.buttons.end(), asks);
  if (has_actions && !add(AskActions(question, content))) return false;
  if (!content.questions.empty() && !add(AskQuestions(question, content))) return false;
  return add(AskTexts(question, variant));
}

}  // namespace guidon::prompts
