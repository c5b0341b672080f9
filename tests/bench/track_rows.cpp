// What telling costs an app's thread: the default platform on a real folder, while another thread keeps that disk busy.
// Every call is timed by itself, at a pace that commits keep up with, for what counts here is the slow ones.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "guidon/default_platform.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/workloads.h"

namespace guidon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "guidon-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::exit(2);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;  // removes its folder once
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Writes and syncs without a pause.
class BusyDisk {
 public:
  explicit BusyDisk(const std::string& path)
      : thread_([this, path] {
          const std::string block(256u << 10, 'x');
          const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
          while (!stop_ && file >= 0) {
            for (int i = 0; i < 16 && !stop_; ++i) {
              if (pwrite(file, block.data(), block.size(), static_cast<off_t>(block.size()) * i) < 0) return;
            }
            (void)fsync(file);
          }
          if (file >= 0) close(file);
        }) {}
  ~BusyDisk() {
    stop_ = true;
    thread_.join();
  }
  BusyDisk(const BusyDisk&) = delete;  // a thread points here
  BusyDisk& operator=(const BusyDisk&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// What Tell tells is of none of its counts.
std::string CountingDatafile() {
  std::string text = Datafile();
  text.back() = ',';
  return text +
         R"("counts":{"long":{"event":"note_written","where":{"op":">=","attribute":"chars","kind":"event","value":9}},)"
         R"("by_hand":{"event":"note_written","where":{"op":"==","attribute":"by","kind":"event","value":"hand"}}}})";
}

std::unique_ptr<Client> OpenClient(const std::string& folder) {
  Options options;
  options.bundled_datafile = CountingDatafile();
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.context = People()[0];
  return Client::Open(std::move(options), DefaultPlatform(folder));
}

void TellCounted(Client* client) { client->Track("note_written", {{"chars", 4'096}, {"by", "hand"}}); }
void Tell(Client* client) { client->Track("file_shared", {{"size", 4'096}, {"kind", "photo"}}); }

// Nanoseconds of each of so many calls, sorted; what reading the clock takes is in them.
std::vector<double> Times(Client* client, std::size_t calls, void (*tell)(Client*) = Tell) {
  std::vector<double> times;
  times.reserve(calls);
  SteadyClock::time_point next = SteadyClock::now();
  for (std::size_t i = 0; i < calls; ++i) {
    while (SteadyClock::now() < next) {
    }
    const SteadyClock::time_point from = SteadyClock::now();
    tell(client);
    times.push_back(std::chrono::duration<double, std::nano>(SteadyClock::now() - from).count());
    next = std::max(next, from) + std::chrono::microseconds(50);
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

std::vector<Row> TrackRows(const Wish& wish) {
  const std::string counted = "Track, of an event with two counts";
  const std::string half = "Track, half of all calls, disk busy";
  const std::string most = "Track, 99 of 100 calls, disk busy";
  std::vector<Row> rows;
  if (!wish.wanted(half) && !wish.wanted(most) && !wish.wanted(counted)) return rows;
  const Folder folder;
  const std::unique_ptr<Client> client = OpenClient(folder.path());
  if (!client->status().journal.ok()) {
    std::fprintf(stderr, "%s: no journal: %s\n", half.c_str(), client->status().journal.message().c_str());
    return rows;
  }
  const auto run = [&](std::uint64_t calls) {
    for (std::uint64_t i = 0; i < calls; ++i) Tell(client.get());
  };
  const double allocations = Measure(run, false).allocations;
  std::vector<double> times;
  if (wish.is_timed) {
    const BusyDisk busy(folder.path() + "/busy");
    (void)Times(client.get(), 2'000);
    times = Times(client.get(), 40'000);
  }
  const auto add = [&](const std::string& name, double share, double budget) {
    Row row{name, std::nullopt, "ns", allocations, budget, 0.0};
    if (!times.empty()) row.value = times[static_cast<std::size_t>(share * static_cast<double>(times.size()))];
    if (wish.wanted(name)) rows.push_back(std::move(row));
  };
  add(half, 0.5, 500);
  add(most, 0.99, 10'000);
  if (!wish.wanted(counted)) return rows;
  const auto run_counted = [&](std::uint64_t calls) {
    for (std::uint64_t i = 0; i < calls; ++i) TellCounted(client.get());
  };
  Row row{counted, std::nullopt, "ns", Measure(run_counted, false).allocations, 5'000, 8.0};
  if (wish.is_timed) row.value = Times(client.get(), 10'000, TellCounted)[5'000];
  rows.push_back(std::move(row));
  return rows;
}

}  // namespace guidon::bench
