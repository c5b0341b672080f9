#include "samples/collector/audit.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

class AuditWorld : public World {
 public:
  AuditWorld() { std::filesystem::create_directories(folder / "ledgers"); }
  void WriteLedger(std::string_view name, std::string_view text) {
    folder.Write("ledgers/" + std::string(name) + ".ledger", text);
  }
  AuditReport Check() {
    Result<AuditReport> report = Audit(reader.get(), folder / "ledgers");
    REQUIRE_MESSAGE(report.ok(), report.status().message());
    return *std::move(report);
  }
};

Event Numbered(std::string id, int n) { return Tracked(std::move(id), "unit-1", "shared").Int("guidon.property.n", n); }

std::string LastLine(const std::string& text) {
  const std::size_t end = text.size() - 1;
  return text.substr(text.rfind('\n', end - 1) + 1, end - text.rfind('\n', end - 1) - 1);
}

TEST_CASE("facts that are all there once are in order") {
  AuditWorld world;
  const std::string unit = UnitsReaching("prompt", 1)[0];
  world.Post({Numbered("t1", 1), Numbered("t2", 2), Exposure("e1", "unit-1"), Exposure("q1", "unit-1", "c"),
              Step("p1", unit, "exposure"), Step("p2", unit, "impression")});
  world.WriteLedger("p1", "t1 tracked shared:1\nt2 tracked shared:2\n");
  world.WriteLedger("p2",
                    "e1 exposure button:a:20717\nq1 exposure button:c:20717\n"
                    "p1 prompt try-share:s1:exposure\np2 prompt try-share:s1:impression\n");
  const AuditReport report = world.Check();
  CHECK(report.ledgers == 2);
  CHECK(report.kinds.at("tracked").facts == 2);
  CHECK(report.kinds.at("tracked").stored == 2);
  CHECK(report.kinds.at("exposure").stored == 1);
  CHECK(report.kinds.at("exposure").quarantined == 1);
  CHECK(report.kinds.at("prompt").facts == 2);
  CHECK(report.kinds.at("prompt").stored == 2);
  CHECK(report.unnamed == 0);
  CHECK(LastLine(AuditText(report)) == "duplicates 0, lost 0");
}

TEST_CASE("an event that was deleted is reported lost") {
  AuditWorld world;
  world.Post({Numbered("t1", 1), Numbered("t2", 2)});
  world.WriteLedger("p1", "t1 tracked shared:1\nt2 tracked shared:2\n");
  world.reader->Begin(true);
  CHECK(world.reader->Prepare("DELETE FROM events WHERE id = 't2'").Run());
  REQUIRE(world.reader->Commit().ok());
  const AuditReport report = world.Check();
  CHECK(report.lost == 1);
  REQUIRE(report.lost_ids.size() == 1);
  CHECK(report.lost_ids[0] == "t2");
  CHECK(LastLine(AuditText(report)) == "duplicates 0, lost 1");
}

TEST_CASE("one fact under two event ids is a duplicate, however it shows") {
  const std::string unit = UnitsReaching("prompt", 1)[0];
  const struct {
    const char* name;
    std::vector<Event> events;
    const char* ledger;
    std::uint64_t duplicates;
  } rows[] = {
      {"by number and name", {Numbered("t1", 1), Numbered("t2", 1)}, "t1 tracked shared:1\n", 1},
      {"three times", {Numbered("t1", 1), Numbered("t2", 1), Numbered("t3", 1)}, "t1 tracked shared:1\n", 2},
      {"another number", {Numbered("t1", 1), Numbered("t2", 2)}, "t1 tracked shared:1\n", 0},
      {"another name",
       {Numbered("t1", 1), Numbered("t2", 1).Text("guidon.event.name", "opened")},
       "t1 tracked shared:1\n",
       0},
      {"by the ledger's key",
       {Tracked("t1", "unit-1", "x"), Tracked("t2", "unit-1", "y")},
       "t1 tracked k\nt2 tracked k\n",
       1},
      {"by both is still one", {Numbered("t1", 1), Numbered("t2", 1)}, "t1 tracked s:1\nt2 tracked s:1\n", 1},
      {"the key of another kind", {Tracked("t1", "unit-1", "x"), Tracked("t2", "unit-1", "y")}, "t1 a k\nt2 b k\n", 0},
      {"a line written twice", {Numbered("t1", 1)}, "t1 tracked s:1\nt1 tracked s:1\n", 0},
      {"an exposure of the same day",
       {Exposure("e1", "unit-1"), Exposure("e2", "unit-1").At(kNow - 1)},
       "e1 exposure x\n",
       1},
      {"of another day", {Exposure("e1", "unit-1"), Exposure("e2", "unit-1").At(kNow - kDay)}, "e1 exposure x\n", 0},
      {"of another unit", {Exposure("e1", "unit-1"), Exposure("e2", "unit-2")}, "e1 exposure x\n", 0},
      {"a step of a showing", {Step("e1", unit, "impression"), Step("e2", unit, "impression")}, "e1 prompt x\n", 1},
      {"another step", {Step("e1", unit, "exposure"), Step("e2", unit, "impression")}, "e1 prompt x\n", 0},
      {"of another showing",
       {Step("e1", unit, "exposure", "a"), Step("e2", unit, "exposure", "b")},
       "e1 prompt x\n",
       0},
      {"forced and not", {Exposure("e1", "unit-1"), Exposure("e2", "unit-1").Forced()}, "e1 exposure x\n", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    AuditWorld world;
    world.Post(row.events);
    CHECK(world.Count().stored_events == row.events.size());
    world.WriteLedger("p", row.ledger);
    const AuditReport report = world.Check();
    CHECK(report.duplicates == row.duplicates);
    CHECK(report.lost == 0);
  }
}

TEST_CASE("the same number on two installations is two facts") {
  AuditWorld world;
  world.Post({Numbered("t1", 1)}, "install-1");
  world.Post({Numbered("t2", 1)}, "install-2");
  world.WriteLedger("p", "t1 tracked s:1\n");
  CHECK(world.Check().duplicates == 0);
}

TEST_CASE("a last line cut short by a kill is ignored, and what no ledger names is counted apart") {
  AuditWorld world;
  world.Post({Numbered("t1", 1), Numbered("t2", 2)});
  world.WriteLedger("p", "t1 tracked s:1\nt2 tra");
  AuditReport report = world.Check();
  CHECK(report.lost == 0);
  CHECK(report.unreadable_lines == 0);
  CHECK(report.unnamed == 1);
  // What the client tells of itself is in no ledger.
  world.Post({Summary("s1", {{"wide", "default", "static"}})});
  CHECK(world.Check().unnamed == 1);
  world.WriteLedger("p", "t1 tracked s:1\nt9 tracked s:9");
  CHECK(world.Check().lost == 0);
  world.WriteLedger("p", "t1 tracked s:1\nt9 tracked\n");
  report = world.Check();
  CHECK(report.unreadable_lines == 1);
  CHECK(report.lost == 0);
}

TEST_CASE("a folder without ledgers is an error, not a success") {
  AuditWorld world;
  CHECK(Audit(world.reader.get(), world.folder / "ledgers").status().code() == StatusCode::kNotFound);
  CHECK(Audit(world.reader.get(), world.folder / "nowhere").status().code() == StatusCode::kNotFound);
}

}  // namespace
}  // namespace guidon::collector
