#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "guidon/testing/test_client.h"
#include "sdk/testing/memory_files.h"

namespace guidon::testing {

class TestClient::Impl {
 public:
  explicit Impl(Datafile its_datafile);
  ~Impl();

  Client& Opened();
  void Close();
  void Publish();
  void Settle();
  void Advance(Duration by);
  void Changed();  // the datafile did

  Datafile datafile;
  const std::shared_ptr<FakeClock> clock;
  const std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>(clock);
  const std::shared_ptr<FakeStore> store = std::make_shared<FakeStore>();
  const std::shared_ptr<MemoryFiles> files = std::make_shared<MemoryFiles>();
  EventSpy spy{[this] { Settle(); }};
  FakePromptHost prompts;
  Options options;
  Platform platform;
  std::string name;
  bool is_ready = true;

 private:
  HttpAnswer Serve(Server server, const HttpRequest& request) const;
  std::string BytesToServe() const;
  void CheckSignature();
  void TellProblems();
  void NoteSummary(const EventRecord& record);
  void TellMisses();
  // Turns the client and the network until nothing is left to do now. When there will be.
  MonoTime Turn();

  std::unique_ptr<Client> client_;
  bool was_opened_ = false;
  std::uint64_t published_ = 0;  // what was set since, each time a newer datafile
  bool is_settling_ = false;
  std::size_t told_problems_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  std::string served_;        // what the datafile's server has; empty: nothing
  std::set<std::string> misses_;
};

}  // namespace guidon::testing
