// What a test sets is written into the datafile that the client loads, as `guidon build` would have published it: an
// experiment that has all slots of a layer of its own and gives them all to one variant, a campaign without gates. So
// there is nothing in the library that knows of tests.
#include "guidon/testing/datafile.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "guidon/testing/fake_clock.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/testing/json_edit.h"

namespace guidon::testing {
namespace {

constexpr char kIssued[] = "2026-11-21T09:00:00Z";
constexpr std::int64_t kSlots = 1'000'000;

// As docs/formats/datafile.md lays the envelope out; empty where it is cut.
std::string_view PayloadOf(std::string_view bytes, bool* is_signed) {
  constexpr std::string_view kMagic("GUIDON\x00\x01", 8);
  *is_signed = bytes.substr(0, kMagic.size()) == kMagic;
  if (!*is_signed) return bytes;
  if (bytes.size() <= kMagic.size()) return {};
  const std::size_t payload_at = kMagic.size() + 1 + static_cast<unsigned char>(bytes[kMagic.size()]) * 72 + 4;
  return payload_at < bytes.size() ? bytes.substr(payload_at) : std::string_view();
}

const char* TypeNameOf(const Value& value) {
  switch (value.type()) {
    case Value::Type::kBool: return "bool";
    case Value::Type::kInt: return "int";
    case Value::Type::kDouble: return "double";
    case Value::Type::kString: return "string";
    default: return "json";
  }
}

Value AllSlots() { return Value(List{Value(List{Value(0), Value(kSlots)})}); }

// Whatever governs all or some of `kind` leaves `key` alone.
void ReleaseFromHoldouts(Value& root, const std::string& kind, const std::string& key, const std::string& unit) {
  Value* holdouts = FindIn(root, "holdouts");
  if (holdouts == nullptr) return;
  for (Member& holdout : ObjectIn(*holdouts)) {
    Value* governed = FindIn(holdout.value, kind);
    if (governed == nullptr) continue;
    if (governed->AsString() != nullptr && TextIn(holdout.value, "unit") != unit) continue;
    List left;
    if (governed->AsString() != nullptr) {  // "*": all of its unit
      for (const Member& each : ObjectIn(MemberOf(root, kind))) {
        const Value* layers = root.Find("layers");
        const Value* layer = layers == nullptr ? nullptr : layers->Find(TextIn(each.value, "layer"));
        const std::string its = layer == nullptr ? TextIn(each.value, "unit") : TextIn(*layer, "unit");
        if (its == unit && each.name != key) left.emplace_back(each.name);
      }
    } else {
      for (const Value& each : ListIn(*governed)) {
        if (each != Value(key)) left.push_back(each);
      }
    }
    *FindIn(holdout.value, kind) = Value(std::move(left));
  }
}

// The experiment decides the flag before all other rules, and for everybody.
void PutFirst(Value& flag, const std::string& experiment) {
  EraseFrom(flag, "kill");
  List& rules = ListIn(MemberOf(flag, "rules"));
  const auto own = std::find_if(rules.begin(), rules.end(),
                                [&](const Value& rule) { return TextIn(rule, "experiment") == experiment; });
  std::string id = "test-" + experiment;
  if (own != rules.end()) {
    id = TextIn(*own, "id");
    rules.erase(own);
  }
  rules.insert(rules.begin(), Value(Object{{"id", Value(id)}, {"experiment", Value(experiment)}}));
}

Value Question(const SurveyQuestion& question) {
  Object members{{"id", Value(question.id)}, {"type", Value(question.type)}, {"label", Value(question.label)}};
  if (question.required) members.push_back({"required", Value(true)});
  if (question.max_chars > 0) members.push_back({"max_chars", Value(question.max_chars)});
  if (!question.options.empty()) {
    List options;
    for (const auto& each : question.options) {
      options.emplace_back(Object{{"id", Value(each.id)}, {"label", Value(each.label)}});
    }
    members.push_back({"options", Value(std::move(options))});
  }
  if (!question.branches.empty()) {
    List next;
    for (const auto& each : question.branches) {
      Object branch{{"go", Value(each.go.empty() ? "end" : each.go)}};
      if (!each.answers.empty()) branch.push_back({"any", Value(List(each.answers))});
      next.emplace_back(std::move(branch));
    }
    members.push_back({"next", Value(std::move(next))});
  }
  return Value(std::move(members));
}

Value Content(const TestPrompt& prompt) {
  Object show{{"kind", Value(prompt.questions.empty() ? prompt.kind : "survey")}, {"title", Value(prompt.title)}};
  if (!prompt.body.empty()) show.push_back({"body", Value(prompt.body)});
  if (prompt.kind == "tooltip") show.push_back({"anchor", Value("anchor")});
  List buttons;
  for (const std::string& id : prompt.buttons) {
    buttons.emplace_back(Object{{"id", Value(id)}, {"label", Value(id)}, {"do", Value("app://" + id)}});
  }
  show.push_back({"buttons", Value(std::move(buttons))});
  if (!prompt.questions.empty()) {
    List questions;
    for (const SurveyQuestion& each : prompt.questions) questions.push_back(Question(each));
    show.push_back({"in", Value(prompt.kind)});
    show.push_back({"questions", Value(std::move(questions))});
  }
  return Value(std::move(show));
}

// Groups, hours and `until` are among the caps.
void OpenGates(Value& campaign) {
  for (const char* gate : {"when", "starts_at", "ends_at"}) EraseFrom(campaign, gate);
  MemberOf(campaign, "status") = Value("running");
  MemberOf(campaign, "holdout") = Value(0);
  MemberOf(campaign, "caps") = Value(List{Value(Object{{"count", Value(100)}})});
  MemberOf(campaign, "waits") =
      Value(Object{{"dismissal", Value("0s")}, {"action", Value("0s")}, {"completion", Value("0s")}});
}

}  // namespace

Datafile::Datafile() : root_(Object{{"format", Value("guidon/1")}, {"flags", Value(Object())}}) {}

Datafile Datafile::FromBytes(std::string bytes) {
  Datafile datafile;
  json::Error error;
  const auto document = json::Document::Parse(PayloadOf(bytes, &datafile.is_signed_), &error);
  if (!document || document->root().type() != json::Type::kObject) {
    return datafile.Problem("this is no datafile: " + (document ? "it is no JSON object" : error.ToText()));
  }
  datafile.root_ = document->root().ToValue();
  datafile.original_ = std::move(bytes);
  return datafile;
}

Datafile Datafile::FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Datafile().Problem("the datafile " + path + " cannot be read");
  return FromBytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

Datafile& Datafile::Problem(std::string what) {
  problems_.push_back(std::move(what));
  return *this;
}

Datafile& Datafile::Flag(const std::string& key, Value value) {
  if (!original_.empty() && root_.Find("flags") != nullptr && root_.Find("flags")->Find(key) == nullptr) {
    return Problem("the datafile has no flag \"" + key + "\" to set");
  }
  return SetFlag(key, std::string(), std::move(value));
}

Datafile& Datafile::SetFlag(const std::string& key, std::string type, Value value) {
  is_changed_ = true;
  missing_.erase(key);
  Value& flag = MemberOf(MemberOf(root_, "flags"), key);
  const std::string known = TextIn(flag, "type");
  if (type.empty()) type = known.empty() ? TypeNameOf(value) : known;
  if (!known.empty() && known != type) {
    return Problem("the flag \"" + key + "\" is of type " + known + ", not " + type);
  }
  Object members{{"type", Value(type)}, {"default", std::move(value)}};
  if (const Value* hold = flag.Find("hold")) members.push_back({"hold", *hold});
  flag = Value(std::move(members));
  return *this;
}

Datafile& Datafile::Missing(const std::string& flag) {
  is_changed_ = true;
  EraseFrom(MemberOf(root_, "flags"), flag);
  missing_.insert(flag);
  return *this;
}

Datafile& Datafile::Experiment(const std::string& key, const std::vector<TestVariant>& variants) {
  if (variants.empty()) return Problem("the experiment \"" + key + "\" has no variants");
  is_changed_ = true;
  Object arms;
  for (const TestVariant& each : variants) arms.push_back({each.name, Value(Object{{"flags", Value(each.flags)}})});
  MemberOf(MemberOf(root_, "experiments"), key) =
      Value(Object{{"iteration", Value(1)}, {"salt", Value("test")}, {"variants", Value(std::move(arms))}});
  for (const Member& set : variants.front().flags) {
    if (root_.Find("flags")->Find(set.name) == nullptr) SetFlag(set.name, std::string(), set.value);
  }
  return Variant(key, variants.front().name);
}

// Gives the split of what is called so to one of its variants.
bool Datafile::SetSplit(const std::string& kind, const std::string& key, const std::string& variant) {
  Value* arms = FindIn(MemberOf(MemberOf(root_, kind), key), "variants");
  std::string names;
  bool is_there = false;
  for (Member& arm : ObjectIn(*arms)) {
    const bool is_it = arm.name == variant;
    is_there = is_there || is_it;
    names += (names.empty() ? "" : ", ") + arm.name;
    if (variant != "unassigned") MemberOf(arm.value, "slots") = is_it ? AllSlots() : Value(List());
  }
  if (!is_there && variant != "unassigned") {
    Problem("\"" + key + "\" has no variant \"" + variant + "\"; it has " + names);
  }
  return is_there;
}

Datafile& Datafile::Variant(const std::string& experiment, const std::string& variant, const Object& flags) {
  is_changed_ = true;
  const Value* campaigns = root_.Find("campaigns");
  const Value* campaign = campaigns == nullptr ? nullptr : campaigns->Find(experiment);
  if (campaign != nullptr && campaign->Find("variants") != nullptr) {
    (void)SetSplit("campaigns", experiment, variant);
    return *this;
  }
  const Value* experiments = root_.Find("experiments");
  if (experiments == nullptr || experiments->Find(experiment) == nullptr) {
    if (!flags.empty()) return Experiment(experiment, {{variant, flags}});
    return Problem("there is no experiment \"" + experiment + "\", and nothing says which flags its variant sets");
  }
  Value& own = MemberOf(MemberOf(root_, "experiments"), experiment);
  const bool is_in = variant != "unassigned";
  if (is_in && !flags.empty()) {
    MemberOf(MemberOf(MemberOf(own, "variants"), variant), "flags") = Value(flags);
  }
  if (!SetSplit("experiments", experiment, variant) && is_in) return *this;

  const Value* layers = root_.Find("layers");
  const Value* layer = layers == nullptr ? nullptr : layers->Find(TextIn(own, "layer"));
  const std::string unit = layer == nullptr ? "device" : TextIn(*layer, "unit");
  ReleaseFromHoldouts(root_, "experiments", experiment, unit);
  // A layer of its own, where it has all slots: experiments of one layer never meet.
  std::string layer_name = "test-" + experiment;
  MemberOf(MemberOf(root_, "layers"), layer_name) = Value(Object{{"unit", Value(unit)}, {"salt", Value("test")}});
  Value& changed = MemberOf(MemberOf(root_, "experiments"), experiment);
  MemberOf(changed, "layer") = Value(std::move(layer_name));
  MemberOf(changed, "slots") = is_in ? AllSlots() : Value(List());
  MemberOf(changed, "status") = Value("running");
  for (const char* gate : {"when", "starts_at", "ends_at", "audiences", "ship"}) EraseFrom(changed, gate);
  if (!is_in) return *this;
  const Value set = *changed.Find("variants")->Find(variant)->Find("flags");
  for (const Member& flag : *set.AsObject()) {
    if (root_.Find("flags")->Find(flag.name) == nullptr) SetFlag(flag.name, std::string(), flag.value);
    PutFirst(MemberOf(MemberOf(root_, "flags"), flag.name), experiment);
    const std::string& by = decided_by_.emplace(flag.name, experiment).first->second;
    if (by != experiment) {
      Problem("\"" + by + "\" and \"" + experiment + "\" both set the flag \"" + flag.name +
              "\", so nobody is in a variant of both");
    }
  }
  return *this;
}

Datafile& Datafile::Prompt(const std::string& campaign) {
  const Value* campaigns = root_.Find("campaigns");
  if (campaigns == nullptr || campaigns->Find(campaign) == nullptr) {
    if (!original_.empty()) return Problem("there is no campaign \"" + campaign + "\"");
    return Prompt(campaign, TestPrompt());
  }
  is_changed_ = true;
  OpenGates(MemberOf(MemberOf(root_, "campaigns"), campaign));
  ReleaseFromHoldouts(root_, "campaigns", campaign, TextIn(*root_.Find("campaigns")->Find(campaign), "unit"));
  return *this;
}

Datafile& Datafile::Prompt(const std::string& campaign, const TestPrompt& prompt) {
  is_changed_ = true;
  const std::string& trigger = prompt.trigger.empty() ? campaign : prompt.trigger;
  MemberOf(MemberOf(root_, "campaigns"), campaign) = Value(Object{{"iteration", Value(1)},
                                                                  {"unit", Value("device")},
                                                                  {"salt", Value("test")},
                                                                  {"trigger", Value(Object{{"event", Value(trigger)}})},
                                                                  {"show", Content(prompt)}});
  return Prompt(campaign);
}

std::vector<std::string> Datafile::VariantsOf(std::string_view experiment) const {
  std::vector<std::string> names;
  for (const char* kind : {"experiments", "campaigns"}) {
    const Value* all = root_.Find(kind);
    const Value* one = all == nullptr ? nullptr : all->Find(experiment);
    const Value* arms = one == nullptr ? nullptr : one->Find("variants");
    if (arms == nullptr || arms->AsObject() == nullptr || !names.empty()) continue;
    for (const Member& arm : *arms->AsObject()) names.push_back(arm.name);
  }
  return names;
}

std::string Datafile::Bytes(std::uint64_t newer, const std::string& project, const std::string& environment) const {
  if (!original_.empty() && !is_changed_ && newer == 0) return original_;
  Value root = root_;
  const auto fill = [&root](const char* name, Value value) {
    if (root.Find(name) == nullptr) MemberOf(root, name) = std::move(value);
  };
  fill("project", Value(project.empty() ? "test" : project));
  fill("environment", Value(environment.empty() ? "test" : environment));
  fill("epoch", Value(1));
  fill("issued_at", Value(kIssued));
  fill("version", Value(1));
  const std::int64_t* version = root.Find("version")->AsInt();
  MemberOf(root, "version") = Value((version == nullptr ? 1 : *version) + static_cast<std::int64_t>(newer));
  return json::ToText(root);
}

Timestamp Datafile::StartTime() const {
  const auto issued = text::ParseTimestamp(TextIn(root_, "issued_at"));
  return issued ? *issued + std::chrono::hours(1) : FakeClock::kStart;
}

}  // namespace guidon::testing
