// A person asks to be deleted: from the app's call to the collector's list, over real HTTP, with hashed ids.
#include <doctest/doctest.h>

#include <thread>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "samples/collector/server.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

using std::chrono::seconds;

TEST_CASE("a deletion request reaches the collector under the ids of what it has, after consent was withdrawn") {
  Folder folder;
  folder.Write("datafile", Datafile());
  ServerOptions server_options;
  server_options.database_path = folder / "events.db";
  server_options.datafile_path = folder / "datafile";
  auto server = Server::Open(std::move(server_options));
  REQUIRE_MESSAGE(server.ok(), server.status().message());
  std::thread serving([&server] { (*server)->Run(); });

  Options options;
  options.collector_url = "http://127.0.0.1:" + std::to_string((*server)->port());
  options.bundled_datafile = Datafile();
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.context.Unit("account", "u-42");
  options.unit_key = "0123456789abcdef";
  auto client = Client::Open(options, DefaultPlatform(folder / "state"));
  client->Track("shared");
  CHECK(client->Flush(seconds(60)).delivered >= 1);
  REQUIRE(client->RequestDeletion(seconds(60)).ok());
  client->SetConsent(Consent::kDenied);
  client->Track("late");
  client->Close(seconds(60));
  CHECK(client->status().deletion_requests == 0);
  (*server)->Stop();
  serving.join();

  auto database = Database::Open(folder / "events.db", Database::Mode::kReadOnly);
  REQUIRE(database.ok());
  const auto count = [&](const char* sql) {
    Statement statement = (*database)->Prepare(sql);
    return statement.Row() ? statement.ColumnInt(0) : -1;
  };
  CHECK(count("SELECT COUNT(*) FROM events WHERE kind = 1") == 1);
  CHECK(count("SELECT COUNT(*) FROM events WHERE kind = 6") == 1);
  CHECK(count("SELECT COUNT(*) FROM quarantine") == 0);
  // Both name the same people, and neither by a plain id.
  CHECK(count("SELECT COUNT(DISTINCT units) FROM events WHERE kind IN (1, 6)") == 1);
  CHECK(count("SELECT COUNT(DISTINCT installation) FROM events WHERE kind IN (1, 6)") == 1);
  CHECK(count("SELECT COUNT(*) FROM events WHERE units LIKE '%u-42%'") == 0);
}

}  // namespace
}  // namespace guidon::collector
