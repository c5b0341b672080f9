// The room on the database and the compression that apps get.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "guidon/limits.h"
#include "guidon/platform_parts.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int made = 0;
    path_ =
        std::filesystem::temp_directory_path() /
        ("guidon-events-" + std::to_string(std::filesystem::file_time_type::clock::now().time_since_epoch().count()) +
         "-" + std::to_string(++made));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;  // removes its folder once
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string File(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string Unzipped(const HttpRequest& request) {
  std::string out;
  REQUIRE(ZlibCodec()->Gunzip(request.body, 4u << 20, &out).ok());
  return out;
}

TEST_CASE("on SQLite and zlib: kept across a restart, sent once, gone after an erasure") {
  TemporaryFolder folder;
  const std::string path = folder.File("state.db");
  World world(SqliteStorage(path));
  world.ports.codec = ZlibCodec();
  std::string sent;
  world.answer = [&sent](const HttpRequest& request) {
    sent = Unzipped(request);
    return guidon::test::ScriptedAnswer::Of(503);
  };
  world.Begin();
  for (int i = 0; i < 700; ++i) world.Track("mark-of-event-" + std::to_string(i));
  world.Expose("attach-button");
  world.Commit();
  CHECK(world.delivery->durability() == Durability::kMachine);
  const std::string first = sent;
  CHECK(first.find("attach-button") != std::string::npos);

  world.Restart();
  world.Expose("attach-button");
  world.Commit();
  CHECK(world.delivery->ledger().accepted == 701);
  world.Deliver();
  CHECK(sent == first);

  CHECK(world.Erase().ok());
  world.delivery->Close();
  world.Run();
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    CAPTURE(file.path().string());
    CHECK(content.find("mark-of-event") == std::string::npos);
  }
}

TEST_CASE("on SQLite: what is remembered outlives the process, and is gone after an erasure") {
  TemporaryFolder folder;
  const std::string path = folder.File("state.db");
  World world(SqliteStorage(path));
  world.Begin();
  for (int i = 0; i < 300; ++i) {
    world.Track("mark-of-behavior-" + std::to_string(i % 20));
    world.clock.Advance(std::chrono::hours(1));
  }
  world.Prompt(prompts::What::kExposure, "mark-of-showing");
  world.Prompt(prompts::What::kImpression, "mark-of-showing");
  world.Commit();
  world.Deliver();
  world.Restart();
  world.Run();
  REQUIRE((world.Mine() != nullptr));
  CHECK(world.Mine()->behavior->series().size() == 20);
  CHECK(world.Did("mark-of-behavior-7") == 15);
  const behavior::Term days = {behavior::Measure::kActiveDays, "mark-of-behavior-7", behavior::Window()};
  CHECK(world.Mine()->behavior->Ask(days, world.clock.Now()).value == 13);
  REQUIRE(world.Shown()->list.size() == 1);
  CHECK(world.Shown()->list[0].was_seen);

  CHECK(world.Erase().ok());
  CHECK(world.Did("mark-of-behavior-7") == 0);
  CHECK(world.Shown()->made == 0);
  world.delivery->Close();
  world.Run();
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    CAPTURE(file.path().string());
    CHECK(content.find("mark-of") == std::string::npos);
    CHECK(content.find("try-file-share") == std::string::npos);
  }
}

TEST_CASE("500 events take less than 45 bytes each on the wire") {
  World world;
  world.ports.codec = ZlibCodec();
  world.Begin();
  std::size_t bytes = 0;
  world.answer = [&bytes](const HttpRequest& request) {
    bytes = request.body.size();
    return guidon::test::ScriptedAnswer::Of(200);
  };
  for (int i = 0; i < 500; ++i) {
    world.Track("file_shared", 1.0 + i % 7);
    world.clock.Advance(Duration(700));
  }
  world.Commit();
  world.Deliver();
  CHECK(world.delivery->ledger().delivered == 500);
  CHECK(bytes <= 500 * 45);
}

TEST_CASE("a file that is no database is set aside, and the room goes on with a new one") {
  TemporaryFolder folder;
  const std::string path = folder.File("state.db");
  std::ofstream(path, std::ios::binary) << std::string(8'192, 'x');
  World world(SqliteStorage(path));
  world.Begin();
  world.Track("a");
  world.Commit();
  CHECK(world.delivery->store_was_reset());
  CHECK(world.delivery->durability() == Durability::kMachine);
  CHECK(world.delivery->ledger().accepted == 1);
  CHECK(world.Mine()->behavior->forgotten_before() == world.Mine()->showings->forgotten_before());
  CHECK(world.Mine()->showings->Of("any")->forgotten_before > Timestamp::min());
}

}  // namespace
}  // namespace guidon::events::test
