// A change of the datafile on its way to running apps: the collector's stream, curl, and a whole client.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "tests/unit/collector/running_server.h"

namespace guidon::collector {
namespace {

constexpr auto kPlenty = std::chrono::seconds(60);  // only what hangs takes that long

std::string DatafileOf(int version) {
  return R"({"format":"guidon/1","project":"notes","environment":"production","epoch":1,"version":)" +
         std::to_string(version) + R"(,"issued_at":"2020-01-01T00:00:00Z","expires_at":"2100-01-01T00:00:00Z",)" +
         R"("flags":{"number":{"type":"int","default":)" + std::to_string(version) + "}}}";
}

// An app that would not ask again by itself within the test.
class App {
 public:
  explicit App(const Running& server) {
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/datafile";
    Options options;
    options.datafile_url = url;
    options.datafile_stream_url = url + "/events";
    options.poll_interval = std::chrono::hours(1);
    options.allow_unsigned = true;
    options.context.Unit("device", "d-1");
    client_ = Client::Open(std::move(options), DefaultPlatform(folder_ / "state"));
    watch_ = client_->OnChange("number", nullptr, [this](const Change&) {
      const std::lock_guard<std::mutex> lock(mutex_);
      changed_.notify_all();
    });
  }
  // Whether the flag has that value before a minute is over.
  bool Awaits(std::int64_t number) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kPlenty, [&] { return client_->Get(kNumber) == number; });
  }
  Client& client() { return *client_; }

 private:
  static constexpr Flag<std::int64_t> kNumber{"number", 0};

  Folder folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Client> client_;
  Subscription watch_;
};

TEST_CASE("a change of the datafile reaches a running app over the stream, without a poll") {
  Running server;
  server.folder.Write("datafile", DatafileOf(2));
  App app(server);
  REQUIRE(app.Awaits(2));
  for (int version = 3; version <= 5; ++version) {
    CAPTURE(version);
    const auto published = std::chrono::steady_clock::now();
    server.folder.Write("datafile", DatafileOf(version));
    CHECK(app.Awaits(version));
    const auto took = std::chrono::steady_clock::now() - published;
    MESSAGE("in force after ", std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), " ms");
  }
  CHECK(app.client().status().stream_open);
  CHECK(app.client().status().stream.ok());
}

TEST_CASE("streams beyond what a server has threads for are told when to come back, and the rest is served") {
  Running server;
  std::vector<std::unique_ptr<httplib::Client>> listeners;
  std::vector<std::thread> threads;
  std::atomic<int> refused{0}, opened{0};
  std::mutex mutex;
  std::condition_variable told;
  std::atomic<bool> is_over{false};
  for (int i = 0; i < 65; ++i) {
    threads.emplace_back([&] {
      httplib::Client listener("127.0.0.1", server.port());
      listener.set_read_timeout(kPlenty);
      const auto answer = listener.Get(
          "/datafile/events",
          [&](const httplib::Response& response) {
            const std::lock_guard<std::mutex> lock(mutex);
            response.status == 200 ? ++opened : ++refused;
            if (response.status == 503) CHECK(response.get_header_value("Retry-After") == "60");
            told.notify_all();
            return true;
          },
          [&](const char*, std::size_t) { return !is_over; });
    });
  }
  {
    std::unique_lock<std::mutex> lock(mutex);
    CHECK(told.wait_for(lock, kPlenty, [&] { return opened + refused == 65; }));
  }
  CHECK(opened == 64);
  CHECK(refused == 1);
  CHECK(server.client->Get("/healthz")->status == 200);
  is_over = true;
  server.folder.Write("datafile", DatafileOf(9));  // each hears of it, and goes
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace guidon::collector
