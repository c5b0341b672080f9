// Real processes that are really killed, at moments that are drawn, while four threads append as fast as they can and a
// reader commits and uses segments again. What each thread was told was taken is in memory that outlives it, too; the
// next process has to find all of it, once.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/dead_journal.h"
#include "sdk/events/journal.h"

namespace guidon::events {
namespace {

namespace fs = std::filesystem;
using Took = FactJournal::Took;

constexpr const char* kChildCase = "child: threads that append until they are killed";
constexpr std::size_t kThreads = 4;
constexpr std::uint64_t kBirth = 77;
constexpr std::size_t kWordsApart = 16;  // of the threads' counters

// What stands for the store: one write each, of which the last whole one counts.
struct Commit {
  Position cursor = 0;
  std::array<std::uint64_t, kThreads> next = {};  // of each thread: all before are in the store
  std::uint64_t recycled = 0;
  std::uint64_t sum = 0;

  std::uint64_t Sum() const { return HashBytes64({reinterpret_cast<const char*>(this), offsetof(Commit, sum)}); }
};

Commit LastCommit(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Commit last, read;
  while (in.read(reinterpret_cast<char*>(&read), sizeof read) && read.sum == read.Sum()) last = read;
  return last;
}

std::string Record(std::size_t thread, std::uint64_t number) {
  std::string bytes(16 + (number * 29 + thread * 7) % 200, static_cast<char>('a' + thread));
  std::memcpy(&bytes[0], &thread, 8);
  std::memcpy(&bytes[8], &number, 8);
  return bytes;
}

// False when it is not the thread's next.
bool Take(const std::string& bytes, Commit* commit) {
  std::uint64_t thread = 0, number = 0;
  if (bytes.size() < 16) return false;
  std::memcpy(&thread, &bytes[0], 8);
  std::memcpy(&number, &bytes[8], 8);
  return thread < kThreads && number == commit->next[thread]++ && bytes == Record(thread, number);
}

TEST_CASE("child: threads that append until they are killed" * doctest::skip()) {
  const char* folder = std::getenv("GUIDON_KILL_FOLDER");
  REQUIRE((folder != nullptr));
  const auto port = MappedJournal(std::string(folder) + "/journal");
  const Result<JournalSegment> told = port->Map("told");
  REQUIRE(told.ok());
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&journal, &told, t] {
      for (std::uint64_t i = 0;; ++i) {
        const std::string bytes = Record(t, i);
        while (journal.Append(bytes) != Took::kYes) std::this_thread::yield();
        told->words[t * kWordsApart].store(i + 1, std::memory_order_release);
      }
    });
  }
  const int store = open((std::string(folder) + "/store").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  Commit commit;
  JournalRecord record;
  for (;;) {
    (void)journal.Grow();
    std::size_t taken = 0;
    while (taken < 500 && journal.Next(&record)) {
      if (record.damaged != 0 || !Take(record.bytes, &commit)) _exit(3);
      ++taken;
    }
    if (taken == 0) std::this_thread::yield();
    commit.cursor = journal.read_to();
    commit.sum = commit.Sum();
    if (write(store, &commit, sizeof commit) != static_cast<ssize_t>(sizeof commit)) _exit(4);
    commit.recycled = GenerationOf(commit.cursor) - 1;
    journal.Recycle();
  }
}

pid_t RunChild(const std::string& folder) {
  std::string name = "events_test", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::string setting = "GUIDON_KILL_FOLDER=" + folder;
  std::vector<char*> environment = {setting.data()};
  for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t silent;
  REQUIRE(posix_spawn_file_actions_init(&silent) == 0);
  REQUIRE(posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0) == 0);
  pid_t child = 0;
  const int spawned = posix_spawn(&child, "/proc/self/exe", &silent, nullptr, arguments, environment.data());
  (void)posix_spawn_file_actions_destroy(&silent);
  REQUIRE(spawned == 0);
  return child;
}

struct Sums {
  std::uint64_t taken = 0, lost = 0, twice = 0, recycled = 0, found = 0;
};

// One life and death; then what the next process finds, counted against what the threads were told.
void KillOnce(const std::string& folder, std::uint64_t after, Sums* sums) {
  fs::create_directories(folder);
  const auto port = MappedJournal(folder + "/journal");
  const Result<JournalSegment> told = port->Create("told", kThreads * kWordsApart);
  REQUIRE(told.ok());
  const pid_t child = RunChild(folder);
  const auto sum = [&told] {
    std::uint64_t all = 0;
    for (std::size_t t = 0; t < kThreads; ++t) all += told->words[t * kWordsApart].load(std::memory_order_acquire);
    return all;
  };
  int status = 0;
  while (sum() < after && waitpid(child, &status, WNOHANG) == 0) std::this_thread::yield();
  REQUIRE(kill(child, SIGKILL) == 0);
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));

  Commit state = LastCommit(folder + "/store");
  sums->recycled += state.recycled;
  std::vector<DeadJournal> dead = DeadJournal::Adopt(port, {1});
  REQUIRE(dead.size() == 1);
  dead[0].Skip(state.cursor);
  JournalRecord record;
  std::uint64_t damaged = 0;
  bool is_next = true;
  while (dead[0].Next(&record)) {
    is_next = is_next && Take(record.bytes, &state);
    damaged += record.damaged;
    ++sums->found;
  }
  CHECK(is_next);  // else one is missing, or there twice
  CHECK(damaged + record.damaged == 0);
  for (std::size_t t = 0; t < kThreads; ++t) {
    const std::uint64_t taken = told->words[t * kWordsApart].load();
    CAPTURE(t);
    CHECK(state.next[t] >= taken);
    CHECK(state.next[t] <= taken + 1);  // the one it was killed in may be there
    sums->taken += taken;
    if (state.next[t] < taken) sums->lost += taken - state.next[t];
    if (state.next[t] > taken + 1) sums->twice += state.next[t] - taken - 1;
  }
  CHECK(dead[0].Remove().ok());
}

TEST_CASE("fault 1: killed at any moment at full speed: what was taken is found by the next process, once") {
  // Processes die here, not the machine, so memory does where there is some.
  std::error_code none;
  const fs::path base = fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string pattern = (base / "guidon-journal-XXXXXX").string();
  REQUIRE((mkdtemp(pattern.data()) != nullptr));
  const int kills = std::getenv("GUIDON_LONG") != nullptr ? 200 : 10;
  const unsigned seed = 20'261'122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  Sums sums;
  for (int i = 0; i < kills; ++i) {
    CAPTURE(i);
    const std::string folder = pattern + "/" + std::to_string(i);
    KillOnce(folder, 1 + random() % 150'000, &sums);
    fs::remove_all(folder);
  }
  MESSAGE(kills << " kills, " << sums.taken << " taken, " << sums.found << " of them found in journals, "
                << sums.recycled << " segments used again, " << sums.lost << " lost, " << sums.twice << " twice");
  CHECK(sums.lost == 0);
  CHECK(sums.twice == 0);
  CHECK(sums.found > 0);
  CHECK(sums.recycled > 0);
  fs::remove_all(pattern);
}

}  // namespace
}  // namespace guidon::events
