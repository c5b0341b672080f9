// What an audit gets to decide and count again; that it agrees with what is true is for
// tests/unit/terminal/exposures_test.sh.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "samples/collector/export.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

std::vector<std::string> LinesOf(World& world) {
  std::string text;
  const Status status = Export(world.reader.get(), [&text](std::string_view lines) {
    text += lines;
    return true;
  });
  REQUIRE_MESSAGE(status.ok(), status.message());
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

TEST_CASE("an export says what the results say, then each exposure, and who was forced, and nothing else") {
  World world;
  const std::string unit = UnitIn("a");
  const std::string forced = UnitIn("b");
  world.Post({Exposure("e1", unit), Tracked("t1", unit, "shared"), Tracked("t2", forced, "shared").Forced(),
              HoldoutExposure("h1", unit, "comparison"), Exposure("e2", forced)});
  const std::vector<std::string> lines = LinesOf(world);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == R"({"type":"result","experiment":"button","iteration":2,"units":{"a":1,"b":0},"exposures":1})");
  const auto exposure = [](const std::string& id, const std::string& of, const std::string& variant) {
    return R"({"type":"exposure","id":")" + id + R"(","unit_kind":"device","unit_id":")" + of +
           R"(","experiment":"button","iteration":2,"variant":")" + variant +
           R"(","datafile_version":"1.1","layer_slot":)" + std::to_string(evaluation::Slot('l', "main.1", of)) +
           R"(,"slot":)" + std::to_string(evaluation::Slot('s', "button.2", of)) + "}";
  };
  CHECK(lines[1] == exposure("e1", unit, "a"));
  CHECK(lines[2] == R"({"type":"event","id":"t2","forced":true,"units":{"device":")" + forced + "\"}}");
  CHECK(lines[3] == exposure("e2", forced, "b"));
}

TEST_CASE("exposures of before slots were kept say nothing of them, and that an id is hashed where it looks so") {
  World world;
  const std::string unit = UnitIn("a");
  world.Post({Exposure("e1", unit), Exposure("e2", UnitIn("b"))});
  const std::string hash(64, 'a');
  world.reader->Begin(true);
  world.reader->Execute("UPDATE events SET layer_slot = NULL, slot = NULL, hashed_units = NULL");
  world.reader->Execute(("UPDATE events SET unit_id = '" + hash + "' WHERE id = 'e2'").c_str());
  REQUIRE(world.reader->Commit().ok());
  const std::vector<std::string> lines = LinesOf(world);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find(R"("datafile_version":"1.1"})") != std::string::npos);
  CHECK(lines[2].find(R"("unit_id":")" + hash + "\"") != std::string::npos);
  CHECK(lines[2].find(R"("datafile_version":"1.1","unit_form":"hmac-sha256"})") != std::string::npos);
}

TEST_CASE("an export that nobody takes ends with an error") {
  World world;
  world.Post({Exposure("e1", UnitIn("a"))});
  CHECK(Export(world.reader.get(), [](std::string_view) { return false; }).code() == StatusCode::kUnavailable);
}

}  // namespace
}  // namespace guidon::collector
