// Recording: what a trace has, what it leaves out, and that `guidon replay` makes the same decisions of it.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "sdk/client/recorder.h"
#include "sdk/core/base/json.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/replayed.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

constexpr Flag<bool> kSharing{"file-sharing", false};
constexpr Flag<std::int64_t> kChunk{"chunk-kb", 64};
constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr Flag<bool> kGone{"gone", false};

struct RecordWorld : World {
  RecordWorld() {
    options.datafile_url.clear();
    options.bundled_datafile = NotesDatafile(1);
    options.private_attributes = {"email"};
    options.context.Set("plan", "pro").Set("email", "ann@example.com");
    Open();
    Settle();
  }
  Subscription Record(PrivateAttributes privates = PrivateAttributes::kLeftOut) {
    return client().Record(
        nullptr, [this](std::string_view lines) { trace += lines; }, privates);
  }
  std::vector<json::Document> Lines() const {
    std::vector<json::Document> lines;
    for (std::size_t at = 0; at < trace.size();) {
      const std::size_t end = trace.find('\n', at);
      REQUIRE(end != std::string::npos);
      auto document = json::Document::Parse(std::string_view(trace).substr(at, end - at), nullptr);
      REQUIRE(document);
      lines.push_back(*std::move(document));
      at = end + 1;
    }
    return lines;
  }
  // "flag value variant reason" of each decision.
  std::vector<std::string> Decisions() const {
    std::vector<std::string> all;
    for (const json::Document& line : Lines()) {
      const json::Node root = line.root();
      if (!root["flag"].exists()) continue;
      std::string text(*root["flag"].AsString());
      text += " " + (root["value"].exists() ? root["value"].ToText() : "-");
      text +=
          " " + std::string(root["variant"].AsString().value_or("-")) + " " + std::string(*root["reason"].AsString());
      all.push_back(text);
    }
    return all;
  }
  std::string trace;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "every Get is recorded with what it rests on, the first and the second, and none once the recording has ended") {
  RecordWorld world;
  for (int i = 0; i < 3; ++i) CHECK(world.client().Get(kSharing));  // from its cell
  Subscription recording = world.Record();
  CHECK(world.client().Get(kSharing));
  CHECK(world.client().Get(kSharing));
  CHECK(world.client().Get(kChunk) == 1024);
  (void)world.client().Decide(kGone);
  world.Settle();
  CHECK(world.Decisions() == Texts{"file-sharing true default static", "file-sharing true default static",
                                   "chunk-kb 1024 pro rule", "gone - - flag_not_found"});
  const auto lines = world.Lines();
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].root()["guidon_trace"].AsInt() == 1);
  const json::Node state = lines[1].root();
  CHECK(state["datafile"]["version"].AsInt() == 1);
  CHECK(state["context"]["attributes"].ToText() == R"({"plan":"pro"})");
  CHECK(state["left_out"].ToText() == R"(["email"])");
  CHECK(state["context"]["units"]["device"].AsString() == world.client().status().install_id);
  CHECK(world.trace.find("ann@") == std::string::npos);

  (void)world.client().Get(kSharing);
  recording.Cancel();  // hands over what is left
  CHECK(world.Decisions().size() == 5);
  (void)world.client().Get(kChunk);
  world.Settle();
  CHECK(world.Decisions().size() == 5);
}

TEST_CASE("exposures are told while decisions are recorded, each once") {
  RecordWorld world;
  const Subscription recording = world.Record();
  for (int i = 0; i < 3; ++i) (void)world.client().Get(kComposer);
  world.Pass(std::chrono::minutes(2));
  CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
  CHECK(world.Decisions().size() == 3);
}

TEST_CASE("what was recorded comes out the same by the same datafile") {
  RecordWorld world;
  const Subscription recording = world.Record();
  (void)world.client().Get(kSharing);
  (void)world.client().Get(kChunk);
  (void)world.client().Get(kComposer);
  (void)world.client().Decide(kGone);
  for (int i = 0; i < 50; ++i) {
    (void)world.client().Decide(kComposer, Context().Unit("device", "d-" + std::to_string(i)));
  }
  world.Settle();
  const std::string datafile = NotesDatafile(1);
  const auto rules = tools::LoadRules("notes", datafile);
  REQUIRE(rules.ok());
  const auto replayed = tools::Replay(**rules, HashBytes64(datafile), world.trace);
  REQUIRE(replayed.ok());
  CHECK(replayed->decisions == 54);
  CHECK(replayed->different == 0);
  CHECK(replayed->is_same_datafile);
  CHECK(replayed->cannot.empty());
}

TEST_CASE("a State is told before the first decision that came from it, and a caller's own context with the decision") {
  RecordWorld world;
  const Subscription recording = world.Record(PrivateAttributes::kRecorded);
  (void)world.client().Get(kChunk);
  world.client().Identify(Context().Set("plan", "free"));
  (void)world.client().Get(kChunk);
  (void)world.client().Decide(kChunk, Context().Unit("device", "d-7").Set("plan", "pro"));
  world.Settle();
  const auto lines = world.Lines();
  REQUIRE(lines.size() == 6);
  CHECK(lines[1].root()["context"]["attributes"]["email"].AsString() == "ann@example.com");
  CHECK(lines[3].root()["context"]["attributes"].ToText() == R"({"plan":"free"})");
  CHECK(lines[4].root()["state"].AsInt() == lines[3].root()["state"].AsInt());
  CHECK(lines[5].root()["context"]["units"]["device"].AsString() == "d-7");
  CHECK(world.Decisions() == Texts{"chunk-kb 1024 pro rule", "chunk-kb 256 default default", "chunk-kb 1024 pro rule"});
}

// An experiment that units stay in, by the device's own clock, for teams of at least three.
std::string StickyDatafile(int version, const std::string& slots) {
  return DatafileText(version, R"("layers":{"side":{"unit":"device","salt":"side.1"}},
    "experiments":{"menu":{"iteration":1,"status":"running","sticky":"exposed","layer":"side","slots":)" +
                                   slots + R"(,"salt":"menu.1","starts_at":{"local":"2026-01-01T00:00:00"},
      "variants":{"control":{"slots":[[0,500000]],"flags":{"menu":1}},"grid":{"slots":[[500000,1000000]],"flags":{"menu":2}}}}},
    "flags":{"menu":{"type":"int","default":0,"rules":[{"id":"r1","experiment":"menu"}]},
      "large":{"type":"bool","default":false,"rules":[
        {"id":"r1","when":{"op":">=","attribute":"size","kind":"team","value":3},"serve":true}]}})");
}

TEST_CASE("enrollments, attributes of a kind and the device's own clock are in the trace, and decide again") {
  World world;
  constexpr Flag<std::int64_t> kMenu{"menu", 9};
  constexpr Flag<bool> kLarge{"large", false};
  world.options.context.Unit("device", "d-1").SetFor("team", "size", 4);
  world.clock->SetUtcOffset(std::chrono::hours(5));
  world.options.bundled_datafile = StickyDatafile(1, "[[0,1000000]]");
  world.Open();
  world.Settle();
  const std::int64_t menu = world.client().Get(kMenu);
  CHECK(menu > 0);
  world.Pass(std::chrono::minutes(1));
  const std::string now = StickyDatafile(2, "[]");  // who was exposed stays
  world.options.bundled_datafile = now;
  world.Open();
  world.Settle();
  std::string trace;
  Subscription recording = world.client().Record(nullptr, [&](std::string_view lines) { trace += lines; });
  CHECK(world.client().Get(kMenu) == menu);
  CHECK(world.client().Get(kLarge));
  recording.Cancel();
  CHECK(trace.find(R"("utc_offset_ms":18000000)") != std::string::npos);
  const auto different = [&](const std::string& text) {
    const auto rules = tools::LoadRules("notes", now);
    REQUIRE(rules.ok());
    const auto replayed = tools::Replay(**rules, HashBytes64(now), text);
    REQUIRE(replayed.ok());
    CHECK(replayed->decisions == 2);
    return replayed->different;
  };
  CHECK(different(trace) == 0);
  // Each of them matters.
  const auto without = [&trace](const std::string& member) {
    std::string text = trace;
    const std::size_t at = text.find("\"" + member + "\":");
    REQUIRE(at != std::string::npos);
    return text.replace(at + 1, 1, "_");
  };
  CHECK(different(without("enrolled")) == 1);
  CHECK(different(without("of_kinds")) == 1);
}

TEST_CASE("what is forced is in no trace by its value, and what rests on it is not made again") {
  RecordWorld world;
  REQUIRE(world.client().overrides().ForceAttribute("email", "qa@example.com").ok());
  REQUIRE(world.client().overrides().ForceAttribute("plan", "secret").ok());
  Subscription recording = world.Record();
  (void)world.client().Get(kChunk);
  recording.Cancel();
  CHECK(world.trace.find("qa@example.com") == std::string::npos);
  CHECK(world.trace.find("secret") == std::string::npos);
  CHECK(world.trace.find(R"("forced":"attribute:email; attribute:plan")") != std::string::npos);
  const std::string datafile = NotesDatafile(1);
  const auto rules = tools::LoadRules("notes", datafile);
  const auto replayed = tools::Replay(**rules, HashBytes64(datafile), world.trace);
  REQUIRE(replayed.ok());
  CHECK(replayed->decisions == 0);
  CHECK(replayed->cannot.at("something was forced") == 1);
}

TEST_CASE("what has no room is counted, and the trace says so where it is missing") {
  RecordWorld world;
  Subscription recording = world.Record();
  constexpr int kDecisions = 20'000;
  for (int i = 0; i < kDecisions; ++i) (void)world.client().Get(kChunk);  // and nobody takes the lines
  world.Settle();
  CHECK(world.trace.size() <= client::kTraceBytes + 100);
  const std::size_t kept = world.Decisions().size();
  CHECK(kept < kDecisions);
  CHECK(world.Lines().back().root()["lost"].AsInt() == kDecisions - static_cast<int>(kept));
  (void)world.client().Get(kChunk);
  world.Settle();
  CHECK(world.Decisions().size() == kept + 1);
}

TEST_CASE("threads that decide at once are all recorded or counted, in whole lines") {
  RecordWorld world;
  Subscription recording = world.Record();
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) (void)world.client().Get(kComposer);
    });
  }
  for (std::thread& thread : threads) thread.join();
  recording.Cancel();
  std::int64_t all = 0;
  for (const json::Document& line : world.Lines()) {
    all += line.root()["flag"].exists() ? 1 : line.root()["lost"].AsInt().value_or(0);
  }
  CHECK(all == 4 * kEach);
}

TEST_CASE("a recording that outlives its client hands over what was left and calls nobody else") {
  RecordWorld world;
  Subscription recording = world.Record();
  (void)world.client().Get(kChunk);
  (void)world.client().Close(Duration(0));
  (void)world.client().Get(kChunk);
  recording.Cancel();
  CHECK(world.Decisions() == Texts{"chunk-kb 1024 pro rule"});
}

}  // namespace guidon::test
