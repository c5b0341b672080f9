// What is left on a real disk once it was erased: every file of the state folder is searched, byte by byte.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr char kMarker[] = "MARKER";

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
  std::string path() const { return path_.string(); }

  // The files that hold the text.
  std::vector<std::string> Holding(std::string_view text) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      if (bytes.find(text) != std::string::npos) names.push_back(entry.path().filename().string());
    }
    return names;
  }

 private:
  fs::path path_;
};

Options MarkedOptions() {
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.collector_url = "http://127.0.0.1:9";  // nobody is there
  options.context.Unit("account", "MARKER-account").Set("plan", "MARKER-plan");
  return options;
}

// In the store, some of it delivered to nobody, some deleted again, and some in the journal only.
void LeaveTraces(Client* client) {
  for (int i = 0; i < 300; ++i) client->Track("MARKER-event", {{"text", std::string(300, 'x') + kMarker}});
  (void)client->Get(Flag<std::string>{"composer", ""});
  client->Identify(Context().Unit("account", "MARKER-other"), Carry::kPrevious);
  (void)client->Flush(seconds(1));
  for (int i = 0; i < 50; ++i) client->Track("MARKER-late");
}

TEST_CASE("once Erase has returned no file of the state folder holds a trace, whatever was granted meanwhile") {
  for (const Consent consent : {Consent::kGranted, Consent::kDenied, Consent::kUnknown}) {
    CAPTURE(static_cast<int>(consent));
    const Folder folder;
    const auto client = Client::Open(MarkedOptions(), DefaultPlatform(folder.path()));
    LeaveTraces(client.get());
    REQUIRE_FALSE(folder.Holding(kMarker).empty());
    const std::string install_id = client->status().install_id;
    if (consent != Consent::kGranted) client->SetConsent(consent);
    REQUIRE(client->Erase(seconds(30)).ok());
    CHECK(folder.Holding(kMarker) == std::vector<std::string>());
    CHECK(folder.Holding(install_id) == std::vector<std::string>());
    client->Close(seconds(5));
    CHECK(folder.Holding(kMarker) == std::vector<std::string>());
  }
}

TEST_CASE("once a purpose is denied no file holds a trace of what was kept for it alone, and the rest is there") {
  struct Row {
    std::string name;
    Consents at_first;
    Purpose denied;
    std::vector<std::string> gone;
    std::vector<std::string> kept;
  };
  const Consents all = Consent::kGranted;
  const Row rows[] = {
      // Names of events are behavior, too.
      {"analytics",
       all,
       Purpose::kAnalytics,
       {"MARKER-plan", "xMARKER", "MARKER-account", "MARKER-other"},
       {"MARKER-event", "MARKER-late"}},
      {"personalization",
       all.With(Purpose::kAnalytics, Consent::kDenied),
       Purpose::kPersonalization,
       {kMarker},
       {"attach-button"}},
  };
  for (const Row& row : rows) {
    for (const bool is_restarted : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(is_restarted);
      const Folder folder;
      Options options = MarkedOptions();
      options.consent = row.at_first;
      auto client = Client::Open(options, DefaultPlatform(folder.path()));
      LeaveTraces(client.get());
      REQUIRE_FALSE(folder.Holding(kMarker).empty());
      const std::string install_id = client->status().install_id;
      const Consents consents = row.at_first.With(row.denied, Consent::kDenied);
      if (is_restarted) {
        client->Close(seconds(0));
        options.consent = consents;
        client = Client::Open(options, DefaultPlatform(folder.path()));
      }
      REQUIRE(client->SetConsent(consents, seconds(30)).ok());
      CHECK(client->status().purge.ok());
      for (const std::string& text : row.gone) {
        CAPTURE(text);
        CHECK(folder.Holding(text) == std::vector<std::string>());
      }
      client->Track("MARKER-new", {{"text", "MARKER-new-text"}});
      client->Close(seconds(5));
      for (const std::string& text : row.kept) {
        CAPTURE(text);
        CHECK_FALSE(folder.Holding(text).empty());
      }
      CHECK(folder.Holding("MARKER-new-text") == std::vector<std::string>());
      CHECK(folder.Holding("MARKER-new").empty() == (row.denied == Purpose::kPersonalization));
      CHECK(folder.Holding(install_id) == std::vector<std::string>{"install-id"});
    }
  }
}

TEST_CASE("what an earlier process left, its journal too, goes with it") {
  const Folder folder;
  {
    const auto client = Client::Open(MarkedOptions(), DefaultPlatform(folder.path()));
    LeaveTraces(client.get());
    client->Close(seconds(0));
  }
  REQUIRE_FALSE(folder.Holding(kMarker).empty());
  Options options = MarkedOptions();
  options.consent = Consent::kUnknown;
  const auto client = Client::Open(options, DefaultPlatform(folder.path()));
  REQUIRE(client->Erase(seconds(30)).ok());
  CHECK(folder.Holding(kMarker) == std::vector<std::string>());
}

TEST_CASE("a deletion request keeps unit ids in the form they are sent in, and nothing else is left") {
  for (const bool is_hashed : {true, false}) {
    CAPTURE(is_hashed);
    const Folder folder;
    Options options = MarkedOptions();
    if (is_hashed) options.unit_key = "0123456789abcdef";
    const auto client = Client::Open(options, DefaultPlatform(folder.path()));
    LeaveTraces(client.get());
    const std::string install_id = client->status().install_id;
    REQUIRE(client->RequestDeletion(seconds(30)).ok());
    client->SetConsent(Consent::kDenied);
    REQUIRE(client->Erase(seconds(30)).ok());
    CHECK(folder.Holding("MARKER-event") == std::vector<std::string>());
    CHECK(folder.Holding("MARKER-plan") == std::vector<std::string>());
    const std::vector<std::string> request = {"deletion-requests"};
    const std::vector<std::string> nothing;
    CHECK(folder.Holding("MARKER-other") == (is_hashed ? nothing : request));
    CHECK(folder.Holding(install_id) == (is_hashed ? nothing : request));
    CHECK(client->status().deletion_requests == 1);
  }
}

}  // namespace
}  // namespace guidon::test
