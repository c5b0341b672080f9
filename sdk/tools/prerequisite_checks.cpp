// What flag('x'), variant('e') and segment('s') ask for is there, and no chain of them leads back to where it began or
// is longer than devices follow.
#include <algorithm>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::uint32_t kSegmentDepth = 16;  // of segments right below each other

template <class Item>
std::vector<std::string_view> NamesOf(const std::vector<Item>& items) {
  std::vector<std::string_view> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

bool IsNumber(const Value& value) { return value.AsInt() != nullptr || value.AsDouble() != nullptr; }

const char* TypeOf(const Value& value) {
  if (value.AsBool() != nullptr) return "bool";
  if (value.AsString() != nullptr) return "a text";
  return "a number";
}

// What the flag may become, as far as the source says.
std::vector<Value> ValuesOf(const Source& source, const SourceFlag& flag) {
  std::vector<Value> out = {flag.default_value};
  for (const SourceRule& rule : flag.rules) {
    if (rule.kind == RuleKind::kServe) out.push_back(rule.serve);
    for (const SourcePart& part : rule.parts) out.push_back(part.serve);
  }
  for (const SourceExperiment& experiment : source.experiments) {
    for (const SourceVariant& variant : experiment.variants) {
      const Located* value = variant.at->Find(flag.name);
      const std::optional<Value> converted = value == nullptr ? std::nullopt : AsFlagValue(*value, flag.type);
      if (converted) out.push_back(*converted);
    }
  }
  return out;
}

class NameCheck {
 public:
  NameCheck(const Members& members, const Source& source) : problems_(members.problems()), source_(source) {}

  void Run(const Located& at, const Tree& leaf) const {
    if (leaf.kind == Kind::kFlag) CheckFlag(at, leaf);
    if (leaf.kind == Kind::kVariant || leaf.kind == Kind::kVariantIn) CheckVariant(at, leaf);
  }

 private:
  void CheckFlag(const Located& at, const Tree& leaf) const {
    const SourceFlag* flag = FindNamed(source_.flags, leaf.name);
    if (flag == nullptr) {
      problems_.Error("unknown-flag", at, "there is no flag '" + leaf.name + "'",
                      Suggest(leaf.name, NamesOf(source_.flags), "add it to \"flags\""));
      return;
    }
    if (flag->type.empty()) return;  // its own fault is reported
    if (flag->type == "json") {
      problems_.Error("value-of-other-type", at, "'" + leaf.name + "' is a json flag, and those cannot be compared",
                      "ask a flag of another type, or what its rules ask");
      return;
    }
    const bool wants_number = flag->type == "int" || flag->type == "double";
    const bool is_right = wants_number           ? IsNumber(leaf.value)
                          : flag->type == "bool" ? leaf.value.AsBool() != nullptr
                                                 : leaf.value.AsString() != nullptr;
    if (!is_right) {
      problems_.Error("value-of-other-type", at,
                      "'" + leaf.name + "' is a flag of type " + flag->type + ", and is compared with " +
                          TypeOf(leaf.value) + ", so this is never known",
                      flag->type == "bool" ? "write flag('" + leaf.name + "') alone, or with ! before it"
                                           : "compare it with " + Shown(flag->default_value) + " or the like");
      return;
    }
    if (flag->type == "string" && (leaf.op == expression::Op::kEqual || leaf.op == expression::Op::kNotEqual))
      CheckServed(at, leaf, *flag);
  }

  void CheckServed(const Located& at, const Tree& leaf, const SourceFlag& flag) const {
    const std::vector<Value> values = ValuesOf(source_, flag);
    if (std::find(values.begin(), values.end(), leaf.value) != values.end()) return;
    std::vector<std::string_view> texts;
    for (const Value& value : values) {
      if (value.AsString() != nullptr) texts.push_back(*value.AsString());
    }
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    problems_.Warning("value-never-served", at, "'" + leaf.name + "' never becomes " + Shown(leaf.value),
                      Suggest(*leaf.value.AsString(), texts, "correct it, or add a rule that serves it"));
  }

  void CheckVariant(const Located& at, const Tree& leaf) const {
    const SourceExperiment* experiment = FindNamed(source_.experiments, leaf.name);
    if (experiment == nullptr) {
      problems_.Error("unknown-experiment", at, "there is no experiment '" + leaf.name + "'",
                      Suggest(leaf.name, NamesOf(source_.experiments), "add it to \"experiments\""));
      return;
    }
    if (experiment->status == RunStatus::kDraft) {
      problems_.Error("draft-asked", at, "'" + leaf.name + "' is a draft and not published, so no device could answer",
                      "publish it, as \"paused\" until it begins, or leave this condition out until then");
    }
    const auto check = [&](const Value& value) {
      const std::string* name = value.AsString();
      if (name == nullptr || experiment->FindVariant(*name) != nullptr) return;
      problems_.Error("unknown-variant", at, "'" + leaf.name + "' has no variant '" + *name + "'",
                      Suggest(*name, NamesOf(experiment->variants), "write one of its variants"));
    };
    if (leaf.kind == Kind::kVariant) check(leaf.value);
    for (const Value& value : leaf.values) check(value);
  }

  Problems& problems_;
  const Source& source_;
};

// Flags, experiments and segments, each with what it asks, followed as devices do when they load.
class Chains {
 public:
  Chains(const Members& members, const Source& source) : problems_(members.problems()), source_(source) {
    first_experiment_ = source.flags.size();
    first_segment_ = first_experiment_ + source.experiments.size();
    objects_.resize(first_segment_ + source.segments.size());
  }

  void Run() {
    for (std::size_t i = 0; i < objects_.size(); ++i) Follow(i);
  }

 private:
  struct Link {
    std::size_t to = 0;
    const Located* at = nullptr;
  };
  struct Object {
    std::vector<Link> links;
    std::size_t next = 0;  // of links, while it is open
    bool is_open = false;
    bool is_done = false;
    bool is_circle = false;  // reported
    bool asks = false;       // by flag() or variant(), or leads to what does
    std::uint32_t depth = 1;
    std::uint32_t segment_depth = 0;
  };

  bool IsSegment(std::size_t object) const { return object >= first_segment_; }

  std::string Name(std::size_t object, bool with_kind) const {
    if (object < first_experiment_) return (with_kind ? "flag '" : "'") + source_.flags[object].name + "'";
    if (!IsSegment(object)) {
      return (with_kind ? "experiment '" : "'") + source_.experiments[object - first_experiment_].name + "'";
    }
    return (with_kind ? "segment '" : "'") + source_.segments[object - first_segment_].name + "'";
  }

  const Located& PlaceOf(std::size_t object) const {
    if (object < first_experiment_) return *source_.flags[object].at;
    if (!IsSegment(object)) return *source_.experiments[object - first_experiment_].at;
    return *source_.segments[object - first_segment_].at;
  }

  template <class Item>
  static std::size_t IndexOf(const std::vector<Item>& items, std::string_view name) {
    const Item* item = FindNamed(items, name);
    return item == nullptr ? items.size() : static_cast<std::size_t>(item - items.data());
  }

  void AddAsked(const std::optional<Tree>& tree, const Located* at, Object* out) const {
    if (!tree) return;
    const auto add = [&](std::size_t first, std::size_t index, std::size_t count) {
      if (index < count) out->links.push_back({first + index, at});
    };
    expression::ForEachLeaf(*tree, [&](const Tree& leaf) {
      const bool is_variant = leaf.kind == Kind::kVariant || leaf.kind == Kind::kVariantIn;
      out->asks = out->asks || is_variant || leaf.kind == Kind::kFlag;
      if (leaf.kind == Kind::kFlag) add(0, IndexOf(source_.flags, leaf.name), source_.flags.size());
      if (is_variant) add(first_experiment_, IndexOf(source_.experiments, leaf.name), source_.experiments.size());
      if (leaf.kind == Kind::kSegment)
        add(first_segment_, IndexOf(source_.segments, leaf.name), source_.segments.size());
    });
  }

  void Collect(std::size_t object, Object* out) const {
    if (IsSegment(object)) {
      const SourceSegment& segment = source_.segments[object - first_segment_];
      AddAsked(segment.when, segment.at, out);
    } else if (object >= first_experiment_) {
      const SourceExperiment& experiment = source_.experiments[object - first_experiment_];
      AddAsked(experiment.when, experiment.at->Find("when"), out);
      for (const SourceAudience& audience : experiment.audiences) {
        AddAsked(audience.when, audience.at->Find("when"), out);
      }
    } else {
      const SourceFlag& flag = source_.flags[object];
      for (const SourceRule& rule : flag.rules) AddAsked(rule.when, rule.at->Find("when"), out);
      for (std::size_t i = 0; i < source_.experiments.size(); ++i) {
        const SourceExperiment& experiment = source_.experiments[i];
        const Located* sets = experiment.variants.empty() ? nullptr : experiment.variants[0].at->Find(flag.name);
        if (sets != nullptr && experiment.status != RunStatus::kDraft)
          out->links.push_back({first_experiment_ + i, sets});
      }
    }
  }

  void Enter(std::size_t object) {
    Object& entered = objects_[object];
    entered.is_open = true;
    entered.segment_depth = IsSegment(object) ? 1 : 0;
    Collect(object, &entered);
    way_.push_back(object);
  }

  void Follow(std::size_t start) {
    if (!objects_[start].is_done) Enter(start);
    while (!way_.empty()) {
      const std::size_t at = way_.back();
      Object& object = objects_[at];
      if (object.next == object.links.size()) {
        object.is_open = false;
        object.is_done = true;
        way_.pop_back();
        if (!way_.empty()) Take(way_.back(), at);
        continue;
      }
      const std::size_t to = object.links[object.next++].to;
      if (objects_[to].is_open) {
        ReportCircle(to);
      } else if (objects_[to].is_done) {
        Take(at, to);
      } else {
        Enter(to);
      }
    }
  }

  // The way comes back to `first`, which stands on it.
  void ReportCircle(std::size_t first) {
    const std::vector<std::size_t> circle(std::find(way_.begin(), way_.end(), first), way_.end());
    const bool is_plain = std::all_of(circle.begin(), circle.end(), [&](std::size_t each) { return IsSegment(each); });
    for (std::size_t i = 0; i < circle.size(); ++i) {
      Object& object = objects_[circle[i]];
      if (object.is_circle) continue;
      object.is_circle = true;
      std::string way = Name(circle[i], !is_plain);
      for (std::size_t j = 1; j <= circle.size() && j < 20; ++j) {
        way += " → " + Name(circle[(i + j) % circle.size()], !is_plain);
      }
      if (circle.size() >= 20) way += " → …";
      if (is_plain) {
        problems_.Error("segment-cycle", PlaceOf(circle[i]),
                        "the segment " + Name(circle[i], false) + " is made of itself: " + way,
                        "break the circle of segments");
      } else {
        problems_.Error("prerequisite-cycle", *object.links[object.next - 1].at,
                        "the " + Name(circle[i], true) + " leads back to itself: " + way,
                        "take one of these questions out: what is asked must be decided without the answer");
      }
    }
  }

  // What the one behind has found out counts for who asks. Only the first that is too far away is reported.
  void Take(std::size_t object, std::size_t asked) {
    Object& by = objects_[object];
    const Object& of = objects_[asked];
    const bool was_long = IsLong(by);
    by.asks = by.asks || of.asks;
    by.depth = std::max(by.depth, of.depth + 1);
    if (IsSegment(object) && IsSegment(asked)) by.segment_depth = std::max(by.segment_depth, of.segment_depth + 1);
    if (was_long || !IsLong(by) || IsLong(of)) return;
    problems_.Error("chain-too-long", PlaceOf(object),
                    "the " + Name(object, true) + " leads through more than 16 " +
                        (by.segment_depth > kSegmentDepth ? "segments" : "flags, experiments and segments"),
                    "say some of it in one place");
  }

  static bool IsLong(const Object& object) {
    return object.segment_depth > kSegmentDepth || (object.asks && object.depth > limits::kPrerequisiteDepth);
  }

  Problems& problems_;
  const Source& source_;
  std::size_t first_experiment_ = 0;
  std::size_t first_segment_ = 0;
  std::vector<Object> objects_;  // flags, experiments, segments
  std::vector<std::size_t> way_;
};

}  // namespace

void CheckPrerequisites(const Members& members, const Source& source) {
  const NameCheck names(members, source);
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    expression::ForEachLeaf(*condition.tree, [&](const Tree& leaf) { names.Run(*condition.at, leaf); });
  }
  Chains(members, source).Run();
}

}  // namespace guidon::tools
