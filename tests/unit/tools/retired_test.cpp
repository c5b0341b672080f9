#include "sdk/tools/retired.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string Holdouts(const std::string& holdouts) { return SourceWith(R"("flags":{},"holdouts":{)" + holdouts + "}"); }

std::string Layers(const std::string& layers) { return SourceWith(R"("flags":{},"layers":{)" + layers + "}"); }

std::string Flags(const std::string& flags) { return SourceWith(R"("flags":{)" + flags + "}"); }

Previous After(const std::string& text, const Previous* previous = nullptr) {
  return Reread(PublishText(text, previous));
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A thousand and more names that are gone.
Retired Many(std::size_t count, std::int64_t last) {
  Retired retired;
  for (std::size_t i = 0; i < count; ++i) retired.Add("n" + std::to_string(i), last);
  return retired;
}

// Each with whom it draws for.
std::set<std::string> SaltsIn(const std::string& published) {
  std::set<std::string> salts;
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  const json::Node root = document->root();
  const auto add = [&](const char* kind, json::Node node, json::Node unit) {
    salts.insert(kind + std::string(node["salt"].AsString().value_or("")) + " " + unit.ToText());
  };
  for (json::Node node : root["holdouts"]) add("h ", node, node["unit"]);
  for (json::Node node : root["layers"]) add("l ", node, node["unit"]);
  for (json::Node node : root["experiments"]) add("s ", node, json::Node());
  for (json::Node flag : root["flags"]) {
    for (json::Node rule : flag["rules"]) {
      if (rule["rollout"].exists()) add("r ", rule["rollout"], rule["rollout"]["unit"]);
    }
  }
  return salts;
}

// Things come, go and come back under their old names; sometimes by another unit, or with numbers that people wrote.
std::string RandomSource(Random& random) {
  const auto unit = [&] { return random.Below(4) == 0 ? R"("unit":"account")" : R"("unit":"device")"; };
  std::string layers;
  std::string experiments;
  std::string flags = R"("x":{"default":0})";
  std::string holdouts;
  for (const char* name : {"a", "b"}) {
    const std::string key = std::string("\"") + name + "\":{";
    if (random.Below(3) > 0) {
      const std::string epoch = random.Below(4) == 0 ? R"("epoch":)" + std::to_string(1 + random.Below(9)) + "," : "";
      layers += (layers.empty() ? "" : ",") + key + epoch + unit() + "}";
      if (random.Below(2) == 0) {
        experiments += (experiments.empty() ? "" : ",") + key + R"("layer":")" + name + R"(","iteration":)" +
                       std::to_string(1 + random.Below(9)) +
                       R"(,"percent":50,"variants":{"control":{"x":0},"b":{"x":1}},"goals":["g"]})";
      }
    }
    if (random.Below(3) > 0) {
      const std::string rule = R"({"percent":)" + std::to_string(random.Below(50)) + R"(,"serve":1,)" + unit() + "}";
      flags += "," + key + R"("default":0,"rules":[)" + (random.Below(3) > 0 ? rule : "") + "]}";
    }
    if (random.Below(20) > 0) continue;
    holdouts += (holdouts.empty() ? "" : ",") + key + R"("percent":2})";
  }
  return SourceWith(R"("layers":{)" + layers + R"(},"holdouts":{)" + holdouts + R"(},"flags":{)" + flags +
                    R"(},"experiments":{)" + experiments + "}");
}

}  // namespace

TEST_CASE("no salt that is gone comes back, whatever comes and goes") {
  std::size_t published = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::optional<Previous> previous;
    std::set<std::string> now;
    std::set<std::string> gone;
    for (int step = 0; step < 60; ++step) {
      const std::string text = RandomSource(random);
      if (Read(text, previous ? &*previous : nullptr)->problems.has_errors()) continue;
      CAPTURE(text);
      const std::string next = PublishText(text, previous ? &*previous : nullptr);
      const std::set<std::string> salts = SaltsIn(next);
      for (const std::string& salt : salts) {
        CAPTURE(salt);
        REQUIRE(gone.count(salt) == 0);
      }
      for (const std::string& salt : now) {
        if (salts.count(salt) == 0) gone.insert(salt);
      }
      now = salts;
      previous = Reread(next);
      ++published;
    }
  }
  CHECK(published > 400);
}

TEST_CASE("a holdout that has ended comes back under no name it had") {
  const Previous first = After(Holdouts(R"("h":{"percent":2},"i":{"percent":1})"));
  const Previous ended = After(Holdouts(R"("i":{"percent":1})"), &first);
  const Previous long_ago = After(Holdouts(R"("i":{"percent":1},"j":{"percent":1})"), &ended);
  for (const Previous* previous : {&ended, &long_ago}) {
    const std::unique_ptr<Workbench> bench = Read(Holdouts(R"("h":{"percent":2},"i":{"percent":1})"), previous);
    const Problem* problem = FindProblem(bench->problems, "salt-reused", "/holdouts/h");
    REQUIRE(problem != nullptr);
    CHECK(Has(problem->reason, "'h' has ended already"));
    CHECK(problem->advice == "give it another name");
    CHECK(Errors(Read(Holdouts(R"("h2":{"percent":2},"i":{"percent":1})"), previous)->problems) == "");
  }
}

TEST_CASE("so many holdouts may end, and one more is refused") {
  for (const std::size_t ended : {kRetiredNames - 1, kRetiredNames}) {
    CAPTURE(ended);
    Previous previous = After(Holdouts(R"("h":{"percent":2})"));
    for (std::size_t i = 0; i < ended; ++i) previous.retired_holdouts.insert("n" + std::to_string(i));
    const std::unique_ptr<Workbench> bench = Read(Holdouts(""), &previous);
    const Problem* problem = FindProblem(bench->problems, "too-many", "/holdouts");
    CHECK((problem != nullptr) == (ended == kRetiredNames));
    CHECK(Errors(Read(Holdouts(R"("h":{"percent":2})"), &previous)->problems) == "");
  }
}

TEST_CASE("a layer that comes back, or is by another unit, is shuffled anew") {
  const Previous first = After(Layers(R"("l":{"epoch":3},"m":{})"));
  const Previous gone = After(Layers(R"("m":{})"), &first);
  const struct {
    const char* name;
    const Previous* previous;
    const char* layer;
    const char* salt;  // null: refused
  } rows[] = {
      {"as it was", &first, R"("l":{})", "l.3"},
      {"as it was, said", &first, R"("l":{"epoch":3})", "l.3"},
      {"reshuffled", &first, R"("l":{"epoch":4})", "l.4"},
      {"back in time", &first, R"("l":{"epoch":2})", nullptr},
      {"another unit", &first, R"("l":{"unit":"account"})", "l.4"},
      {"another unit, and the epoch it had", &first, R"("l":{"epoch":3,"unit":"account"})", nullptr},
      {"another unit, said", &first, R"("l":{"epoch":4,"unit":"account"})", "l.4"},
      {"gone and back", &gone, R"("l":{})", "l.4"},
      {"gone and back, and the epoch it had", &gone, R"("l":{"epoch":3})", nullptr},
      {"gone and back, said", &gone, R"("l":{"epoch":9})", "l.9"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string text = Layers(row.layer);
    if (row.salt != nullptr) {
      CHECK(Has(PublishText(text, row.previous), R"("salt":")" + std::string(row.salt) + "\""));
      continue;
    }
    const std::unique_ptr<Workbench> bench = Read(text, row.previous);
    const Problem* problem = FindProblem(bench->problems, "salt-reused", "/layers/l/epoch");
    REQUIRE(problem != nullptr);
    CHECK(Has(problem->reason, "has been at epoch 3 already"));
  }
}

TEST_CASE("the rollouts of a flag that comes back draw anew, and one that went down to nothing does not") {
  const std::string rollout = R"("f":{"default":0,"rules":[{"percent":50,"serve":1}]})";
  const Previous first = After(Flags(rollout));
  const Previous gone = After(Flags(R"("g":{"default":0})"), &first);
  const Previous long_gone = After(Flags(""), &gone);
  CHECK(long_gone.retired_flags.LastOf("f") == 1);
  CHECK(long_gone.retired_flags.LastOf("g") == 0);
  const std::string back = PublishText(Flags(rollout), &long_gone);
  CHECK(Has(back, R"("salt":"f.2")"));
  CHECK_FALSE(Has(back, "retired"));

  SUBCASE("also when it comes back without rollouts first") {
    const Previous bare = After(Flags(R"("f":{"default":0})"), &long_gone);
    CHECK(Has(PublishText(Flags(rollout), &bare), R"("salt":"f.2")"));
  }
  SUBCASE("down to nothing and up again") {
    const Previous none = After(Flags(R"("f":{"default":0,"rules":[{"percent":0,"serve":1}]})"), &first);
    CHECK(Has(PublishText(Flags(rollout), &none), R"("salt":"f.1","split":[{"slots":[[0,500000]],"serve":1}])"));
  }
}

TEST_CASE("beyond so many names, those with the lowest number are given up, and all others begin above it") {
  for (const std::size_t count : {kRetiredNames - 1, kRetiredNames, kRetiredNames + 1}) {
    CAPTURE(count);
    Retired retired = Many(count, 2);
    retired.Add("other", 5);
    retired.names.erase("n0");  // `other` takes its place
    retired.Bound();
    const bool is_over = count > kRetiredNames;
    CHECK(retired.floor == (is_over ? 2 : 0));
    CHECK(retired.names.size() == (is_over ? 1 : count));
    CHECK(retired.LastOf("n1") == 2);
    CHECK(retired.LastOf("new") == (is_over ? 2 : 0));
    CHECK(retired.LastOf("other") == 5);

    std::string text;
    json::Writer out(&text);
    out.BeginObject();
    PublishRetired("retired", retired, out);
    out.End();
    const std::optional<json::Document> document = json::Document::Parse(text, nullptr);
    REQUIRE(document);
    const Retired read = ReadRetired(document->root()["retired"]);
    CHECK(read.floor == retired.floor);
    CHECK(read.names == retired.names);
  }
}

TEST_CASE("what is new begins above what was given up") {
  const std::string all = SourceWith(
      R"("flags":{"f":{"default":0,"rules":[{"percent":50,"serve":1}]},"x":{"default":0}},"layers":{"l":{}},)"
      R"("experiments":{"e":{"layer":"l",ITERATION"percent":50,"variants":{"control":{"x":0},"b":{"x":1}},"goals":["g"]}})");
  const auto source = [&](const std::string& iteration) {
    std::string text = all;
    return text.replace(text.find("ITERATION"), 9, iteration);
  };
  Previous previous = After(SourceWith(R"("flags":{"f":{"default":0}})"));
  previous.retired = Many(kRetiredNames + 1, 3);
  previous.retired_layers = Many(kRetiredNames + 1, 4);
  previous.retired_flags = Many(kRetiredNames + 1, 5);
  const Previous next = After(SourceWith(R"("flags":{"f":{"default":0}})"), &previous);
  const std::string published = PublishText(source(""), &next);
  for (const char* salt : {"e.4", "l.5", "f.6"}) {
    CAPTURE(salt);
    CHECK(Has(published, R"("salt":")" + std::string(salt) + "\""));
  }
  CHECK_FALSE(Has(published, "n0"));
  const std::unique_ptr<Workbench> bench = Read(source(R"("iteration":3,)"), &next);
  const Problem* problem = FindProblem(bench->problems, "salt-reused", "/experiments/e/iteration");
  REQUIRE(problem != nullptr);
  CHECK(Has(problem->reason, "'e' may have run as iteration 3 already"));
}
