#include "sdk/tools/judge.h"

#include <map>
#include <string_view>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/expression/render.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

constexpr std::int64_t kServedTrue = 1;
constexpr std::int64_t kServedFalse = 2;

std::string KeyOf(std::size_t condition) { return "c" + std::to_string(condition); }

bool NamesSegment(const std::string& condition) { return condition.find("\"op\":\"segment\"") != std::string::npos; }

// One flag a condition: the first rule for whom it is true, the second for whom its contrary is.
std::string DatafileOf(const Source& source, const std::vector<std::string>& conditions,
                       const std::set<std::string>& segments) {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("format").String("guidon/1").Key("project").String("p").Key("environment").String("e");
  json.Key("epoch").Int(1).Key("version").Int(1);
  json.Key("issued_at").String("2026-01-01T00:00:00Z").Key("expires_at").String("9999-01-01T00:00:00Z");
  json.Key("segments").BeginObject();
  for (const SourceSegment& segment : source.segments) {
    if (!segment.when || segments.count(segment.name) == 0) continue;
    json.Key(segment.name);
    expression::ToJson(*segment.when, json);
  }
  json.End().Key("flags").BeginObject();
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    json.Key(KeyOf(i)).BeginObject().Key("type").String("int").Key("default").Int(0).Key("rules").BeginArray();
    json.BeginObject().Key("id").String("r1").Key("when").Raw(conditions[i]).Key("serve").Int(kServedTrue).End();
    json.BeginObject().Key("id").String("r2").Key("when").BeginObject().Key("op").String("not").Key("of").BeginArray();
    json.Raw(conditions[i]).End().End().Key("serve").Int(kServedFalse).End();
    json.End().End();
  }
  json.End().End();
  return out;
}

}  // namespace

Judge::Judge(const Source& source, const std::vector<std::string>& conditions, const std::set<std::string>& segments)
    : flags_(conditions.size(), nullptr) {
  dialects::Loaded loaded = dialects::LoadNative(DatafileOf(source, conditions, segments), ToolPatterns());
  if (loaded.rules == nullptr || loaded.more_problems > 0) return;
  rules_ = std::move(loaded.rules);
  std::map<std::string_view, const ruleset::Flag*> flags;
  for (const ruleset::Flag& flag : rules_->flags) {
    if (flag.is_valid) flags.emplace(flag.key, &flag);
  }
  // Whatever is wrong, even what is only warned of, may mean that something is not understood.
  bool are_segments_good = true;
  for (const guidon::Problem& problem : loaded.problems) {
    std::string_view at = problem.pointer;
    if (at.substr(0, 7) != "/flags/") {
      are_segments_good = false;
      continue;
    }
    at.remove_prefix(7);
    flags.erase(at.substr(0, at.find('/')));
  }
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto found = flags.find(KeyOf(i));
    if (found == flags.end() || (!are_segments_good && NamesSegment(conditions[i]))) continue;
    flags_[i] = found->second;
  }
}

std::vector<Truths> Judge::Ask(const Situation& situation, const std::vector<std::size_t>& conditions) const {
  std::vector<Truths> out(conditions.size(), kAnyTruth);
  if (rules_ == nullptr) return out;
  Context context;
  for (const auto& [name, value] : situation.attributes) context.Set(name, value);
  for (const auto& [name, value] : situation.properties) context.SetFor(ruleset::kEventKind, name, value);
  behavior::Behavior behavior;
  prompts::Showings showings;
  if (situation.history) Remember(*situation.history, {rules_.get()}, Duration(0), {}, &behavior, &showings);
  evaluation::Surroundings surroundings;
  surroundings.crypto = ToolCrypto();
  if (situation.history) surroundings.behavior = &behavior;
  const evaluation::PreparedContext prepared(*rules_, context, surroundings, situation.now);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const ruleset::Flag* flag = flags_[conditions[i]];
    if (flag == nullptr) continue;
    const evaluation::Outcome outcome = evaluation::Evaluate(*rules_, *flag, prepared, situation.now);
    if (outcome.value == nullptr) continue;
    const std::int64_t served = outcome.value->integer;
    out[i] = served == kServedTrue ? kTrue : served == kServedFalse ? kFalse : kUnknown;
  }
  return out;
}

}  // namespace guidon::tools
