#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/small_files.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/memory_journal.h"

namespace guidon::test {
namespace {

constexpr std::size_t kWords = 8'192;

// Runs the story on mapped files and in memory. `reborn` is the journal as the next process has it.
void OnEach(
    const std::function<void(std::shared_ptr<Journal>, const std::function<std::shared_ptr<Journal>()>&)>& story) {
  SUBCASE("mapped") {
    const TempFolder folder;
    const auto open = [&folder] { return MappedJournal(folder.Path("journal")); };
    story(open(), open);
  }
  SUBCASE("in memory") {
    const auto journal = std::make_shared<MemoryJournal>();
    story(journal, [journal]() -> std::shared_ptr<Journal> { return journal; });
  }
}

TEST_CASE("a new segment is all zeros, and what is stored is there for the next") {
  OnEach([](std::shared_ptr<Journal> journal, const auto& reborn) {
    {
      Result<JournalSegment> segment = journal->Create("a-1", kWords);
      REQUIRE(segment.ok());
      REQUIRE(segment->size == kWords);
      bool is_zero = true;
      for (std::size_t i = 0; i < kWords; ++i) is_zero = is_zero && segment->words[i].load() == 0;
      CHECK(is_zero);
      for (std::size_t i = 0; i < kWords; ++i) segment->words[i].store(i * 3 + 1);
    }
    journal.reset();
    const Result<JournalSegment> again = reborn()->Map("a-1");
    REQUIRE(again.ok());
    REQUIRE(again->size == kWords);
    bool is_same = true;
    for (std::size_t i = 0; i < kWords; ++i) is_same = is_same && again->words[i].load() == i * 3 + 1;
    CHECK(is_same);
  });
}

TEST_CASE("two who map a segment see the same words") {
  OnEach([](std::shared_ptr<Journal> journal, const auto& reborn) {
    const Result<JournalSegment> one = journal->Create("a", kWords);
    const Result<JournalSegment> two = reborn()->Map("a");
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    one->words[7].store(42);
    CHECK(two->words[7].load() == 42);
    std::uint64_t expected = 42;
    CHECK(two->words[7].compare_exchange_strong(expected, 43));
    CHECK(one->words[7].load() == 43);
  });
}

TEST_CASE("a name is given once, and what is not there is not found") {
  OnEach([](std::shared_ptr<Journal> journal, const auto&) {
    CHECK(journal->Map("a").status().code() == StatusCode::kNotFound);
    REQUIRE(journal->List().ok());
    CHECK(journal->List()->empty());
    REQUIRE(journal->Create("b", kWords).ok());
    REQUIRE(journal->Create("a.2", kWords).ok());
    CHECK_FALSE(journal->Create("b", kWords).ok());
    CHECK(*journal->List() == std::vector<std::string>{"a.2", "b"});
  });
}

TEST_CASE("a removed segment is gone with its content, and who has it mapped may still store") {
  OnEach([](std::shared_ptr<Journal> journal, const auto&) {
    const Result<JournalSegment> segment = journal->Create("a", kWords);
    REQUIRE(segment.ok());
    segment->words[3].store(77);
    CHECK(journal->Remove("a").ok());
    CHECK(journal->List()->empty());
    CHECK(journal->Map("a").status().code() == StatusCode::kNotFound);
    CHECK(segment->words[3].load() == 0);
    segment->words[3].store(78);
    CHECK(journal->Remove("a").ok());
    CHECK(journal->Create("a", kWords).ok());
  });
}

TEST_CASE("a lock is one holder's, until it lets go; locks are no segments") {
  OnEach([](std::shared_ptr<Journal> journal, const auto& reborn) {
    const auto other = reborn();
    {
      const Result<std::shared_ptr<void>> held = journal->TryLock("a");
      REQUIRE(held.ok());
      CHECK(journal->TryLock("a").status().code() == StatusCode::kUnavailable);
      CHECK(other->TryLock("a").status().code() == StatusCode::kUnavailable);
      CHECK(other->TryLock("b").ok());
      CHECK(journal->List()->empty());
    }
    CHECK(other->TryLock("a").ok());
  });
}

TEST_CASE("only plain names are taken") {
  OnEach([](std::shared_ptr<Journal> journal, const auto&) {
    const std::string names[] = {"", ".", "..", "../a", "a/b", ".hidden", "a b", "a_b", std::string(101, 'a')};
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(journal->Create(name, kWords).status().code() == StatusCode::kInvalidArgument);
      CHECK(journal->Map(name).status().code() == StatusCode::kInvalidArgument);
      CHECK(journal->Remove(name).code() == StatusCode::kInvalidArgument);
      CHECK(journal->TryLock(name).status().code() == StatusCode::kInvalidArgument);
    }
  });
}

TEST_CASE("a process that is killed lets go of its lock, and what it stored is there") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.Path("journal"));
  int told[2] = {};
  REQUIRE(pipe(told) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto own = MappedJournal(folder.Path("journal"));
    const auto lock = own->TryLock("a");
    const auto segment = own->Create("a", kWords);
    if (!lock.ok() || !segment.ok()) _exit(1);
    for (std::size_t i = 0; i < kWords; ++i) segment->words[i].store(i + 1, std::memory_order_relaxed);
    (void)!write(told[1], "x", 1);
    for (;;) pause();
  }
  char ready = 0;
  REQUIRE(read(told[0], &ready, 1) == 1);
  CHECK(journal->TryLock("a").status().code() == StatusCode::kUnavailable);
  REQUIRE(kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(journal->TryLock("a").ok());
  const Result<JournalSegment> left = journal->Map("a");
  REQUIRE(left.ok());
  bool is_whole = true;
  for (std::size_t i = 0; i < kWords; ++i) is_whole = is_whole && left->words[i].load() == i + 1;
  CHECK(is_whole);
  close(told[0]);
  close(told[1]);
}

// Tries for the lock "a" each time a byte comes, and says how that went.
[[noreturn]] void AnswerTries(const std::string& folder, int asked, int said) {
  for (char any = 0; read(asked, &any, 1) == 1;) {
    const StatusCode code = MappedJournal(folder)->TryLock("a").status().code();
    const char answer = code == StatusCode::kOk ? 'y' : code == StatusCode::kUnavailable ? 'n' : '?';
    (void)!write(said, &answer, 1);
  }
  _exit(0);
}

TEST_CASE("fault 18: a dead process's lock is free though a copy of it lives, and no copy of a holder is given it") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.Path("journal"));
  int asked[2] = {}, said[2] = {};
  REQUIRE(pipe(asked) == 0);
  REQUIRE(pipe(said) == 0);
  const pid_t holder = fork();
  REQUIRE(holder >= 0);
  if (holder == 0) {
    const auto lock = MappedJournal(folder.Path("journal"))->TryLock("a");
    if (!lock.ok()) _exit(1);
    close(asked[1]);
    if (fork() == 0) AnswerTries(folder.Path("journal"), asked[0], said[1]);
    (void)!write(said[1], "x", 1);
    for (;;) pause();
  }
  close(asked[0]);
  const auto ask_copy = [&] {
    char answer = 0;
    REQUIRE(write(asked[1], "?", 1) == 1);
    REQUIRE(read(said[0], &answer, 1) == 1);
    return answer;
  };
  char ready = 0;
  REQUIRE(read(said[0], &ready, 1) == 1);
  CHECK(journal->TryLock("a").status().code() == StatusCode::kUnavailable);
  CHECK(ask_copy() == 'n');
  REQUIRE(kill(holder, SIGKILL) == 0);
  int status = 0;
  REQUIRE(waitpid(holder, &status, 0) == holder);
  {
    const auto taken = journal->TryLock("a");
    CHECK(taken.ok());
    CHECK(MappedJournal(folder.Path("journal"))->TryLock("a").status().code() == StatusCode::kUnavailable);
    CHECK(ask_copy() == 'n');
  }
  CHECK(ask_copy() == 'n');
  // Of a lock that nobody held when it was copied it is as good a taker as any.
  CHECK(journal->TryLock("b").ok());
  CHECK(journal->TryLock("a").ok());
  close(asked[1]);
  close(said[0]);
  close(said[1]);
}

TEST_CASE("what a killed process's lock says is overwritten by the next, one at a time") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.path());
  folder.Write("a_lock", "guidon lock 1\n999999999 1 pid:[1]\n0 0 a\n");
  const auto taken = journal->TryLock("a");
  REQUIRE(taken.ok());
  CHECK(folder.Read("a_lock").find(" a\n") != std::string::npos);
  CHECK(folder.Read("a_lock").find("999999999") == std::string::npos);
  CHECK(journal->TryLock("a").status().code() == StatusCode::kUnavailable);
  for (const std::string& name : folder.Names()) CHECK(name == "a_lock");
}

TEST_CASE("a segment's room is all there before it is used, and is for its owner alone") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.Path("journal"));
  REQUIRE(journal->Create("a", kWords).ok());
  struct stat about = {};
  REQUIRE(stat(folder.Path("journal/a_segment").c_str(), &about) == 0);
  CHECK(about.st_size == static_cast<off_t>(kWords * 8));
  CHECK(about.st_blocks * 512 >= static_cast<off_t>(kWords * 8));
  CHECK((about.st_mode & 0777) == 0600);
  REQUIRE(stat(folder.Path("journal").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
}

TEST_CASE("a file with holes, an empty one and a folder are refused") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.path());
  folder.Write("holes_segment", "x");
  REQUIRE(truncate(folder.Path("holes_segment").c_str(), 1 << 20) == 0);
  folder.Write("empty_segment", "");
  REQUIRE(mkdir(folder.Path("folder_segment").c_str(), 0700) == 0);
  for (const char* name : {"holes", "empty", "folder"}) {
    CAPTURE(name);
    CHECK_FALSE(journal->Map(name).ok());
  }
}

TEST_CASE("a segment that finds no room leaves no file, and says so") {
  const TempFolder folder;
  const auto journal = MappedJournal(folder.path());
  // What a process may write at most stands for a disk that is full.
  Status status;
  {
    const SmallFiles small(4'096);
    status = journal->Create("a", kWords).status();
  }
  CHECK(status.code() == StatusCode::kTooLarge);
  CHECK(status.message().find("cannot make room") != std::string::npos);
  CHECK(folder.Names().empty());
}

TEST_CASE("a folder that may not be written, or that was not named, is a clear error") {
  CHECK(MappedJournal("")->Create("a", kWords).status().code() == StatusCode::kInvalidArgument);
  CHECK(MappedJournal("")->List().status().code() == StatusCode::kInvalidArgument);
  const TempFolder folder;
  const auto journal = MappedJournal(folder.path());
  const ReadOnlyFolder read_only(folder);
  CHECK(journal->Create("a", kWords).status().code() == StatusCode::kPermissionDenied);
  CHECK(journal->TryLock("a").status().code() == StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace guidon::test
