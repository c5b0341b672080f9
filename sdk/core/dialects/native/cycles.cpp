#include "sdk/core/dialects/native/cycles.h"

#include <algorithm>

#include "guidon/limits.h"

namespace guidon::dialects {
namespace {

constexpr std::size_t kSegmentDepth = 16;
constexpr std::size_t kNamesTold = 20;

}  // namespace

Cycles::Cycles(const ruleset::Ruleset& rules)
    : rules_(rules),
      first_experiment_(static_cast<std::uint32_t>(rules.flags.size())),
      first_segment_(static_cast<std::uint32_t>(first_experiment_ + rules.experiments.size())),
      objects_(first_segment_ + rules.segments.size()) {
  for (std::uint32_t i = 0; i < objects_.size(); ++i) {
    if (!objects_[i].is_done) Follow(i);
  }
}

// Depth first, without recursion: a thousand segments may stand in a chain.
void Cycles::Follow(std::uint32_t start) {
  std::vector<Step> way;
  const auto enter = [&](std::uint32_t object) {
    objects_[object].is_open = true;
    Step step;
    step.object = object;
    step.asked = AskedBy(object, &objects_[object].asks);
    way.push_back(std::move(step));
  };
  enter(start);
  while (!way.empty()) {
    Step& step = way.back();
    Object& object = objects_[step.object];
    if (step.at == 0) {
      object.depth = 1;
      object.segment_depth = IsSegment(step.object) ? 1 : 0;
      object.is_broken = IsBroken(step.object);
      if (object.is_broken) object.fault = Fault::kBroken;
    }
    if (step.at < step.asked.size()) {
      const std::uint32_t asked = step.asked[step.at];
      if (objects_[asked].is_open) {
        CloseCircle(way, asked);
      } else if (!objects_[asked].is_done) {
        enter(asked);
        continue;  // and comes back to it
      } else {
        Take(step.object, asked);
      }
      ++step.at;
      continue;
    }
    object.is_open = false;
    object.is_done = true;
    way.pop_back();
  }
}

// The way comes back to `object`, which stands on it.
void Cycles::CloseCircle(const std::vector<Step>& way, std::uint32_t object) {
  std::uint32_t next = object;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    Object& each = objects_[step->object];
    if (each.fault != Fault::kCircle) {
      each.fault = Fault::kCircle;
      each.next = next;
    }
    if (step->object == object) return;
    next = step->object;
  }
}

// What `asked` has found out counts for who asks.
void Cycles::Take(std::uint32_t object, std::uint32_t asked) {
  Object& by = objects_[object];
  const Object& of = objects_[asked];
  by.asks = by.asks || of.asks;
  by.depth = std::max(by.depth, of.depth + 1);
  if (IsSegment(object) && IsSegment(asked)) by.segment_depth = std::max(by.segment_depth, of.segment_depth + 1);
  if (by.fault != Fault::kNone) return;
  by.next = asked;
  // A flag or an experiment with an error of its own has no value: unknown. A segment's condition has to be there.
  if (of.fault != Fault::kNone && (of.fault != Fault::kBroken || IsSegment(asked))) {
    by.fault = of.fault;
  } else if (by.segment_depth > kSegmentDepth) {
    by.fault = Fault::kDeepSegments;
  } else if (by.asks && by.depth > limits::kPrerequisiteDepth) {
    by.fault = Fault::kDeep;
  }
}

bool Cycles::IsBroken(std::uint32_t object) const {
  if (object < first_experiment_) return !rules_.flags[object].is_valid;
  if (IsSegment(object)) return rules_.segments[object - first_segment_].condition == ruleset::kNone;
  return !rules_.experiments[object - first_experiment_].is_valid;
}

std::vector<std::uint32_t> Cycles::AskedBy(std::uint32_t object, bool* asks) const {
  std::vector<std::uint32_t> out;
  if (IsBroken(object)) return out;
  if (IsSegment(object)) {
    AddAsked(rules_.segments[object - first_segment_].condition, asks, &out);
  } else if (object >= first_experiment_) {
    const ruleset::Experiment& experiment = rules_.experiments[object - first_experiment_];
    if (experiment.condition != ruleset::kNone) AddAsked(experiment.condition, asks, &out);
    for (const ruleset::Audience& audience : experiment.audiences) AddAsked(audience.condition, asks, &out);
  } else {
    const ruleset::Flag& flag = rules_.flags[object];
    for (const ruleset::Rule& rule : flag.rules) {
      if (rule.experiment != ruleset::kNone) out.push_back(first_experiment_ + rule.experiment);
    }
    // Rules are laid down after all types are known; before, no flag asks for anything.
    for (std::uint32_t at = flag.first_step; !flag.rules.empty(); ++at) {
      const ruleset::Step& step = rules_.steps[at];
      if (step.kind == ruleset::StepKind::kDefault) break;
      if (step.kind == ruleset::StepKind::kGate && step.object == 0) AddAsked(step.index, asks, &out);
    }
  }
  return out;
}

void Cycles::AddAsked(std::uint32_t root, bool* asks, std::vector<std::uint32_t>* out) const {
  for (std::uint32_t at = root; at < rules_.nodes[root].end; ++at) {
    const ruleset::Node& node = rules_.nodes[at];
    if (node.op == ruleset::Op::kSegment) out->push_back(first_segment_ + node.segment);
    if (node.op == ruleset::Op::kFlag) out->push_back(node.slot);
    // Conditions of segments name experiments that are loaded after them.
    const bool is_loaded = node.slot < rules_.experiments.size();
    if (node.op == ruleset::Op::kVariant && is_loaded) out->push_back(first_experiment_ + node.slot);
    *asks = *asks || node.op == ruleset::Op::kFlag || node.op == ruleset::Op::kVariant;
  }
}

std::string Cycles::WhyNotExperiment(std::uint32_t experiment) const { return Why(first_experiment_ + experiment); }

std::string Cycles::WhyNotSegment(std::uint32_t segment) const { return Why(first_segment_ + segment); }

std::string Cycles::WhyNotCondition(std::uint32_t root) const {
  std::vector<std::uint32_t> asked;
  bool asks = false;
  AddAsked(root, &asks, &asked);
  for (const std::uint32_t object : asked) {
    const std::string why = Why(object);
    if (!why.empty()) return "asks " + Name(object) + ", which " + why;
  }
  return std::string();
}

std::string Cycles::Why(std::uint32_t object) const {
  const Object& of = objects_[object];
  if (of.fault == Fault::kNone || of.is_broken) return std::string();
  if (of.fault == Fault::kDeep) {
    return "leads through more than " + std::to_string(limits::kPrerequisiteDepth) + " flags, experiments and segments";
  }
  if (of.fault == Fault::kDeepSegments) return "leads through more than 16 segments";
  std::string way = Name(object);
  std::vector<std::uint32_t> met = {object};
  std::uint32_t at = object;
  bool is_over = false;
  while (!is_over && objects_[at].next != ruleset::kNone && met.size() < kNamesTold) {
    at = objects_[at].next;
    way += " → " + Name(at);
    is_over = std::find(met.begin(), met.end(), at) != met.end() || objects_[at].is_broken;
    met.push_back(at);
  }
  if (!is_over) way += " → …";
  if (of.fault == Fault::kBroken) return "leads to a segment with an error: " + way;
  return (at == object || !is_over ? "leads back to itself: " : "leads into a circle: ") + way;
}

std::string Cycles::Name(std::uint32_t object) const {
  if (object < first_experiment_) return rules_.flags[object].key;
  if (IsSegment(object)) return "segment " + rules_.segments[object - first_segment_].key;
  return "experiment " + rules_.experiments[object - first_experiment_].key;
}

}  // namespace guidon::dialects
