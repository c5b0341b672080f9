#include "sdk/tools/moves.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

using Rules = std::shared_ptr<const ruleset::Ruleset>;

Rules Load(const std::string& published) {
  dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(static_cast<bool>(loaded.rules));
  return loaded.rules;
}

Crowd People(std::uint64_t count) {
  Crowd crowd;
  crowd.count = count;
  crowd.profiles.push_back({Context(), Noon(), std::nullopt});
  return crowd;
}

// A source with a rollout, an experiment of two flags and a campaign, in numbers.
struct Knobs {
  std::size_t rollout = 10;
  std::size_t experiment = 50;
  std::size_t weight = 1;  // of both variants
  std::size_t iteration = 1;
  std::size_t arms = 1;  // iteration of the campaign
  std::size_t holdout = 10;
  bool has_new_flag = false;
  bool has_first_rule = false;  // one that nobody meets

  std::string Source() const {
    const auto text = [](std::size_t number) { return std::to_string(number); };
    return SourceWith(
        R"("events":["e"],"flags":{"f":{"default":0,"rules":[{"percent":)" + text(rollout) +
        R"(,"serve":1,"unit":"account"}]},"g":{"default":"a"},"h":{"default":false},"plain":{"default":7)" +
        (has_first_rule ? R"(,"rules":[{"when":"plan == 'x'","serve":8}])" : "") + "}" +
        (has_new_flag ? R"(,"new":{"default":true})" : "") +
        R"(},"holdouts":{"q":{"percent":2}},"experiments":{"x":{"percent":)" + text(experiment) + R"(,"iteration":)" +
        text(iteration) + R"(,"weights":{"control":)" + text(weight) + R"(,"b":)" + text(weight) +
        R"(},"variants":{"control":{"g":"a","h":false},"b":{"g":"b","h":true}},"goals":["e"]}},)" +
        R"("campaigns":{"c":{"trigger":"e","goals":["e within 7d"],"iteration":)" + text(arms) + R"(,"holdout":)" +
        text(holdout) + R"(,"show":{"kind":"banner","title":"t"}}})");
  }
};

// What a device would say of every flag: decided here once more, person by person.
struct Seen {
  std::map<std::string, std::string> values;
  std::map<std::string, std::string> variants;  // of experiments
};

Seen Decide(const ruleset::Ruleset& rules, const Context& context, Timestamp now) {
  Seen out;
  const evaluation::PreparedContext prepared(rules, context, {}, now);
  for (const ruleset::Flag& flag : rules.flags) {
    const evaluation::Outcome outcome = evaluation::Evaluate(rules, flag, prepared, now);
    out.values[flag.key] = outcome.value == nullptr ? "" : json::ToText(ruleset::ToValue(*outcome.value));
    if (outcome.experiment == ruleset::kNone) continue;
    const ruleset::Experiment& experiment = rules.experiments[outcome.experiment];
    out.variants[experiment.key] = experiment.variants[outcome.variant].name;
  }
  return out;
}

const FlagMoves* FindFlag(const Moves& moves, const std::string& key) {
  for (const FlagMoves& flag : moves.moved_flags) {
    if (flag.key == key) return &flag;
  }
  return nullptr;
}

const GroupMoves* FindGroup(const std::vector<GroupMoves>& groups, const std::string& key) {
  for (const GroupMoves& group : groups) {
    if (group.key == key) return &group;
  }
  return nullptr;
}

// Counts by brute force, and compares.
void CheckAgainstDevices(const Rules& before, const Rules& after, const Crowd& crowd, const Moves& moves) {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> values;
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> variants;
  std::uint64_t seen = 0;
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    const Context context = crowd.ContextOf(person, {"account", "device"});
    const Seen was = Decide(*before, context, Noon());
    const Seen is = Decide(*after, context, Noon());
    bool has_moved = false;
    for (const auto& [flag, value] : was.values) {
      const auto now = is.values.find(flag);
      if (now == is.values.end() || now->second == value) continue;
      ++values[flag][{value, now->second}];
      has_moved = true;
    }
    seen += has_moved ? 1 : 0;
    for (const char* experiment : {"x"}) {
      const auto from = was.variants.find(experiment);
      const auto to = is.variants.find(experiment);
      const std::string a = from == was.variants.end() ? "" : from->second;
      const std::string b = to == is.variants.end() ? "" : to->second;
      if (a != b) ++variants[experiment][{a, b}];
    }
  }
  CHECK(moves.seen == seen);
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> told;
  for (const FlagMoves& flag : moves.moved_flags) {
    for (const Move& move : flag.moves) {
      if (move.is_seen()) told[flag.key][{move.from.value, move.to.value}] += move.count;
    }
  }
  CHECK(told == values);
  told.clear();
  for (const GroupMoves& group : moves.experiments) {
    for (const GroupMove& move : group.moves) {
      if (move.from != move.to) told[group.key][{move.from, move.to}] += move.count;
    }
  }
  CHECK(told == variants);
}

// The witness of every move makes it.
void CheckWitnesses(const Rules& before, const Rules& after, const Crowd& crowd, const Moves& moves) {
  for (const FlagMoves& flag : moves.moved_flags) {
    for (const Move& move : flag.moves) {
      CAPTURE(flag.key);
      CAPTURE(move.witness);
      const Context context = crowd.ContextOf(move.witness, moves.unit_kinds);
      if (before->FindFlag(flag.key) != nullptr) {
        CHECK(Decide(*before, context, Noon()).values[flag.key] == move.from.value);
      }
      if (after->FindFlag(flag.key) != nullptr) {
        CHECK(Decide(*after, context, Noon()).values[flag.key] == move.to.value);
      }
    }
  }
}

}  // namespace

TEST_CASE("what is counted is what devices do, whatever is edited, and ramps up move nobody who was in") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Knobs knobs;
    knobs.rollout = random.Below(101);
    knobs.experiment = 1 + random.Below(100);
    std::string published = PublishText(knobs.Source());
    const Crowd crowd = People(400);
    for (int step = 0; step < 4; ++step) {
      CAPTURE(step);
      const Knobs last = knobs;
      const bool only_up = random.Below(2) == 0;
      knobs.rollout = only_up ? last.rollout + random.Below(101 - last.rollout) : random.Below(101);
      knobs.experiment = only_up ? last.experiment + random.Below(101 - last.experiment) : 1 + random.Below(100);
      knobs.has_first_rule = random.Below(2) == 0;
      knobs.weight = 1 + random.Below(9);  // of both alike: the shares stay
      const Previous previous = Reread(published);
      const std::string next = PublishText(knobs.Source(), &previous);
      const Rules before = Load(published);
      const Rules after = Load(next);
      const Moves moves = CountMoves(*before, *after, crowd);
      CheckAgainstDevices(before, after, crowd, moves);
      CheckWitnesses(before, after, crowd, moves);
      CHECK(moves.spoiled() == 0);
      CHECK(FindFlag(moves, "plain") == nullptr);
      CHECK(moves.campaigns.empty());
      if (only_up) {
        for (const GroupMoves& group : moves.experiments) CHECK(group.left + group.changed == 0);
        const FlagMoves* rollout = FindFlag(moves, "f");
        const std::vector<Move> none;
        for (const Move& move : rollout == nullptr ? none : rollout->moves) CHECK(move.from.value == "0");
      }
      published = next;
    }
  }
}

TEST_CASE("nobody moves between two publications of one source") {
  const std::string first = PublishText(Knobs().Source());
  const Previous previous = Reread(first);
  const Moves moves = CountMoves(*Load(first), *Load(PublishText(Knobs().Source(), &previous)), People(1'000));
  CHECK(moves.nobody());
  CHECK(moves.seen == 0);
  CHECK(moves.people == 1'000);
}

TEST_CASE("a change of variant within an iteration is counted as spoiled, in a new iteration as another draw") {
  const std::string first = PublishText(Knobs().Source());
  SUBCASE("within: another salt, which no build gives out") {
    std::string other = first;
    const std::size_t at = other.find("\"salt\":\"x.1\"");
    REQUIRE(at != std::string::npos);
    other.replace(at, 12, "\"salt\":\"x.9\"");
    const Moves moves = CountMoves(*Load(first), *Load(other), People(1'000));
    const GroupMoves* group = FindGroup(moves.experiments, "x");
    REQUIRE(group != nullptr);
    CHECK(group->entered + group->left == 0);
    CHECK(group->changed > 100);
    CHECK(group->spoiled() == group->changed);
    CHECK(moves.spoiled() == group->changed);
    CHECK(moves.seen == group->changed);
  }
  SUBCASE("a new iteration draws all of them anew") {
    Knobs knobs;
    knobs.iteration = 2;
    const Previous previous = Reread(first);
    const Moves moves = CountMoves(*Load(first), *Load(PublishText(knobs.Source(), &previous)), People(1'000));
    const GroupMoves* group = FindGroup(moves.experiments, "x");
    REQUIRE(group != nullptr);
    CHECK(group->old_iteration == 1);
    CHECK(group->new_iteration == 2);
    CHECK(group->changed == group->before - group->left);
    CHECK(moves.spoiled() == 0);
  }
}

TEST_CASE("arms of a campaign are those its holdout gives, counted by hash") {
  const std::string first = PublishText(Knobs().Source());
  std::string other = first;
  const std::size_t at = other.find("\"holdout\":100000");
  REQUIRE(at != std::string::npos);
  other.replace(at, 16, "\"holdout\":300000");
  const Crowd crowd = People(2'000);
  std::uint64_t expected = 0;
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    const std::uint32_t slot = evaluation::Slot('c', "c.1", crowd.UnitId("device", person));
    expected += slot >= 100'000 && slot < 300'000 ? 1 : 0;
  }
  const Moves moves = CountMoves(*Load(first), *Load(other), crowd);
  const GroupMoves* group = FindGroup(moves.campaigns, "c");
  REQUIRE(group != nullptr);
  REQUIRE(group->moves.size() == 1);
  CHECK(group->moves[0].from == "prompt");
  CHECK(group->moves[0].to == "held out");
  CHECK(group->moves[0].count == expected);
  CHECK(group->before == 2'000);
  CHECK(moves.spoiled() == expected);
  CHECK(moves.seen == 0);

  Knobs knobs;
  knobs.arms = 2;
  knobs.holdout = 30;
  const Previous previous = Reread(first);
  CHECK(CountMoves(*Load(first), *Load(PublishText(knobs.Source(), &previous)), crowd).spoiled() == 0);
}

TEST_CASE("a flag that comes or goes is told, and nobody is said to see another value") {
  Knobs knobs;
  const Rules without = Load(PublishText(knobs.Source()));
  knobs.has_new_flag = true;
  const Rules with = Load(PublishText(knobs.Source()));
  const Moves comes = CountMoves(*without, *with, People(100));
  REQUIRE(comes.moved_flags.size() == 1);
  CHECK(comes.moved_flags[0].key == "new");
  CHECK(comes.moved_flags[0].moves[0].from.reason == "flag_not_found");
  CHECK(comes.moved_flags[0].moves[0].to.value == "true");
  CHECK(comes.moved_flags[0].moves[0].count == 100);
  CHECK(comes.seen == 0);
  const Moves goes = CountMoves(*with, *without, People(100));
  REQUIRE(goes.moved_flags.size() == 1);
  CHECK(goes.moved_flags[0].moves[0].to.reason == "flag_not_found");
}

TEST_CASE("profiles are dealt out in turn, and what they do not tell is named") {
  const auto source = [](const char* value) {
    return SourceWith(R"J("events":["e"],"segments":{"s":"seats >= 5"},"flags":{"a":{"default":0,"rules":[)J"
                      R"J({"when":"plan == 'pro' || segment('s')","serve":)J" +
                      std::string(value) +
                      R"J(}]},"b":{"default":0,"rules":[{"when":"count('e', '7d') >= 2","serve":1}]},)J"
                      R"J("c":{"default":0,"rules":[{"when":"has(team)","serve":1}]}})J");
  };
  const Rules before = Load(PublishText(source("1")));
  const Rules after = Load(PublishText(source("2")));
  Crowd crowd = People(90);
  const Moves unknown = CountMoves(*before, *after, crowd);
  CHECK(unknown.nobody());
  CHECK(unknown.blind.flags == 2);
  CHECK(unknown.blind.asked == std::vector<std::string>{"history of e", "plan", "seats"});

  crowd.profiles.clear();
  for (const char* plan : {"free", "pro", "free"}) {
    Profile profile{Context().Set("plan", plan).Set("seats", 3), Noon(), behavior::Behavior()};
    crowd.profiles.push_back(std::move(profile));
  }
  const Moves known = CountMoves(*before, *after, crowd);
  CHECK(known.blind.flags == 0);
  REQUIRE(FindFlag(known, "a") != nullptr);
  CHECK(FindFlag(known, "a")->seen == 30);
  CHECK(FindFlag(known, "a")->moves[0].witness == 2);
}

namespace {

// An experiment of half the devices, in what state is said.
std::string WinnerSource(const std::string& members) {
  return SourceWith(R"("flags":{"g":{"default":"a"}},"holdouts":{"q":{"percent":2}},"experiments":{"x":{)" + members +
                    R"("goals":["e"],"variants":{"control":{"g":"a"},"b":{"g":"b"}}}})");
}

}  // namespace

TEST_CASE("who keeps the winner, gets it and loses it is counted by itself, and spoils no result") {
  const std::string running = PublishText(WinnerSource(R"("percent":50,)"));
  const Previous first = Reread(running);
  const std::string shipped =
      PublishText(WinnerSource(R"("status":"ended","ship":{"variant":"b","percent":20},)"), &first);
  const Previous second = Reread(shipped);
  const std::string more =
      PublishText(WinnerSource(R"("status":"ended","ship":{"variant":"b","percent":60},)"), &second);
  const std::string over = PublishText(WinnerSource(R"("status":"ended",)"), &second);
  const Crowd crowd = People(2'000);
  std::uint64_t in_winner = 0;
  std::uint64_t in_control = 0;
  std::uint64_t at_20 = 0;
  std::uint64_t at_60 = 0;
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    const std::string id = crowd.UnitId("device", person);
    if (evaluation::Slot('h', "q", id) < 20'000) continue;
    const bool is_in = evaluation::Slot('l', "default.1", id) < 500'000;
    const bool is_winner = is_in && evaluation::Slot('s', "x.1", id) >= 500'000;
    in_winner += is_winner ? 1 : 0;
    in_control += is_in && !is_winner ? 1 : 0;
    at_20 += !is_winner && evaluation::Slot('w', "x.1", id) < 200'000 ? 1u : 0u;
    at_60 += !is_winner && evaluation::Slot('w', "x.1", id) < 600'000 ? 1u : 0u;
  }
  const struct {
    std::string name;
    const std::string* before;
    const std::string* after;
    std::uint64_t kept, gained, lost, was_in, is_in, seen;
    Stays stays;
  } rows[] = {
      {"ends and ships", &running, &shipped, in_winner, at_20, 0, in_winner + in_control, 0, at_20, Stays::kWinner},
      {"ships to more", &shipped, &more, in_winner + at_20, at_60 - at_20, 0, 0, 0, at_60 - at_20, Stays::kWinner},
      {"ships to fewer", &more, &shipped, in_winner + at_20, 0, at_60 - at_20, 0, 0, at_60 - at_20, Stays::kWinner},
      {"ships no more", &shipped, &over, 0, 0, in_winner + at_20, 0, 0, in_winner + at_20, Stays::kNobody},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Moves moves = CountMoves(*Load(*row.before), *Load(*row.after), crowd);
    const GroupMoves* group = FindGroup(moves.experiments, "x");
    REQUIRE(group != nullptr);
    CHECK(group->kept == row.kept);
    CHECK(group->gained == row.gained);
    CHECK(group->lost == row.lost);
    CHECK(group->before == row.was_in);
    CHECK(group->after == row.is_in);
    CHECK(moves.seen == row.seen);
    CHECK(moves.spoiled() == 0);
    CHECK((group->stays == row.stays));
  }
}

TEST_CASE("where devices that were exposed stay, it is said") {
  const struct {
    std::string name;
    std::string before;
    std::string after;
    Stays stays;
  } rows[] = {
      {"paused", R"("percent":50,)", R"("percent":50,"status":"paused",)", Stays::kPaused},
      {"sticky and smaller", R"("percent":50,"sticky":"exposed",)", R"("percent":20,"sticky":"exposed",)",
       Stays::kSticky},
      {"sticky and larger", R"("percent":50,"sticky":"exposed",)", R"("percent":60,"sticky":"exposed",)",
       Stays::kNobody},
      {"smaller", R"("percent":50,)", R"("percent":20,)", Stays::kNobody},
      {"sticky and drawn anew", R"("percent":50,"sticky":"exposed",)",
       R"("percent":50,"iteration":2,"sticky":"exposed",)", Stays::kNobody},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string before = PublishText(WinnerSource(row.before));
    const Previous previous = Reread(before);
    const Moves moves = CountMoves(*Load(before), *Load(PublishText(WinnerSource(row.after), &previous)), People(500));
    const GroupMoves* group = FindGroup(moves.experiments, "x");
    REQUIRE(group != nullptr);
    CHECK((group->stays == row.stays));
  }
}

TEST_CASE("audiences are asked like rules, and what a flag asks of another flag is known") {
  const auto source = [](const char* percent) {
    return SourceWith(R"J("flags":{"a":{"default":"x","rules":[{"percent":50,"serve":"y"}]},)J"
                      R"J("b":{"default":0,"rules":[{"when":"flag('a') == 'y'","serve":1}]},"g":{"default":"a"}},)J"
                      R"J("experiments":{"x":{"percent":)J" +
                      std::string(percent) +
                      R"J(,"audiences":{"pro":{"when":"plan == 'pro'","percent":90}},"goals":["e"],)J"
                      R"J("variants":{"control":{"g":"a"},"b":{"g":"b"}}}})J");
  };
  const std::string first = PublishText(source("10"));
  const Previous previous = Reread(first);
  const Rules before = Load(first);
  const Rules after = Load(PublishText(source("40"), &previous));
  Crowd crowd = People(400);
  const Moves unknown = CountMoves(*before, *after, crowd);
  CHECK(unknown.blind.asked == std::vector<std::string>{"plan"});
  CHECK(unknown.blind.flags == 1);
  crowd.profiles.push_back(crowd.profiles[0]);
  crowd.profiles[0].context.Set("plan", "free");
  crowd.profiles[1].context.Set("plan", "pro");
  const Moves known = CountMoves(*before, *after, crowd);
  CHECK(known.blind.flags == 0);
  const GroupMoves* group = FindGroup(known.experiments, "x");
  REQUIRE(group != nullptr);
  for (const GroupMove& move : group->moves) CHECK(crowd.ProfileOf(move.witness) == 0);
  CHECK(group->entered > 40);
  CHECK(group->left + group->changed == 0);
}
