// The client on the ports that ship, when the state folder is not what it should be.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

// A folder of the test's own, gone with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "guidon-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Options BundledOptions() {
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.evaluation_summaries = false;  // it is counted what is told
  return options;
}

constexpr Flag<bool> kSharing{"file-sharing", false};

TEST_CASE("fault 5: a state folder that cannot be used costs durability, not the client, and the status says so") {
  const Folder folder;
  std::ofstream(folder.path() / "file") << "not a folder";
  const auto client = Client::Open(BundledOptions(), DefaultPlatform((folder.path() / "file" / "state").string()));
  CHECK(client->Get(kSharing));
  client->Track("note_created");
  CHECK(client->Flush(seconds(10)).in_time);
  const ClientStatus status = client->status();
  CHECK(status.ready);
  CHECK(status.durability == Durability::kNone);
  CHECK_FALSE(status.store.ok());
  CHECK_FALSE(status.store.message().empty());
  CHECK(client->Close(seconds(10)).volatile_lost == 1);
}

TEST_CASE("a damaged store is set aside, not deleted, and events go on into a new one") {
  const Folder folder;
  const std::string state = folder.path().string();
  {
    const auto client = Client::Open(BundledOptions(), DefaultPlatform(state));
    client->Track("before");
    CHECK(client->Flush(seconds(10)).kept == 1);
  }
  std::size_t damaged = 0;
  for (const auto& entry : fs::directory_iterator(state)) {
    if (entry.path().extension() == ".db") {
      std::ofstream(entry.path(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
      ++damaged;
    }
  }
  REQUIRE(damaged == 1);
  const auto client = Client::Open(BundledOptions(), DefaultPlatform(state));
  CHECK(client->Get(kSharing));
  client->Track("after");
  CHECK(client->Flush(seconds(10)).kept == 1);
  const ClientStatus status = client->status();
  CHECK(status.durability == Durability::kMachine);
  CHECK(status.store_was_reset);
  std::size_t set_aside = 0;
  for (const auto& entry : fs::directory_iterator(state)) {
    const bool is_corrupt = entry.path().filename().string().find(".corrupt-") != std::string::npos;
    if (is_corrupt && entry.file_size() == 8192) ++set_aside;
  }
  CHECK(set_aside == 1);
}

TEST_CASE("what one process made durable the next one has, with the same install id") {
  const Folder folder;
  std::string install_id;
  for (int run = 1; run <= 3; ++run) {
    const auto client = Client::Open(BundledOptions(), DefaultPlatform(folder.path().string()));
    if (run == 1) install_id = client->status().install_id;
    CHECK(client->status().install_id == install_id);
    client->Track("note_created");
    CHECK(client->Close(seconds(10)).kept == static_cast<std::uint64_t>(run));
  }
}

TEST_CASE("the default platform names the system it runs on") { CHECK_FALSE(DefaultPlatform("").os_name.empty()); }

TEST_CASE("of two clients on one folder the second follows: it decides and accepts, and shows no prompts") {
  const Folder folder;
  const std::string state = (folder.path() / "state").string();
  Options options = BundledOptions();
  options.bundled_datafile = CampaignsDatafile(1, {CampaignSpec()});
  const auto owner = Client::Open(options, DefaultPlatform(state));
  CHECK(owner->TrackDurable("first", {}, seconds(60)).ok());
  CHECK(owner->status().role == ProcessRole::kOwner);
  {
    const auto follower = Client::Open(options, DefaultPlatform(state));
    while (follower->status().role == ProcessRole::kNone) std::this_thread::yield();
    CHECK(follower->status().role == ProcessRole::kFollower);
    CHECK(follower->status().install_id == owner->status().install_id);
    TestHost host;
    follower->SetPromptHost(&host);
    CHECK(follower->ExplainPrompt("try-share").find("other_process") != std::string::npos);
    CHECK(follower->ExplainPromptJson("try-share").find("\"other_process\"") != std::string::npos);
    CHECK(follower->overrides().ForcePrompt("try-share", true).ok());
    CHECK(follower->RequestDeletion(seconds(10)).code() == StatusCode::kUnavailable);
    CHECK(follower->Erase(seconds(60)).code() == StatusCode::kUnavailable);
    while (!follower->status().journal.ok()) std::this_thread::yield();  // it is made ready again
    follower->Track("second");
    CHECK(follower->status().ledger.pending == 1);
    CHECK(follower->status().at_risk == 0);
    (void)follower->Close(seconds(60));
    CHECK(host.asked.empty());
  }
  CHECK(owner->Flush(seconds(60)).in_time);  // and adopts what the other one left
  CHECK(owner->TrackDurable("third", {}, seconds(60)).ok());
  CHECK(owner->status().ledger.accepted == 3);
}

}  // namespace
}  // namespace guidon::test
