// A whole client in one thread: memory ports, a clock that stands still, a datafile server and a collector in one
// handler. Restart it, cut its network, and look at what the collector has.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
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

// Answers as it is told, keeps what it is given, and has at most one prompt up.
class TestHost final : public PromptHost {
 public:
  std::vector<std::string> Kinds() const override {
    ++kinds_asked;
    return kinds;
  }
  std::vector<std::string> Questions() const override { return questions; }
  std::vector<std::string> Actions() const override { return actions; }
  Admission MayPresent(const Prompt& prompt) override {
    asked.push_back(prompt);
    if (on_ask) on_ask();
    return admission;
  }
  void Present(const Prompt& prompt, PromptLease given) override {
    presented.push_back(prompt);
    lease.emplace(std::move(given));
    if (on_present) on_present(prompt, *lease);
  }
  void Retract(std::string_view prompt_id) override {
    retracted.emplace_back(prompt_id);
    lease.reset();
  }

  std::vector<std::string> kinds{"tooltip", "banner", "modal"};
  std::vector<std::string> questions{"nps", "csat", "choice", "choices", "text"};
  std::vector<std::string> actions{"open"};
  Admission admission = Admission::kNow;
  std::function<void()> on_ask;
  std::function<void(const Prompt&, PromptLease&)> on_present;
  mutable int kinds_asked = 0;
  std::vector<Prompt> asked;
  std::vector<Prompt> presented;
  std::vector<std::string> retracted;
  std::optional<PromptLease> lease;  // of the last one
};

// Memory that outlives whoever opens it, as a disk does, and says so.
std::shared_ptr<Storage> LastingStorage();

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
  // What the collector has of prompts, as "exposure" or "dismissal host", in the order it happened.
  std::vector<std::string> PromptSteps(std::string_view campaign = {}) const;
  std::size_t duplicates() const { return duplicates_; }

  Options options;
  std::string published;  // what the datafile's server has; empty: 404
  bool is_online = true;
  int collector_status = 200;
  std::string collector_says = "{}";       // with 200
  std::function<Timestamp()> server_time;  // what both servers' clocks say; null: they give no date
  HttpHeaders more_headers;                // of all answers
  std::size_t datafile_requests = 0;
  std::size_t not_modified = 0;

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<MemoryFiles> files = std::make_shared<MemoryFiles>();
  std::shared_ptr<Storage> storage = LastingStorage();
  std::shared_ptr<Journal> journal;  // null: what is told waits in memory for its commit
  std::shared_ptr<ScriptedHttp> http;
  std::shared_ptr<LocalOverrides> local_overrides;
  std::string os_name;
  std::map<std::string, std::string> resource;  // of the last request to the collector

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

// A campaign as devices read it.
struct CampaignSpec {
  std::string key = "try-share";
  std::string trigger =
      R"({"event":"message_sent","where":{"op":">=","attribute":"chars","kind":"event","value":400}})";
  std::string when;  // empty: everybody
  std::string caps = R"([{"count":1,"per":"7d"},{"count":3}])";
  std::string dismissal = "0s";  // what is waited after it
  std::string dismissal_up_to;   // empty: it does not grow
  std::string action = "0s";
  std::string status = "running";
  std::string unit = "device";
  std::string kind = "tooltip";
  std::string valid_for = "60s";
  std::string title = "Share it as a file";
  std::string translations;  // of title, body and buttons b1 to b3; empty: none. The texts themselves are English
  int holdout = 0;
  int priority = 0;
  std::string button = R"({"id":"b1","label":"Attach","do":"app://composer/attach","primary":true})";  // b1
  std::string questions;  // [{…}, …]; empty: none
  std::string members;    // more of them, each with a comma in front

  std::string Text() const;  // "key": {…}
};
// Buttons: b1, b2 snoozes for a day, b3 closes.
std::string CampaignsDatafile(int version, const std::vector<CampaignSpec>& campaigns, const std::string& more = {});

}  // namespace guidon::test
