#include "sdk/tools/device_state.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "guidon/platform_parts.h"
#include "sdk/events/remembered.h"
#include "sdk/events/state.h"
#include "sdk/events/store.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);
const std::string kScope(8, '\0');

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "guidon-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& each : std::filesystem::directory_iterator(path_)) {
      std::ifstream file(each.path(), std::ios::binary);
      contents[each.path().filename().string()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return contents;
  }

 private:
  std::string path_;
};

void Commit(const std::shared_ptr<Storage>& storage, std::vector<Row> rows) {
  StorageBatch batch;
  batch.put = std::move(rows);
  storage->Commit(std::move(batch), [](const Status& status) { REQUIRE(status.ok()); });
}

// As an app that runs has it: committed, not closed, most of it in the log.
std::shared_ptr<Storage> RunningStore(const Folder& folder) {
  auto storage = SqliteStorage(folder.path() + "/state.db");
  storage->Open([](const Result<StorageOpened>& opened) { REQUIRE(opened.ok()); });
  behavior::Behavior behavior;
  for (int i = 0; i < 3; ++i) behavior.Add("app_open", kNow);
  prompts::Showings showings;
  prompts::Step step;
  step.campaign = "try";
  step.prompt = "p1";
  step.when = kNow;
  showings.Fold(step);
  Commit(storage, {{"m/format", std::string(1, '\1') + std::string(8, '\7')},
                   {"n/counters", events::EncodeCounters(events::Counters())}});
  enrollment::Enrollments enrollments;
  REQUIRE(enrollments.Add("device", "d", "x", {1, "on", "", kNow, kNow}));
  Commit(storage, {{"h/" + kScope + "app_open", behavior::EncodeSeries(*behavior.Find("app_open"))},
                   {"c/" + kScope + "try", prompts::EncodeShowings(*showings.Of("try"))},
                   {"y/" + enrollments.all().begin()->first, enrollment::EncodeEnrollment({1, "on", "", kNow, kNow})}});
  behavior.Add("app_open", kNow);
  events::Scopes scopes;
  scopes.Use(events::ScopeOf("ann"));
  Commit(storage, {{std::string(events::kScopesKey), events::EncodeScopes(scopes)},
                   {events::BehaviorKey("app_open", events::ScopeOf("ann")),
                    behavior::EncodeSeries(*behavior.Find("app_open"))}});
  return storage;
}

}  // namespace

TEST_CASE("the store of an app that runs is read as it is, and left as it is") {
  const Folder folder;
  const auto storage = RunningStore(folder);
  std::ofstream(folder.path() + "/install-id") << "01234567-89ab-4cde-8f01-23456789abcd";
  const auto before = folder.Contents();
  REQUIRE(before.count("state.db-wal") == 1);
  const Result<DeviceState> state = ReadDeviceState(folder.path(), {kNow});
  REQUIRE_MESSAGE(state.ok(), state.status().message());
  const events::Remembered& nobody = state->scopes.Of(events::kThisInstallation);
  CHECK(nobody.behavior->Ask({behavior::Measure::kCount, "app_open", {}}, kNow).value == 3);
  CHECK(nobody.behavior->Ask({behavior::Measure::kCount, "app_open", {}}, kNow).is_exact);
  CHECK(nobody.showings->Of("try")->list.size() == 1);
  const events::Remembered& ann = state->scopes.Of(events::ScopeOf("ann"));
  CHECK(ann.behavior->Ask({behavior::Measure::kCount, "app_open", {}}, kNow).value == 4);
  REQUIRE(state->enrollments.Find("device", "d", "x") != nullptr);
  CHECK(state->enrollments.Find("device", "d", "x")->variant == "on");
  CHECK(state->install_id == "01234567-89ab-4cde-8f01-23456789abcd");
  CHECK(folder.Contents() == before);
  storage->Close([] {});
  const auto closed = folder.Contents();
  CHECK(ReadDeviceState(folder.path(), {kNow})->scopes.Of(0).behavior->Find("app_open") != nullptr);
  CHECK(folder.Contents() == closed);
}

TEST_CASE("in the boot that the app runs in, what the clock is ahead of its time is known") {
  const Folder folder;
  const auto storage = RunningStore(folder);
  SteadyTime time;
  (void)time.Note({kNow, MonoTime(Duration(5'000)), 7});
  Commit(storage, {{std::string(events::kTimeKey), time.Encode()}});
  const Timestamp jumped = kNow + std::chrono::hours(24 * 40);
  CHECK(ReadDeviceState(folder.path(), {jumped, MonoTime(Duration(5'000)), 7})->clock_ahead ==
        std::chrono::hours(24 * 40));
  CHECK(ReadDeviceState(folder.path(), {jumped, MonoTime(Duration(5'000)), 8})->clock_ahead == Duration(0));
  CHECK(ReadDeviceState(folder.path(), {jumped})->clock_ahead == Duration(0));
}

TEST_CASE("a folder without a store, or with something else, is refused by its name and left as it is") {
  const Folder folder;
  Result<DeviceState> state = ReadDeviceState(folder.path(), {kNow});
  REQUIRE_FALSE(state.ok());
  CHECK(state.status().message().find(folder.path() + "/state.db: ") == 0);
  CHECK(folder.Contents().empty());
  std::ofstream(folder.path() + "/state.db") << std::string(10'000, 'x');
  const auto before = folder.Contents();
  state = ReadDeviceState(folder.path(), {kNow});
  REQUIRE_FALSE(state.ok());
  CHECK(state.status().message().find(folder.path() + "/state.db: ") == 0);
  CHECK(folder.Contents() == before);
}
