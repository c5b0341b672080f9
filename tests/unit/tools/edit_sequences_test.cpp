// Random sources, edited at random and published one after the other: nobody moves who needn't, and what is counted as
// moves is what happens to everybody. Each experiment sets a flag of its own, so its flag's value says who is in it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/tools/moves.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr std::uint64_t kPeople = 2'000;
constexpr const char* kVariants[] = {"control", "b", "c"};
constexpr std::size_t kNoAudience = 2;
constexpr std::size_t kMostOfPart = 33;  // of three parts: none ever needs what another gave back

struct Audience {
  std::size_t percent = 0;
  std::size_t weight = 1;  // of the last variant; the others have 1
};

struct Experiment {
  std::size_t layer = 0;
  std::int64_t iteration = 1;
  std::size_t percent = 0;
  std::size_t variants = 2;
  std::size_t weight = 1;           // of the last variant
  std::vector<Audience> audiences;  // of those with p, and of those with q
  bool is_sticky = false;
  bool has_ended = false;
  std::optional<std::size_t> ship;  // percent; the winner is "b"
  std::set<std::uint64_t> winners;  // who was in it when it ended

  std::size_t LayerPercent() const {
    std::size_t most = percent;
    for (const Audience& audience : audiences) most = std::max(most, audience.percent);
    return has_ended ? 0 : most;
  }
};

struct Model {
  std::map<std::string, Experiment> experiments;
  std::vector<std::size_t> parts = {10, 5, 0};  // of the flag "parts"
  std::size_t rollout = 10;                     // of the flag "rollout"
  std::vector<std::string> order;               // of the experiments
  bool is_turned = false;                       // layers, flags and variants the other way about
};

std::string Number(std::size_t number) { return std::to_string(number); }

template <class Part>
std::string Joined(std::vector<std::string> parts, bool is_turned, Part wrap) {
  if (is_turned) std::reverse(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return wrap(out);
}

std::string Weights(std::size_t variants, std::size_t last) {
  std::string out;
  for (std::size_t i = 0; i < variants; ++i) {
    out += std::string(i == 0 ? "\"" : ",\"") + kVariants[i] + "\":" + Number(i + 1 == variants ? last : 1);
  }
  return "{" + out + "}";
}

std::string TextOf(const std::string& name, const Experiment& experiment, bool is_turned) {
  const auto braces = [](const std::string& text) { return "{" + text + "}"; };
  std::vector<std::string> variants;
  for (std::size_t i = 0; i < experiment.variants; ++i) {
    variants.push_back(std::string("\"") + kVariants[i] + "\":{\"f-" + name + "\":\"" + kVariants[i] + "\"}");
  }
  std::string text = "\"" + name + R"(":{"goals":["g"],"layer":"l)" + Number(experiment.layer) + R"(","iteration":)" +
                     std::to_string(experiment.iteration) + R"(,"percent":)" + Number(experiment.percent) +
                     R"(,"weights":)" + Weights(experiment.variants, experiment.weight) + R"(,"variants":)" +
                     Joined(variants, is_turned, braces);
  std::string audiences;
  for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
    const Audience& audience = experiment.audiences[i];
    audiences += std::string(i == 0 ? "" : ",") + "\"a" + Number(i) + R"(":{"when":")" + (i == 0 ? "p" : "q") +
                 R"( == true","percent":)" + Number(audience.percent) + R"(,"weights":)" +
                 Weights(experiment.variants, audience.weight) + "}";
  }
  if (!audiences.empty()) text += R"(,"audiences":)" + braces(audiences);
  if (experiment.is_sticky) text += R"(,"sticky":"exposed")";
  if (experiment.has_ended) text += R"(,"status":"ended")";
  if (experiment.ship) text += R"(,"ship":{"variant":"b","percent":)" + Number(*experiment.ship) + "}";
  return text + "}";
}

std::string SourceOf(const Model& model) {
  const auto braces = [](const std::string& text) { return "{" + text + "}"; };
  std::vector<std::string> flags = {R"("rollout":{"default":0,"rules":[{"percent":)" + Number(model.rollout) +
                                    R"(,"serve":1}]})"};
  std::string split;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    split += std::string(i == 0 ? "" : ",") + R"({"percent":)" + Number(model.parts[i]) + R"(,"serve":)" +
             Number(i + 1) + "}";
  }
  flags.push_back(R"("parts":{"default":0,"rules":[{"split":[)" + split + "]}]}");
  for (int i = 0; i < 5; ++i) flags.push_back("\"f-x" + std::to_string(i) + R"(":{"default":"none"})");
  std::string experiments;
  for (const std::string& name : model.order) {
    experiments += (experiments.empty() ? "" : ",") + TextOf(name, model.experiments.at(name), model.is_turned);
  }
  return SourceWith(R"("holdouts":{"q4":{"percent":3}},"layers":)" +
                    Joined({R"("l0":{})", R"("l1":{})"}, model.is_turned, braces) + R"(,"flags":)" +
                    Joined(flags, model.is_turned, braces) + R"(,"experiments":)" + braces(experiments));
}

// What everybody gets of each flag, person by person.
using Answers = std::map<std::string, std::vector<std::string>>;

Crowd People() {
  Crowd crowd;
  crowd.count = kPeople;
  for (int i = 0; i < 4; ++i) {
    Profile profile;
    profile.context.Set("p", i == 1 || i == 3).Set("q", i >= 2);
    profile.now = Noon();
    crowd.profiles.push_back(std::move(profile));
  }
  return crowd;
}

// Of one with two audiences; where it has fewer, those of the others are in none.
std::size_t AudienceOf(std::uint64_t person) {
  const std::uint64_t profile = (person - 1) % 4;
  return profile == 1 || profile == 3 ? 0 : profile == 2 ? 1 : kNoAudience;
}

std::shared_ptr<const ruleset::Ruleset> Load(const std::string& published) {
  dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(static_cast<bool>(loaded.rules));
  CHECK(loaded.problems.empty());
  return loaded.rules;
}

Answers Ask(const ruleset::Ruleset& rules, const Crowd& crowd) {
  std::vector<std::vector<std::string>> columns(rules.flags.size());
  std::map<const ruleset::FlagValue*, std::string> texts = {{nullptr, ""}};
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    const Context context = crowd.ContextOf(person, {"device"});
    const evaluation::PreparedContext prepared(rules, context, {}, Noon());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ruleset::FlagValue* value = evaluation::Evaluate(rules, rules.flags[i], prepared, Noon()).value;
      std::string& text = texts[value];
      if (text.empty() && value != nullptr) text = json::ToText(ruleset::ToValue(*value));
      columns[i].push_back(text);
    }
  }
  Answers out;
  for (std::size_t i = 0; i < columns.size(); ++i) out[rules.flags[i].key] = std::move(columns[i]);
  return out;
}

// One edit, and who may move by it.
struct Edited {
  std::string flag;  // whose people may move; empty: nobody
  enum class Rule { kAny, kOnlyEnter, kOnlyLeave, kEnd, kShip } rule = Rule::kAny;
  std::optional<std::size_t> audience;  // of these people only
};

class Editor {
 public:
  Editor(Model* model, Random* random, const std::map<std::string, std::int64_t>& used)
      : model_(*model), random_(*random), used_(used) {}

  Edited Run() {
    const std::size_t edit = random_.Below(12);
    if (edit == 0) return Turn();
    if (edit == 1) return Rollout();
    if (edit == 2 || edit >= 10) return Parts();
    const std::string name = "x" + Number(random_.Below(5));
    const auto found = model_.experiments.find(name);
    if (found == model_.experiments.end()) return Add(name);
    Experiment& experiment = found->second;
    if (edit == 3) return Remove(name);
    if (experiment.has_ended) return edit == 4 ? Restart(name, &experiment) : Ship(name, &experiment);
    if (edit == 4) return End(name, &experiment);
    if (edit == 5) return Restart(name, &experiment);
    return Ramp(name, &experiment);
  }

 private:
  using Rule = Edited::Rule;

  // What is free of the layer for one experiment, in per cent.
  std::size_t Room(std::size_t layer, const std::string& name) const {
    std::size_t used = 0;
    for (const auto& [other, experiment] : model_.experiments) {
      if (other != name && experiment.layer == layer) used += experiment.LayerPercent();
    }
    return 100 - used;
  }

  static Rule Direction(std::size_t before, std::size_t after) {
    return after >= before ? Rule::kOnlyEnter : Rule::kOnlyLeave;
  }

  Edited Turn() {
    model_.is_turned = !model_.is_turned;
    for (std::size_t i = model_.order.size(); i > 1; --i)
      std::swap(model_.order[i - 1], model_.order[random_.Below(i)]);
    return {};
  }

  Edited Rollout() {
    const std::size_t before = model_.rollout;
    model_.rollout = random_.Below(101);
    return {"rollout", Direction(before, model_.rollout), std::nullopt};
  }

  Edited Parts() {
    std::size_t& part = model_.parts[random_.Below(3)];
    const std::size_t before = part;
    part = random_.Below(kMostOfPart + 1);
    return {"parts", Direction(before, part), std::nullopt};
  }

  void Draw(const std::string& name, Experiment* experiment) {
    const std::size_t room = Room(experiment->layer, name);
    experiment->percent = random_.Below(room + 1);
    experiment->weight = 1 + random_.Below(4);
    experiment->audiences.clear();
    for (std::size_t count = random_.Below(3); count > 0; --count) {
      experiment->audiences.push_back({random_.Below(room + 1), 1 + random_.Below(4)});
    }
  }

  Edited Add(const std::string& name) {
    Experiment experiment;
    experiment.layer = random_.Below(2);
    experiment.variants = 2 + random_.Below(2);
    experiment.is_sticky = random_.Below(3) == 0;
    const auto used = used_.find(name);
    experiment.iteration = used == used_.end() ? 1 : used->second + 1;
    Draw(name, &experiment);
    model_.experiments[name] = experiment;
    model_.order.insert(model_.order.begin() + static_cast<std::ptrdiff_t>(random_.Below(model_.order.size() + 1)),
                        name);
    return {"f-" + name, Rule::kOnlyEnter, std::nullopt};
  }

  Edited Remove(const std::string& name) {
    model_.experiments.erase(name);
    model_.order.erase(std::find(model_.order.begin(), model_.order.end(), name));
    return {"f-" + name, Rule::kOnlyLeave, std::nullopt};
  }

  Edited Restart(const std::string& name, Experiment* experiment) {
    ++experiment->iteration;
    experiment->has_ended = false;
    experiment->ship.reset();
    experiment->winners.clear();
    Draw(name, experiment);
    return {"f-" + name, Rule::kAny, std::nullopt};
  }

  Edited End(const std::string& name, Experiment* experiment) {
    experiment->has_ended = true;
    if (random_.Below(3) == 0) experiment->ship = random_.Below(60);
    return {"f-" + name, Rule::kEnd, std::nullopt};
  }

  // The percentage of an ended experiment means nothing.
  Edited Ship(const std::string& name, Experiment* experiment) {
    experiment->percent = random_.Below(101);
    const bool shipped = experiment->ship.has_value();
    const std::size_t before = experiment->ship.value_or(0);
    experiment->ship = random_.Below(101);
    return {"f-" + name, shipped ? Direction(before, *experiment->ship) : Rule::kShip, std::nullopt};
  }

  Edited Ramp(const std::string& name, Experiment* experiment) {
    const std::size_t which = random_.Below(experiment->audiences.size() + 1);
    const bool is_own = which == experiment->audiences.size();
    std::size_t& percent = is_own ? experiment->percent : experiment->audiences[which].percent;
    const std::size_t before = percent;
    percent = random_.Below(Room(experiment->layer, name) + 1);
    return {"f-" + name, Direction(before, percent), is_own ? kNoAudience : which};
  }

  Model& model_;
  Random& random_;
  const std::map<std::string, std::int64_t>& used_;
};

constexpr const char* kWinner = "\"b\"";

std::string Default(const std::string& flag) { return flag.substr(0, 2) == "f-" ? "\"none\"" : "0"; }

// Whether the person may go from one value to the other.
bool MayMove(const Model& model, const Edited& edited, const std::string& flag, std::uint64_t person,
             const std::string& from, const std::string& to) {
  if (flag != edited.flag) return false;
  const auto experiment = flag.substr(0, 2) == "f-" ? model.experiments.find(flag.substr(2)) : model.experiments.end();
  if (edited.audience && experiment != model.experiments.end()) {
    const std::size_t count = experiment->second.audiences.size();
    if ((AudienceOf(person) < count ? AudienceOf(person) : kNoAudience) != *edited.audience) return false;
  }
  switch (edited.rule) {
    case Edited::Rule::kAny: return true;
    case Edited::Rule::kOnlyEnter: return from == Default(flag);
    case Edited::Rule::kOnlyLeave: return to == Default(flag);
    case Edited::Rule::kEnd:
      if (!experiment->second.ship) return to == Default(flag);
      return from != kWinner && (to == kWinner || to == Default(flag));
    case Edited::Rule::kShip: return from == Default(flag) && to == kWinner;
  }
  return false;
}

// The moves that are counted are those that were seen.
void CheckCounts(const Answers& before, const Answers& after, const Moves& moves) {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> seen;
  std::set<std::uint64_t> people;
  for (const auto& [flag, was] : before) {
    const std::vector<std::string>& is = after.at(flag);
    for (std::uint64_t i = 0; i < kPeople; ++i) {
      if (was[i] == is[i]) continue;
      ++seen[flag][{was[i], is[i]}];
      people.insert(i);
    }
  }
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> counted;
  for (const FlagMoves& flag : moves.moved_flags) {
    for (const Move& move : flag.moves) {
      if (move.is_seen()) counted[flag.key][{move.from.value, move.to.value}] += move.count;
    }
  }
  CHECK(counted == seen);
  CHECK(moves.seen == people.size());
  CHECK(moves.spoiled() == 0);
}

// Whoever has the winner because of the experiment, or is held out, stays so.
void CheckWinners(const Model& model, const Answers& answers) {
  for (const auto& [name, experiment] : model.experiments) {
    if (!experiment.ship) continue;
    const std::vector<std::string>& values = answers.at("f-" + name);
    for (const std::uint64_t person : experiment.winners) {
      CAPTURE(name);
      CAPTURE(person);
      REQUIRE(values[person - 1] == kWinner);
    }
    const auto others = std::count(values.begin(), values.end(), kWinner);
    if (*experiment.ship == 0) CHECK(static_cast<std::size_t>(others) == experiment.winners.size());
    if (*experiment.ship == 100) CHECK(static_cast<std::uint64_t>(others) > kPeople * 95 / 100);
  }
}

}  // namespace

TEST_CASE("whatever is edited, nobody moves who needn't, and what diff counts is what happens") {
  const std::uint64_t seeds = std::getenv("GUIDON_LONG") != nullptr ? 200 : 4;
  std::map<Edited::Rule, int> made;  // edits by what they allow
  const Crowd crowd = People();
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Model model;
    std::map<std::string, std::int64_t> used;  // the last iteration of each name
    std::string published = PublishText(SourceOf(model));
    std::shared_ptr<const ruleset::Ruleset> rules = Load(published);
    Answers answers = Ask(*rules, crowd);
    std::vector<std::string> parts(kPeople, "0");  // what each had of "parts" at any time
    for (int step = 0; step < 25; ++step) {
      CAPTURE(step);
      const Edited edited = Editor(&model, &random, used).Run();
      for (const auto& [name, experiment] : model.experiments) used[name] = experiment.iteration;
      CAPTURE(edited.flag);
      ++made[edited.rule];
      const Previous previous = Reread(published);
      const std::string source = SourceOf(model);
      CAPTURE(source);
      published = PublishText(source, &previous);
      const std::shared_ptr<const ruleset::Ruleset> next = Load(published);
      Answers now = Ask(*next, crowd);
      for (const auto& [flag, was] : answers) {
        const std::vector<std::string>& is = now.at(flag);
        for (std::uint64_t person = 1; person <= kPeople; ++person) {
          const std::string& from = was[person - 1];
          const std::string& to = is[person - 1];
          if (from == to) continue;
          CAPTURE(flag);
          CAPTURE(person);
          CAPTURE(from);
          CAPTURE(to);
          REQUIRE(MayMove(model, edited, flag, person, from, to));
        }
      }
      for (std::uint64_t i = 0; i < kPeople; ++i) {
        const std::string& part = now.at("parts")[i];
        if (parts[i] != "0" && part != "0") REQUIRE(part == parts[i]);
        if (part != "0") parts[i] = part;
      }
      if (edited.rule == Edited::Rule::kEnd) {
        Experiment& ended = model.experiments.at(edited.flag.substr(2));
        for (std::uint64_t person = 1; person <= kPeople; ++person) {
          if (answers.at(edited.flag)[person - 1] == kWinner) ended.winners.insert(person);
        }
      }
      CheckWinners(model, now);
      CheckCounts(answers, now, CountMoves(*rules, *next, crowd));
      answers = std::move(now);
      rules = next;
    }
  }
  for (const auto rule : {Edited::Rule::kAny, Edited::Rule::kOnlyEnter, Edited::Rule::kOnlyLeave, Edited::Rule::kEnd,
                          Edited::Rule::kShip}) {
    CHECK(made[rule] > 0);
  }
}
