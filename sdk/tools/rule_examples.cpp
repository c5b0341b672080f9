#include "sdk/tools/rule_examples.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/core/expression/render.h"
#include "sdk/tools/members.h"
#include "sdk/tools/witness.h"

namespace guidon::tools {
namespace {

class Examples {
 public:
  Examples(const Source& source, Timestamp now, const Style& style) : source_(source), now_(now), style_(style) {}

  std::string Run() {
    for (const SourceSegment& segment : source_.segments) {
      if (!segment.when) continue;
      Heading("segment " + segment.name);
      Prover prover(source_, now_, &effort_);
      const std::optional<std::size_t> number = prover.Add(*segment.when);
      Show(*segment.at, expression::ToText(*segment.when));
      Somebody("in it", prover, {{number, kTrue}});
      Somebody("not in it", prover, {{number, kFalse | kUnknown}});
    }
    for (const SourceFlag& flag : source_.flags) {
      if (!flag.rules.empty()) OfFlag(flag);
    }
    for (const SourceExperiment& experiment : source_.experiments) {
      if (experiment.has_when || !experiment.audiences.empty()) OfExperiment(experiment);
    }
    for (const SourceCampaign& campaign : source_.campaigns) {
      const bool asks = std::any_of(
          campaign.triggers.begin(), campaign.triggers.end(),
          [](const SourceTrigger& trigger) { return trigger.LastStep() != nullptr && trigger.LastStep()->where; });
      if (campaign.has_when || asks) OfCampaign(campaign);
    }
    return std::move(out_);
  }

 private:
  struct Part {
    std::optional<std::size_t> number;  // nothing: it cannot be followed
    Truths wanted = kTrue;
  };

  void Heading(const std::string& text) { out_ += (out_.empty() ? "" : "\n") + style_.Bold(Plain(text)) + "\n"; }

  void Show(const Located& at, const std::string& what) {
    out_ += "  " + style_.Dim(Plain(at.pointer)) + "  " + Plain(what) + "\n";
  }

  void Line(const std::string& who, const std::string& what) { out_ += "    " + who + ": " + Plain(what) + "\n"; }

  Conclusion Ask(Prover& prover, const std::vector<Part>& parts) {
    std::vector<Goal> goals;
    for (const Part& part : parts) {
      if (!part.number) return Conclusion();
      goals.push_back({*part.number, part.wanted});
    }
    if (goals.empty()) return {Finding::kWitness, {}};
    return prover.Ask(goals);
  }

  bool Somebody(const std::string& who, Prover& prover, const std::vector<Part>& parts, const std::string& event = "") {
    const Conclusion answer = Ask(prover, parts);
    const std::string context =
        answer.finding == Finding::kWitness ? ContextText(answer.witness, event) : std::string();
    Line(who, answer.finding == Finding::kNever ? "nobody"
              : context.empty()                 ? "not known: what it asks cannot be told from here"
                                                : context);
    return !context.empty();
  }

  std::string Effect(const SourceRule& rule) const {
    if (rule.kind == RuleKind::kExperiment) return "experiment '" + rule.experiment + "'";
    if (rule.kind == RuleKind::kServe) return Shown(rule.serve);
    std::string out;
    for (const SourcePart& part : rule.parts) {
      out += (out.empty() ? "" : ", ") + (PercentText(part.size) + " % " + Shown(part.serve));
    }
    return out;
  }

  static bool DecidesForAll(const SourceRule& rule) {
    std::int64_t sum = 0;
    for (const SourcePart& part : rule.parts) sum += part.size;
    return rule.kind == RuleKind::kServe || (rule.kind == RuleKind::kRollout && sum == kSlots);
  }

  // First to last: who comes to it, and who would, but for a rule above that says otherwise.
  void OfFlag(const SourceFlag& flag) {
    Heading("flag " + flag.name);
    Prover prover(source_, now_, &effort_);
    std::vector<std::optional<std::size_t>> numbers;
    for (const SourceRule& rule : flag.rules) numbers.push_back(rule.when ? prover.Add(*rule.when) : std::nullopt);
    std::vector<std::size_t> above;  // of the rules
    for (std::size_t i = 0; i < flag.rules.size(); ++i) {
      const SourceRule& rule = flag.rules[i];
      Show(*rule.at, (rule.when ? expression::ToText(*rule.when) : "everybody else") + "  →  " + Effect(rule));
      std::vector<Part> parts;
      if (rule.has_when) parts.push_back({numbers[i], kTrue});
      for (const std::size_t other : above) parts.push_back({numbers[other], kFalse | kUnknown});
      Somebody("comes here", prover, parts);
      for (const std::size_t other : above) {
        if (!rule.has_when || Effect(flag.rules[other]) == Effect(rule)) continue;
        const Conclusion both = Ask(prover, {{numbers[i], kTrue}, {numbers[other], kTrue}});
        const std::string context = both.finding == Finding::kWitness ? ContextText(both.witness) : std::string();
        if (!context.empty()) {
          Line("meets " + flag.rules[other].at->pointer + " too, which decides " + Effect(flag.rules[other]), context);
        }
      }
      if (!DecidesForAll(rule)) continue;
      if (!rule.has_when) return;
      above.push_back(i);
    }
    std::vector<Part> parts;
    for (const std::size_t other : above) parts.push_back({numbers[other], kFalse | kUnknown});
    out_ += "  " + std::string("the default  →  ") + Plain(Shown(flag.default_value)) + "\n";
    Somebody("comes here", prover, parts);
  }

  void OfExperiment(const SourceExperiment& experiment) {
    Heading("experiment " + experiment.name);
    Prover prover(source_, now_, &effort_);
    std::vector<Part> parts;
    if (experiment.has_when) parts.push_back({experiment.when ? prover.Add(*experiment.when) : std::nullopt, kTrue});
    std::vector<std::optional<std::size_t>> numbers;
    for (const SourceAudience& audience : experiment.audiences) {
      numbers.push_back(audience.when ? prover.Add(*audience.when) : std::nullopt);
    }
    Show(*experiment.at, experiment.when ? expression::ToText(*experiment.when) : "everybody");
    if (experiment.audiences.empty()) {
      Somebody("is asked", prover, parts);
      return;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      parts.push_back({numbers[i], kTrue});
      Somebody("is of audience " + experiment.audiences[i].name, prover, parts);
      parts.back().wanted = kFalse | kUnknown;
    }
    Somebody("is of none", prover, parts);
  }

  void OfCampaign(const SourceCampaign& campaign) {
    Heading("campaign " + campaign.name);
    for (const SourceTrigger& trigger : campaign.triggers) OfTrigger(campaign, trigger);
  }

  void OfTrigger(const SourceCampaign& campaign, const SourceTrigger& trigger) {
    const SourceStep* step = trigger.LastStep();
    Prover prover(source_, now_, &effort_);
    std::vector<Part> parts;
    std::string condition;
    if (step != nullptr && step->where) {
      parts.push_back({prover.Add(*step->where, true), kTrue});
      condition = expression::ToText(*step->where);
    }
    if (campaign.when) {
      parts.push_back({prover.Add(*campaign.when), kTrue});
      condition += (condition.empty() ? "" : ", and ") + expression::ToText(*campaign.when);
    }
    Show(*campaign.at, condition);
    Somebody("is asked", prover, parts, trigger.Start());
  }

  const Source& source_;
  Timestamp now_;
  const Style& style_;
  Effort effort_;
  std::string out_;
};

}  // namespace

std::string RuleExamples(const Source& source, Timestamp now, const Style& style) {
  return Examples(source, now, style).Run();
}

}  // namespace guidon::tools
