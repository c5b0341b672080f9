#include "tests/simulation/herd.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <utility>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"
#include "sdk/core/base/lanes.h"
#include "sdk/core/hash/hash.h"
#include "sdk/datafile/refresher.h"

namespace guidon::simulation {
namespace {

using std::chrono::seconds;

// Connecting, asking and being answered; failing to connect.
constexpr Duration kRoundTrip{80};
constexpr Duration kRefusal{20};
constexpr Duration kMinute = std::chrono::minutes(1);

// Time, and all that is to happen in it.
class Queue final : public Clock, public Lanes {
 public:
  Timestamp Now() noexcept override { return TimestampFromMs(1'795'000'000'000) + now_.time_since_epoch(); }
  MonoTime Monotonic() noexcept override { return now_; }
  std::string BootId() override { return "boot"; }
  Duration UtcOffset(Timestamp) noexcept override { return Duration(0); }

  void PostLogic(Task task) override { ready_.push_back(std::move(task)); }
  void PostDisk(Task task) override { ready_.push_back(std::move(task)); }
  void PostLogicAt(MonoTime when, Task task) override { later_.push({when, ++posted_, std::move(task)}); }

  void RunUntil(MonoTime end) {
    while (true) {
      for (; !ready_.empty(); ready_.pop_front()) ready_.front()();
      if (later_.empty() || later_.top().when >= end) return;
      now_ = std::max(now_, later_.top().when);
      const Task task = std::move(const_cast<Later&>(later_.top()).task);
      later_.pop();
      task();
    }
  }

 private:
  struct Later {
    MonoTime when;
    std::uint64_t number;
    Task task;
    bool operator<(const Later& other) const { return when != other.when ? when > other.when : number > other.number; }
  };
  MonoTime now_{};
  std::uint64_t posted_ = 0;
  std::deque<Task> ready_;
  std::priority_queue<Later> later_;
};

// Counts who comes, and has nothing new.
class Server final : public Http {
 public:
  Server(std::shared_ptr<Queue> queue, Herd* herd) : queue_(std::move(queue)), herd_(herd) {}

  void Start(std::uint64_t, HttpRequest, std::shared_ptr<HttpSink> sink) override {
    const Duration at = queue_->Monotonic().time_since_epoch();
    ++herd_->requests[static_cast<std::size_t>(at / seconds(1))];
    const HerdSettings& settings = herd_->settings;
    const bool fails = at >= settings.outage_begins && at < settings.outage_ends;
    if (!fails) ++herd_->served;
    const bool connects = !fails || settings.retry_after > Duration(0) || settings.names_the_end;
    const Duration left = settings.names_the_end ? settings.outage_ends - at : settings.retry_after;
    const std::string wait = std::to_string(left / seconds(1));
    queue_->PostLogicAt(queue_->Monotonic() + (connects ? kRoundTrip : kRefusal), [sink, fails, connects, wait] {
      if (!fails) sink->Head(304, {});
      if (fails && connects) sink->Head(503, {{"retry-after", wait}});
      sink->Done({connects ? Status() : Status(StatusCode::kUnavailable, "no connection")});
    });
  }
  void Cancel(std::uint64_t) noexcept override {}
  bool Stop(MonoTime) noexcept override { return true; }

 private:
  std::shared_ptr<Queue> queue_;
  Herd* herd_;
};

std::size_t SecondOf(Duration time) { return static_cast<std::size_t>(time / seconds(1)); }

std::string Number(double number) { return std::to_string(std::llround(number)); }

}  // namespace

double Herd::steady() const {
  return static_cast<double>(settings.apps) / std::chrono::duration<double>(settings.poll_interval).count();
}

std::uint32_t Herd::Most(Duration from, Duration to) const {
  std::uint32_t most = 0;
  for (std::size_t i = SecondOf(from); i < SecondOf(to); ++i) most = std::max(most, requests[i]);
  return most;
}

double Herd::Mean(Duration from, Duration to) const {
  double sum = 0;
  for (std::size_t i = SecondOf(from); i < SecondOf(to); ++i) sum += requests[i];
  return sum / static_cast<double>(SecondOf(to) - SecondOf(from));
}

Herd RunHerd(const HerdSettings& settings) {
  Herd herd;
  herd.settings = settings;
  herd.requests.resize(SecondOf(settings.ends) + 1);
  const auto queue = std::make_shared<Queue>();
  const auto server = std::make_shared<Server>(queue, &herd);
  std::vector<std::unique_ptr<datafile::Refresher>> apps;
  apps.reserve(settings.apps);
  for (std::uint64_t i = 0; i < settings.apps; ++i) {
    datafile::RefresherSettings of_app;
    of_app.url = "https://x/d";
    of_app.poll_interval = settings.poll_interval;
    of_app.install_id = settings.has_one_id ? "one" : std::to_string(i);
    datafile::RefresherCallbacks callbacks;
    callbacks.on_answer = [](const Status&) {};
    apps.push_back(
        std::make_unique<datafile::Refresher>(std::move(of_app), std::move(callbacks), server, queue, queue));
    const std::uint64_t drawn = HashBytes64("start/" + std::to_string(i));
    const auto within = static_cast<std::uint64_t>(settings.starts_within.count());
    const Duration starts_at(within == 0 ? 0 : static_cast<std::int64_t>(drawn % within));
    queue->PostLogicAt(MonoTime(starts_at), [app = apps.back().get()] { app->Start("\"v1\""); });
  }
  queue->RunUntil(MonoTime(settings.ends));
  return herd;
}

std::string FaultsOf(const Herd& herd) {
  const HerdSettings& settings = herd.settings;
  std::string faults;
  const double steady = herd.steady();
  // Of what chance gives in a second, as many deviations as one second in a hundred million has.
  const auto by_chance = [](double mean) { return mean + 6 * std::sqrt(mean) + 3; };
  const std::uint32_t most = herd.Most(settings.outage_begins + seconds(10), settings.ends);
  if (most > by_chance(3 * steady)) {
    faults += Number(most) + " come in one second, of a server that otherwise has " + Number(steady) + "\n";
  }
  const Duration calm = settings.outage_ends + 2 * settings.poll_interval;
  if (calm >= settings.ends) return faults + "it ends too early to tell\n";
  const std::uint32_t later = herd.Most(calm, settings.ends);
  const double mean = herd.Mean(calm, settings.ends);
  if (later > by_chance(1.35 * mean)) {
    faults += "long after the outage " + Number(later) + " come in one second, of " + Number(mean) + " on average\n";
  }
  return faults;
}

std::string Histogram(const Herd& herd) {
  std::uint32_t most = 1;
  for (const std::uint32_t each : herd.requests) most = std::max(most, each);
  std::string out = "  minute   a second, mean and most\n";
  for (Duration at{0}; at + kMinute <= herd.settings.ends; at += kMinute) {
    const double mean = herd.Mean(at, at + kMinute);
    const std::uint32_t peak = herd.Most(at, at + kMinute);
    const bool fails = at >= herd.settings.outage_begins && at < herd.settings.outage_ends;
    char line[64];
    std::snprintf(line, sizeof line, "  %4d %c %8.0f %8u  ", static_cast<int>(at / kMinute), fails ? 'x' : ' ', mean,
                  peak);
    out += line;
    const auto width = [&](double value) { return static_cast<std::size_t>(std::lround(value * 50 / most)); };
    out.append(width(mean), '#').append(width(peak) - std::min(width(peak), width(mean)), '.').append("\n");
  }
  return out;
}

}  // namespace guidon::simulation
