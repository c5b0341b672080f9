// A whole client in one thread: memory ports, a clock that stands still, a datafile server and a collector in one
// handler. Restart it, cut its network, and look at what the collector has.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "guidon/client.h"
#include "guidon/platform_parts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_files.h"
#include "tests/support/scripted_http.h"

namespace guidon::test {

// Bytes that differ from draw to draw and are the same in every run.
class CountingEntropy final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) {
      ++state_;
      out[i] = static_cast<unsigned char>(state_ * 37 + (state_ >> 5));
    }
    return true;
  }

 private:
  unsigned state_ = 0;
};

struct Received {
  std::string event;                              // eventName
  std::map<std::string, std::string> attributes;  // all as texts
};

class World {
 public:
  World();
  ~World();

  // Opens a client on what the last one left behind. Give options before.
  Client& Open();
  // The process is gone at once: nothing is flushed.
  void Kill();
  // Turns both lanes and delivers requests until nothing is left to do now.
  void Settle();
  // Lets time pass in steps, settling after each.
  void Pass(Duration by, Duration step = std::chrono::seconds(1));

  Client& client() { return *client_; }
  // Events the collector acknowledged, each once.
  const std::map<std::string, Received>& collected() const { return collected_; }
  std::vector<Received> CollectedOf(std::string_view event) const;
  std::size_t duplicates() const { return duplicates_; }

  Options options;
  std::string published;  // what the datafile's server has; empty: 404
  bool is_online = true;
  int collector_status = 200;
  std::size_t datafile_requests = 0;
  std::size_t not_modified = 0;

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<MemoryFiles> files = std::make_shared<MemoryFiles>();
  std::shared_ptr<Storage> storage = MemoryStorage();
  std::shared_ptr<ScriptedHttp> http;
  std::shared_ptr<LocalOverrides> local_overrides;

 private:
  ScriptedAnswer Answer(const HttpRequest& request);
  void Collect(const std::string& body);

  std::shared_ptr<CountingEntropy> entropy_ = std::make_shared<CountingEntropy>();
  std::unique_ptr<Client> client_;
  std::vector<std::unique_ptr<Client>> killed_;
  std::map<std::string, Received> collected_;
  std::size_t duplicates_ = 0;
};

// A published datafile of the project notes/test with these members added to the header, unsigned.
std::string DatafileText(int version, const std::string& members);
// The notes app's: a bool, an int with a rule, a string under an experiment on all devices, a JSON flag.
std::string NotesDatafile(int version, bool kill_sharing = false);

}  // namespace guidon::test
