// Prompts on real threads: a worker turns the pump while leases end, hosts come and go, and people are told apart and
// explained elsewhere. For the thread sanitizer above all.

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::seconds;

// Hands its leases to whoever takes them.
class SharedHost final : public PromptHost {
 public:
  std::vector<std::string> Kinds() const override { return {"tooltip"}; }
  Admission MayPresent(const Prompt&) override {
    const Inside inside(this);
    return Admission::kNow;
  }
  void Present(const Prompt&, PromptLease lease) override {
    const Inside inside(this);
    const std::lock_guard<std::mutex> lock(mutex_);
    leases_.push_back(std::move(lease));
  }
  void Retract(std::string_view) override { const Inside inside(this); }

  std::vector<PromptLease> Take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(leases_, {});
  }
  bool was_entered_twice() const { return was_entered_twice_; }

 private:
  struct Inside {
    explicit Inside(SharedHost* entered) : host(entered) {
      if (host->inside_.exchange(true)) host->was_entered_twice_ = true;
    }
    ~Inside() { host->inside_ = false; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    SharedHost* const host;
  };
  std::mutex mutex_;
  std::vector<PromptLease> leases_;
  std::atomic<bool> inside_{false};
  std::atomic<bool> was_entered_twice_{false};
};

TEST_CASE("leases end, hosts change and people are told apart on any thread") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":100}])";
  Options options;
  options.bundled_datafile = CampaignsDatafile(1, {campaign});
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.context.Unit("device", "d-1");
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = WorkerThread();
  platform.storage = LastingStorage();
  SharedHost host, other;
  const auto client = Client::Open(options, platform);
  std::atomic<int> ended{0};
  client->SetPromptHost(&host);

  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      for (SharedHost* from : {&host, &other}) {
        for (PromptLease& lease : from->Take()) {
          lease.Presented();
          if (i % 3 != 0) lease.Action("b1");
          ++ended;
        }
      }
      std::this_thread::yield();
    }
  });
  threads.emplace_back([&] {
    while (!stop) CHECK_FALSE(client->ExplainPrompt("try-share").empty());
  });
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      client->Identify(Context().Unit("device", i % 50 == 0 ? "d-2" : "d-1").Set("plan", i));
      if (i % 20 == 0) client->SetPromptHost(i % 40 == 0 ? &other : &host);
      std::this_thread::yield();
    }
  });
  // Until enough were shown: how fast that is, is the machine's.
  for (int i = 0; ended < 40 && i < 20'000; ++i) {
    client->Track("message_sent", {{"chars", 500}});
    (void)client->Flush(seconds(10));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(ended >= 40);
  CHECK_FALSE(host.was_entered_twice());
  CHECK_FALSE(other.was_entered_twice());
  // The leases that are left outlive the client.
  (void)client->Close(seconds(10));
}

}  // namespace
}  // namespace guidon::test
