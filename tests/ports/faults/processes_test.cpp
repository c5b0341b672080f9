// Several real processes on one state folder, on the ports that ship, with a collector on loopback.
#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "tests/ports/faults/other_process.h"
#include "tests/support/facts_audit.h"

namespace guidon::test {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t kOwner = static_cast<std::uint32_t>(ProcessRole::kOwner);
constexpr std::uint32_t kFollower = static_cast<std::uint32_t>(ProcessRole::kFollower);

// Waits until it has found out.
std::uint32_t RoleOf(OtherProcess* process) {
  for (;;) {
    const std::uint32_t role = process->Do(OtherProcess::kRole);
    if (role == kOwner || role == kFollower) return role;
    std::this_thread::yield();
  }
}

// One process more, which sends what is left, and another that knows all of it without a network.
void Finish(const TempFolder& folder, FolderCollector* collector, const Told& told,
            const std::set<std::uint32_t>& numbers, const std::set<std::uint32_t>& killed) {
  Options options;
  options.consent = Consent::kGranted;
  options.collector_url = collector->Url();
  options.collector_headers = {{"X-Process", "399"}};
  options.batch_interval = Duration(1);
  {
    const auto client = Client::Open(options, DefaultPlatform(folder.Path("state")));
    CHECK(client->Flush(seconds(60)).kept == 0);
    CHECK(client->status().role == ProcessRole::kOwner);
  }
  std::map<std::uint32_t, std::uint32_t> events;
  for (const std::uint32_t number : numbers) events[number] = told.Load(number);
  const std::size_t all = collector->Check(events, killed);
  Platform platform = DefaultPlatform(folder.Path("state"));
  platform.http = nullptr;
  const auto client = Client::Open(options, std::move(platform));
  CHECK(client->TrackDurable("next", {}, seconds(60)).ok());
  const Ledger ledger = client->status().ledger;
  CHECK(ledger.accepted == all + 1);
  CHECK(ledger.delivered == all);
  CHECK(ledger.pending == 1);
  CHECK(SumOf(ledger.lost) == 0);
}

void LiveTogether(std::uint32_t count) {
  const TempFolder folder;
  const Told told(folder);
  FolderCollector collector;
  std::vector<OtherProcess> processes;
  std::set<std::uint32_t> numbers, killed;
  for (std::uint32_t i = 0; i < count; ++i) {
    processes.emplace_back(folder, collector.Url(), i);
    numbers.insert(i);
    if (i == 0) CHECK(RoleOf(&processes[0]) == kOwner);
  }
  for (OtherProcess& each : processes) CHECK(each.Do(OtherProcess::kTell, 100) == 100);
  for (std::uint32_t i = 1; i < count; ++i) CHECK(RoleOf(&processes[i]) == kFollower);
  CHECK(processes[0].Do(OtherProcess::kFlush) == 1);  // and looks who else is there
  for (OtherProcess& each : processes) CHECK(each.Do(OtherProcess::kDurable) == 1);

  // The owner is killed while it commits what others were told, too.
  (void)processes[0].Do(OtherProcess::kKillSoon, count * 150);
  for (OtherProcess& each : processes) each.Send(OtherProcess::kTell, 200);
  for (std::uint32_t i = 1; i < count; ++i) CHECK(processes[i].Answer() == 301);
  CHECK(processes[0].End() == SIGKILL);
  collector.Killed(0);
  killed.insert(0);
  for (std::uint32_t i = 1; i < count; ++i) processes[i].Send(OtherProcess::kFlush);
  for (std::uint32_t i = 1; i < count; ++i) CHECK(processes[i].Answer() == 1);
  // Whoever had told nothing that was not committed need not have asked for the lock by then.
  std::uint32_t owner = 0;
  while (owner == 0) {
    for (std::uint32_t i = 1; i < count; ++i) {
      CHECK(processes[i].Do(OtherProcess::kFlush) == 1);
      if (RoleOf(&processes[i]) != kOwner) continue;
      CHECK(owner == 0);
      owner = i;
    }
  }
  // It sends, even if the first one was killed so late that it left nothing; and what that left is sent by then, too.
  CHECK(processes[owner].Do(OtherProcess::kTell, 1) == 302);
  CHECK(processes[owner].Do(OtherProcess::kFlush) == 1);

  // The next one is stopped while it holds the lock.
  processes[owner].Signal(SIGSTOP);
  const std::size_t before = collector.received();
  for (std::uint32_t i = 1; i < count; ++i) {
    if (i == owner) continue;
    CHECK(processes[i].Do(OtherProcess::kTell, 100) == 401);
    CHECK(RoleOf(&processes[i]) == kFollower);
  }
  CHECK(collector.received() == before);
  CHECK(collector.Senders() == std::set<std::uint32_t>{0, owner});
  processes[owner].Signal(SIGCONT);
  for (std::uint32_t i = 1; i < count; ++i) CHECK(processes[i].Do(OtherProcess::kDurable) == 1);
  // Followers do not wait for anybody at their end.
  for (std::uint32_t i = 1; i < count; ++i) {
    CHECK(processes[i].Do(OtherProcess::kClose) == 1);
    CHECK(processes[i].End() == 0);
  }
  Finish(folder, &collector, told, numbers, killed);
}

TEST_CASE("fault 19: two processes on one folder, one killed in its commit, one stopped: all arrives once") {
  LiveTogether(2);
}

TEST_CASE("fault 19: eight processes on one folder, one killed in its commit, one stopped: all arrives once") {
  LiveTogether(8);
}

TEST_CASE("processes that start at once in an empty folder have one install id, and followers ask for no deletion") {
  const TempFolder folder;
  const Told told(folder);
  FolderCollector collector;
  std::vector<OtherProcess> processes;
  for (std::uint32_t i = 0; i < 6; ++i) processes.emplace_back(folder, collector.Url(), i);
  const std::uint32_t id = processes[0].Do(OtherProcess::kInstall);
  std::size_t owners = 0;
  for (OtherProcess& each : processes) {
    CHECK(each.Do(OtherProcess::kInstall) == id);
    const bool is_owner = RoleOf(&each) == kOwner;
    owners += is_owner ? 1 : 0;
    if (is_owner) continue;
    CHECK(each.Do(OtherProcess::kForget) == static_cast<std::uint32_t>(StatusCode::kUnavailable));
    CHECK(each.Do(OtherProcess::kInstall) == id);
  }
  CHECK(owners == 1);
}

TEST_CASE("fault 18: forked at any moment, in a commit and to exec: both sides' facts arrive once, and nothing hangs") {
  const TempFolder folder;
  const Told told(folder);
  FolderCollector collector;
  std::set<std::uint32_t> numbers = {1};
  {
    OtherProcess process(folder, collector.Url(), 1);
    CHECK(process.Do(OtherProcess::kDurable) == 1);
    std::uint32_t forks = 0;
    for (const OtherProcess::Fork how : {OtherProcess::kAnyMoment, OtherProcess::kInCommit, OtherProcess::kAndExec,
                                         OtherProcess::kAnyMoment, OtherProcess::kInCommit}) {
      CAPTURE(static_cast<int>(how));
      CHECK(process.Do(OtherProcess::kFork, how) == 0);
      forks += 2;
      numbers.insert(100 + forks);
      CHECK(told.Load(100 + forks) == 50);
    }
    CHECK(process.Do(OtherProcess::kFlush) == 1);
    CHECK(process.Do(OtherProcess::kClose) == 1);
    CHECK(process.End() == 0);
  }
  Finish(folder, &collector, told, numbers, {});
}

TEST_CASE("fault 18: a process dies while its copy lives: another takes over, and the copy goes on accepting") {
  const TempFolder folder;
  const Told told(folder);
  FolderCollector collector;
  OtherProcess process(folder, collector.Url(), 1);
  CHECK(process.Do(OtherProcess::kDurable) == 1);
  // From now on the copy obeys.
  CHECK(process.Do(OtherProcess::kFork, OtherProcess::kCopyGoesOn) == 0);
  CHECK(process.Do(OtherProcess::kTell, 10) == 10);
  process.Signal(SIGKILL);
  CHECK(process.End() == SIGKILL);
  collector.Killed(1);
  CHECK(process.Do(OtherProcess::kTell, 10) == 20);
  CHECK(RoleOf(&process) == kFollower);
  OtherProcess heir(folder, collector.Url(), 3);
  CHECK(RoleOf(&heir) == kOwner);
  CHECK(heir.Do(OtherProcess::kDurable) == 1);
  CHECK(process.Do(OtherProcess::kDurable) == 1);
  CHECK(process.Do(OtherProcess::kClose) == 1);
  CHECK(heir.Do(OtherProcess::kFlush) == 1);
  CHECK(heir.Do(OtherProcess::kClose) == 1);
  CHECK(heir.End() == 0);
  Finish(folder, &collector, told, {1, 3, 102}, {1});
}

}  // namespace
}  // namespace guidon::test
