#include "sdk/tools/event_condition.h"

#include <string>

#include "sdk/core/expression/render.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::tools {
namespace {

void WriteWithKind(json::Node condition, json::Writer& out) {
  out.BeginObject();
  for (json::Node member : condition) {
    out.Key(member.name());
    if (member.name() != "of") {
      out.Raw(member.ToText());
    } else {
      out.BeginArray();
      for (json::Node part : member) WriteWithKind(part, out);
      out.End();
    }
    if (member.name() == "attribute") out.Key("kind").String(ruleset::kEventKind);
  }
  out.End();
}

void WriteWithoutKind(json::Node condition, json::Writer& out) {
  out.BeginObject();
  for (json::Node member : condition) {
    if (member.name() == "kind" && member.AsString() == ruleset::kEventKind) continue;
    out.Key(member.name());
    if (member.name() != "of" || !member.is(json::Type::kArray)) {
      out.Raw(member.ToText());
      continue;
    }
    out.BeginArray();
    for (json::Node part : member) WriteWithoutKind(part, out);
    out.End();
  }
  out.End();
}

std::string StepText(json::Node step) {
  std::string text(step["event"].AsString().value_or("?"));
  const json::Node where = step["where"];
  if (!where.exists()) return text;
  const std::optional<expression::Tree> tree = EventConditionFromJson(where);
  return text + " where " + (tree ? expression::ToText(*tree) : where.ToText());
}

std::string TriggerText(json::Node trigger) {
  const auto text = [](json::Node node) { return std::string(node.AsString().value_or("?")); };
  if (trigger["on"].exists()) return text(trigger["on"]);
  if (trigger["screen"].exists()) return "screen " + text(trigger["screen"]) + " for " + text(trigger["for"]);
  if (trigger["idle"].exists()) return "idle " + text(trigger["idle"]);
  const bool is_then = trigger["then"].exists();
  std::string steps;
  for (json::Node step : is_then ? trigger["then"] : trigger["all"]) {
    steps += (steps.empty() ? "" : is_then ? " then " : " and ") + StepText(step);
  }
  if (steps.empty()) steps = StepText(trigger);
  if (trigger["and_not"].exists()) steps += " and not " + StepText(trigger["and_not"]);
  return steps + (trigger["within"].exists() ? " within " + text(trigger["within"]) : "");
}

}  // namespace

void EventConditionToJson(const expression::Tree& tree, json::Writer& out) {
  const std::optional<json::Document> plain = json::Document::Parse(expression::ToJson(tree), nullptr);
  if (plain) WriteWithKind(plain->root(), out);
}

std::optional<expression::Tree> EventConditionFromJson(json::Node condition) {
  std::string text;
  json::Writer plain(&text);
  if (condition.is(json::Type::kObject)) WriteWithoutKind(condition, plain);
  const std::optional<json::Document> document = json::Document::Parse(text, nullptr);
  return document ? expression::FromJson(document->root()) : std::nullopt;
}

std::vector<std::string> PublishedTriggers(json::Node campaign) {
  std::vector<std::string> texts;
  if (campaign["trigger"].exists()) texts.push_back(StepText(campaign["trigger"]));
  for (json::Node trigger : campaign["triggers"]) texts.push_back(TriggerText(trigger));
  return texts;
}

}  // namespace guidon::tools
