// Exposures as an export has them, each wrong in one way, and counts beside them.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/tools/exposures.h"
#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// The experiment "button": half of the layer, a over the first half of the split and b over the rest; of the audience
// "pro" the other half of the layer, and b alone. A tenth is held out of it, by device; and by account.
std::string RulesText(int version, const std::string& of_button = R"("status":"running",)") {
  return R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":)" +
         std::to_string(version) +
         R"(,"issued_at":"2026-11-20T10:00:00Z","layers":{"main":{"unit":"device","salt":"main.1"}},
"holdouts":{"quiet":{"unit":"device","salt":"quiet.1","size":100000,"experiments":"*"},
"calm":{"unit":"account","salt":"calm.1","size":400000,"experiments":"*"}},
"experiments":{"button":{"iteration":2,)" +
         of_button +
         R"("layer":"main","slots":[[0,500000]],"salt":"button.2",
"variants":{"a":{"slots":[[0,500000]],"flags":{"label":false}},"b":{"slots":[[500000,1000000]],"flags":{"label":true}}},
"audiences":[{"name":"pro","when":{"op":"==","attribute":"plan","value":"pro"},"slots":[[500000,1000000]],"variants":{"b":[[0,1000000]]}}]}},
"flags":{"label":{"type":"bool","default":false,"rules":[{"id":"r1","experiment":"button"}]}}})";
}

std::uint32_t SlotOf(char purpose, const std::string& salt, const std::string& unit) {
  return evaluation::Slot(purpose, salt, unit);
}
bool IsHeldOut(const std::string& unit) { return SlotOf('h', "quiet.1", unit) < 100'000; }
bool IsIn(const std::string& unit) { return SlotOf('l', "main.1", unit) < 500'000; }
std::string VariantOf(const std::string& unit) { return SlotOf('s', "button.2", unit) < 500'000 ? "a" : "b"; }

// The n-th unit, from 0, that is in the experiment or not, of that variant, and not held out.
std::string UnitLike(bool is_in, const std::string& variant, int n = 0, bool is_held_out = false) {
  for (int i = 0;; ++i) {
    const std::string unit = "u" + std::to_string(i);
    if (IsIn(unit) == is_in && VariantOf(unit) == variant && IsHeldOut(unit) == is_held_out && n-- == 0) return unit;
  }
}

// A line of an export; `more` begins with a comma.
std::string Exposed(const std::string& unit, const std::string& variant, const std::string& more = {},
                    const std::string& version = "1.1") {
  return R"({"type":"exposure","id":"e-)" + unit + R"(","unit_kind":"device","unit_id":")" + unit +
         R"(","experiment":"button","iteration":2,"variant":")" + variant + R"(","datafile_version":")" + version +
         "\"" + more + "}\n";
}
std::string Counted(int a, int b, int exposures) {
  return R"({"type":"result","experiment":"button","iteration":2,"units":{"a":)" + std::to_string(a) + R"(,"b":)" +
         std::to_string(b) + R"(},"exposures":)" + std::to_string(exposures) + "}\n";
}

// Versions in a folder: 1 runs; 2 is sticky and lets nobody new in by its slots; 3 is paused; 4 has ended.
struct Published {
  Published() {
    std::filesystem::create_directory(folder / "published");
    const char* of_button[] = {R"("status":"running",)", R"("status":"running","sticky":"exposed",)",
                               R"("status":"paused",)", R"("status":"ended",)"};
    for (int version = 1; version <= 4; ++version) {
      REQUIRE(
          WriteFile(folder / "published/" + std::to_string(version), RulesText(version, of_button[version - 1])).ok());
    }
    Result<Chain> read = ReadChain(folder / "published", {});
    REQUIRE_MESSAGE(read.ok(), read.status().message());
    chain = *std::move(read);
    REQUIRE(chain.links[0].rules->FindExperiment("button")->is_valid);
  }
  ExposureAudit Audit(const std::string& lines) const {
    REQUIRE(WriteFile(folder / "export", lines).ok());
    const Result<ExposureAudit> audit = AuditExposures(chain, folder / "export");
    REQUIRE_MESSAGE(audit.ok(), audit.status().message());
    return *audit;
  }

  Folder folder;
  Chain chain;
};

}  // namespace

TEST_CASE("exposures that are as the rules say agree with counts that are right, and with no others") {
  const Published published;
  std::string lines;
  for (int i = 0; i < 5; ++i) lines += Exposed(UnitLike(true, "a", i), "a");
  for (int i = 0; i < 3; ++i) lines += Exposed(UnitLike(true, "b", i), "b");
  lines += Exposed(UnitLike(true, "b", 0), "b");                           // once more, on another day
  lines += Exposed(UnitLike(false, "a", 0), "b", R"(,"audience":"pro")");  // whose own split is another
  const ExposureAudit good = published.Audit(Counted(5, 4, 10) + lines);
  CHECK(good.is_good());
  CHECK(good.exposures == 10);
  REQUIRE(good.experiments.size() == 1);
  CHECK(good.experiments[0].derived.units == std::vector<std::pair<std::string, std::uint64_t>>{{"a", 5}, {"b", 4}});
  for (const std::string& counts : {Counted(6, 4, 10), Counted(5, 3, 10), Counted(5, 4, 11), std::string()}) {
    CAPTURE(counts);
    const ExposureAudit other = published.Audit(counts + lines);
    CHECK(other.faults.empty());
    CHECK(other.disagreements() == 1);
  }
  // What the collector counts and no exposure tells of.
  CHECK(published.Audit(Counted(1, 0, 1)).disagreements() == 1);
}

TEST_CASE(
    "who was ever forced, met two variants, or keeps one that nobody saw them enter, is left out as from results") {
  const Published published;
  std::string lines = Exposed(UnitLike(true, "a", 0), "a");
  // Forced elsewhere, later, as the unit that an event carries.
  lines += Exposed(UnitLike(true, "a", 1), "a");
  lines += R"({"type":"event","id":"t","forced":true,"units":{"device":")" + UnitLike(true, "a", 1) + "\"}}\n";
  // Forced into the other variant: that contradicts the salts on purpose.
  lines += Exposed(UnitLike(true, "a", 2), "b", R"(,"forced":true)");
  // Not the same unit: an account of that name.
  lines += R"({"type":"event","id":"t","forced":true,"units":{"account":")" + UnitLike(true, "a", 0) + "\"}}\n";
  // Enrolled in the other variant, which nobody saw; and both.
  lines += Exposed(UnitLike(true, "a", 3), "b", R"(,"sticky":true)", "1.2");
  lines += Exposed(UnitLike(true, "b", 0), "b", R"(,"sticky":true)", "1.2") + Exposed(UnitLike(true, "b", 0), "b");
  const ExposureAudit audit = published.Audit(Counted(1, 1, 4) + lines);
  CHECK(audit.is_good());
  CHECK(audit.exposures == 5);
  REQUIRE(audit.experiments.size() == 1);
  CHECK(audit.experiments[0].forced_units == 2);
  CHECK(audit.experiments[0].unbacked_units == 1);
  // The audience changed, and with it the variant: both are what the rules give.
  lines += Exposed(UnitLike(false, "a", 0), "b", R"(,"audience":"pro")");
  const ExposureAudit two =
      published.Audit(Counted(1, 1, 6) + lines + Exposed(UnitLike(false, "a", 0), "a", R"(,"sticky":true)", "1.3"));
  CHECK(two.experiments[0].unbacked_units == 2);
}

TEST_CASE("each way in which an exposure is not what the rules give has its words, an example and its number") {
  const Published published;
  const std::string in = UnitLike(true, "a");
  const std::string slot = std::to_string(SlotOf('s', "button.2", in));
  const std::string layer_slot = std::to_string(SlotOf('l', "main.1", in));
  const std::string held_out = UnitLike(true, "a", 0, true);
  const struct {
    std::string name;
    std::string line;
    std::string what;
    std::string example;
  } rows[] = {
      {"version", Exposed(in, "a", "", "1.9"), "of a version that is not in the chain", "button, version 1.9"},
      {"variant of the other half", Exposed(in, "b"), "of another variant than the split gives",
       "button, version 1.1: says b, slot " + slot + " gives a"},
      {"no such variant", Exposed(in, "c"), "of a variant that its version does not have", "says c"},
      {"audience", Exposed(in, "a", R"(,"audience":"free")"), "of an audience that its version does not have",
       "says free"},
      {"outside", Exposed(UnitLike(false, "a"), "a"), "outside the experiment's share of its layer", " is none of its"},
      {"outside the audience's", Exposed(in, "b", R"(,"audience":"pro")"),
       "outside the experiment's share of its layer", "layer slot " + layer_slot + " is none of its slots"},
      {"slot", Exposed(in, "a", R"(,"slot":7)"), "with another slot than id and salt give",
       "says slot 7, it is " + slot},
      {"layer slot", Exposed(in, "a", R"(,"layer_slot":7)"), "with another slot than id and salt give",
       "says layer slot 7, it is " + layer_slot},
      {"held out", Exposed(held_out, "a"), "of a unit that is held out", "is in the holdout quiet, by slot "},
      {"sticky where nothing is", Exposed(in, "a", R"(,"sticky":true)"), "kept by an enrollment, where there is none",
       "button, version 1.1"},
      {"sticky with a slot of somebody else's", Exposed(in, "a", R"(,"sticky":true,"slot":7)", "1.2"),
       "with another slot than id and salt give", "says slot 7"},
      {"new while paused", Exposed(in, "a", "", "1.3"), "let into an experiment that is paused", "version 1.3"},
      {"after its end", Exposed(in, "a", "", "1.4"), "of an experiment that has ended", "version 1.4"},
      {"iteration",
       R"({"type":"exposure","id":"e","unit_kind":"device","unit_id":"u","experiment":"button","iteration":1,)"
       R"("variant":"a","datafile_version":"1.1"})"
       "\n",
       "of another iteration than its version has", "says iteration 1, it is 2"},
      {"experiment",
       R"({"type":"exposure","id":"e","unit_kind":"device","unit_id":"u","experiment":"knob","iteration":1,)"
       R"("variant":"a","datafile_version":"1.1"})"
       "\n",
       "of an experiment that its version does not have", "knob, version 1.1"},
      {"unit",
       R"({"type":"exposure","id":"e","unit_kind":"account","unit_id":"u","experiment":"button","iteration":2,)"
       R"("variant":"a","datafile_version":"1.1"})"
       "\n",
       "by another kind of unit than its version has", "says account, it is by device"},
      {"no JSON", "{\n", "that cannot be read", "is no JSON"},
      {"without a unit",
       R"({"type":"exposure","id":"e","experiment":"button","iteration":2,"variant":"a"})"
       "\n",
       "that cannot be read", "lacks \"unit_kind\", a text"},
      {"a number that is none",
       R"({"type":"result","experiment":"button","iteration":"2"})"
       "\n",
       "that cannot be read", "\"iteration\" is not a whole number"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    // Those around it are counted all the same.
    const std::string good = Exposed(UnitLike(true, "b"), "b");
    const ExposureAudit audit = published.Audit(Counted(0, 1, 2) + good + row.line + row.line + good);
    REQUIRE(audit.faults.size() == 1);
    CHECK(audit.faults[0].what == row.what);
    CHECK(audit.faults[0].count == 2);
    CAPTURE(audit.faults[0].example);
    CHECK(audit.faults[0].example.find(row.example) != std::string::npos);
    CHECK_FALSE(audit.faults[0].event.empty());
    CHECK(audit.disagreements() == 0);
    CHECK_FALSE(audit.is_good());
  }
}

TEST_CASE(
    "of units whose ids are hashed the slots they state are checked against the shares, and lacking slots are told") {
  const Published published;
  const std::string hashed = R"(,"unit_form":"hmac-sha256")";
  const std::string fits = hashed + R"(,"layer_slot":1,"slot":2)";
  const std::string outside = hashed + R"(,"layer_slot":500000,"slot":2)";
  const ExposureAudit good = published.Audit(Counted(1, 0, 1) + Exposed("hash", "a", fits));
  CHECK(good.is_good());
  CHECK(good.undecided == 0);
  CHECK(published.Audit(Counted(0, 0, 0) + Exposed("hash", "b", fits)).wrong() == 1);
  CHECK(published.Audit(Counted(0, 0, 0) + Exposed("hash", "a", outside)).wrong() == 1);
  const ExposureAudit undecided = published.Audit(Counted(1, 0, 1) + Exposed("hash", "a", hashed));
  CHECK(undecided.is_good());
  CHECK(undecided.undecided == 1);
}

TEST_CASE("what is no export is refused with the reason") {
  const Published published;
  REQUIRE(WriteFile(published.folder / "export", "").ok());
  CHECK(AuditExposures(published.chain, published.folder / "export").status().message().find("nothing in") !=
        std::string::npos);
  REQUIRE(WriteFile(published.folder / "export", Counted(0, 0, 0) + std::string(70'000, 'x')).ok());
  const Status status = AuditExposures(published.chain, published.folder / "export").status();
  CHECK(status.code() == StatusCode::kTooLarge);
  CHECK(status.message().find("line 2 has more than 65536 bytes") != std::string::npos);
  CHECK(AuditExposures(published.chain, published.folder / "nowhere").status().code() == StatusCode::kNotFound);
}

TEST_CASE("guidon audit prints counts and faults, and ends with 1 unless all of it agrees") {
  const Published published;
  std::filesystem::remove(published.folder / "published/2");
  std::filesystem::remove(published.folder / "published/3");
  std::filesystem::remove(published.folder / "published/4");
  const auto audit = [&published](const std::string& lines, const std::string& more = {}) {
    REQUIRE(WriteFile(published.folder / "export", lines).ok());
    return Run("audit " + (published.folder / "published") + more + " --exposures - < " +
               (published.folder / "export"));
  };
  const std::string unit = UnitLike(true, "a");
  const Outcome good = audit(Counted(1, 0, 1) + Exposed(unit, "a"));
  CAPTURE(good.output);
  CHECK(good.exit_code == 0);
  CHECK(Says(good, "Exposures  1 was decided again by the version it names\n"));
  CHECK(Says(good, "     experiment  units     exposures\n  ✓  button 2    a 1, b 0          1\n"));
  CHECK(Says(good, "✓ the rules give what every exposure says, and the collector counts as many\n"));
  const Outcome bad = audit(Counted(1, 1, 2) + Exposed(unit, "a") + Exposed(unit, "b"));
  CAPTURE(bad.output);
  CHECK(bad.exit_code == 1);
  CHECK(Says(bad,
             "  ✗  button 2    a 1, b 0          1  by the rules\n"
             "                 a 1, b 1          2  says the collector\n"));
  CHECK(Says(bad, "  ✗ 1 exposure of another variant than the split gives\n    button, version 1.1: says b, slot "));
  CHECK(Says(bad, " gives a\n    event e-" + unit + ", device " + unit + "\n"));
  CHECK(Says(bad, "✗ 1 exposure that the rules do not give; the collector counts 1 experiment otherwise\n"));
  const Outcome json = audit(Counted(1, 1, 2) + Exposed(unit, "a") + Exposed(unit, "b"), " --json");
  CHECK(json.exit_code == 1);
  CHECK(Says(json, "\"disagreements\": 1"));
  CHECK(Says(json, "\"what\": \"of another variant than the split gives\""));
}
