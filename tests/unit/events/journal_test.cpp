#include "sdk/events/journal.h"
#include "sdk/events/dead_journal.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/memory_journal.h"

namespace guidon::events {
namespace {

using guidon::test::MemoryJournal;
using Took = FactJournal::Took;

constexpr std::uint64_t kBirth = 0x0123'4567'89AB'CDEFu;

std::string Numbered(std::size_t number, std::size_t bytes = 0) {
  std::string text = "record-" + std::to_string(number);
  while (text.size() < bytes) text.push_back(static_cast<char>('a' + (number + text.size()) % 26));
  return text;
}

std::vector<std::string> ReadAll(FactJournal* journal) {
  std::vector<std::string> all;
  JournalRecord record;
  while (journal->Next(&record)) all.push_back(record.bytes);
  return all;
}

struct Left {
  std::vector<std::string> records;
  std::uint64_t damaged = 0;
};

// What the next process finds.
Left ReadDead(const std::shared_ptr<MemoryJournal>& port, Position skip = 0, bool counts = true) {
  Left left;
  for (DeadJournal& dead : DeadJournal::Adopt(port, {1})) {
    dead.Skip(skip);
    const std::uint64_t counted = counts ? left.records.size() + left.damaged + dead.Count() : 0;
    JournalRecord record;
    Position at = 0;
    while (dead.Next(&record)) {
      if (record.at < at || record.end <= record.at) FAIL("not in order");
      at = record.end;
      left.records.push_back(record.bytes);
      left.damaged += record.damaged;
    }
    left.damaged += record.damaged;
    if (counts) CHECK(counted == left.records.size() + left.damaged);
  }
  return left;
}

TEST_CASE("what was appended is read once, in order, whatever its size") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  CHECK(journal.Append("before") == Took::kNotNow);
  REQUIRE(journal.Open(port, kBirth).ok());
  std::vector<std::string> expected;
  for (std::size_t size = 0; size < 40; ++size) expected.push_back(std::string(size, '\xFF'));
  expected.push_back(std::string(kRecordBytes, 'x'));
  Position end = 0;
  for (const std::string& bytes : expected) {
    CHECK(journal.Append(bytes) == Took::kYes);
    CHECK(journal.end() > end);
    end = journal.end();
  }
  CHECK(journal.Append(std::string(kRecordBytes + 1, 'x')) == Took::kFull);
  CHECK((ReadAll(&journal) == expected));
  CHECK(journal.read_to() == end);
  CHECK(ReadAll(&journal).empty());
  CHECK(journal.Append("next") == Took::kYes);
  CHECK(ReadAll(&journal) == std::vector<std::string>{"next"});
}

TEST_CASE("records go over the ends of segments, and eight are all there are until some are used again") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  for (int round = 0; round < 3; ++round) {
    std::size_t appended = 0;
    while (journal.Append(Numbered(appended, 10'000)) == Took::kYes) ++appended;
    CHECK(appended > 800);
    CHECK(journal.Trouble().code() == StatusCode::kOutOfSpace);
    CHECK(port->List()->size() == kJournalSegments);
    const std::vector<std::string> all = ReadAll(&journal);
    REQUIRE(all.size() == appended);
    bool is_same = true;
    for (std::size_t i = 0; i < all.size(); ++i) is_same = is_same && all[i] == Numbered(i, 10'000);
    CHECK(is_same);
    CHECK(journal.Append("full") == Took::kFull);
    journal.Recycle();
  }
  CHECK(journal.Append("again") == Took::kYes);
}

TEST_CASE("while one thread makes the next segment the others have room") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  std::size_t creations = 0;
  std::size_t taken = 0;
  port->BeforeCreate([&] {
    ++creations;
    for (std::size_t i = 0; i < 20; ++i) taken += journal.Append(Numbered(i, 10'000)) == Took::kYes ? 1u : 0u;
  });
  std::size_t appended = 0;
  while (creations < kJournalSegments - 1 && journal.Append(Numbered(appended, 10'000)) == Took::kYes) ++appended;
  CHECK(creations == kJournalSegments - 1);
  CHECK(taken == 20 * creations);
  CHECK(ReadAll(&journal).size() == appended + taken);
}

TEST_CASE("a segment that is ready is used before another is made, and only one is made ready") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  CHECK(journal.NeedsRoom());
  CHECK(journal.Grow());
  CHECK_FALSE(journal.NeedsRoom());
  CHECK_FALSE(journal.Grow());
  CHECK(port->List()->size() == 2);
  port->FailCreates(Status(StatusCode::kOutOfSpace, "no room"));
  std::size_t appended = 0;
  while (journal.Append(Numbered(appended, 10'000)) == Took::kYes) ++appended;
  CHECK(appended > 200);
  CHECK(journal.Trouble().message() == "no room");
  CHECK(ReadAll(&journal).size() == appended);
  CHECK(journal.Append("x") == Took::kFull);
  journal.Recycle();
  CHECK(journal.Append("x") == Took::kYes);
}

TEST_CASE("where no segment can be made or the lock is another's, opening says why, and may be tried again") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  port->FailLocks(Status(StatusCode::kPermissionDenied, "read-only"));
  CHECK(journal.Open(port, kBirth).code() == StatusCode::kPermissionDenied);
  port->FailLocks(Status());
  port->FailCreates(Status(StatusCode::kOutOfSpace, "full"));
  CHECK(journal.Open(port, kBirth).code() == StatusCode::kOutOfSpace);
  CHECK(journal.Append("x") == Took::kNotNow);
  port->FailCreates(Status());
  CHECK(journal.Open(port, kBirth).ok());
  CHECK(journal.Append("x") == Took::kYes);
  FactJournal other;
  CHECK(other.Open(port, kBirth).code() == StatusCode::kUnavailable);
}

TEST_CASE("journals that wait for a store are bounded") {
  const auto port = std::make_shared<MemoryJournal>();
  std::size_t made = 0;
  for (;; ++made) {
    FactJournal journal;
    if (!journal.Open(port, kBirth + made).ok()) break;
    CHECK(journal.Append(Numbered(made)) == Took::kYes);
  }
  CHECK(made == kAllJournalSegments);
  CHECK(ReadDead(port).records.size() == made);
}

TEST_CASE("what a dead process left is found by the next one, that of a living one is not") {
  const auto port = std::make_shared<MemoryJournal>();
  auto journal = std::make_unique<FactJournal>();
  REQUIRE(journal->Open(port, kBirth).ok());
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 30'000; ++i) {
    expected.push_back(Numbered(i, i % 200));
    REQUIRE(journal->Append(expected.back()) == Took::kYes);
    if (i == 9'999) {
      CHECK(ReadAll(journal.get()).size() == 10'000);
      journal->Recycle();
    }
  }
  const Position read = journal->read_to();
  CHECK(DeadJournal::Adopt(port, {1}).empty());
  port->Crash();
  CHECK(DeadJournal::Adopt(port, {kBirth}).empty());
  const Left left = ReadDead(port, read);
  CHECK((left.records == std::vector<std::string>(expected.begin() + 10'000, expected.end())));
  CHECK(left.damaged == 0);
  for (DeadJournal& dead : DeadJournal::Adopt(port, {1})) CHECK(dead.Remove().ok());
  CHECK(port->List()->empty());
}

TEST_CASE("a record that was begun and not finished is none: what is behind it is read once its process is dead") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  CHECK(journal.Append("one") == Took::kYes);
  const auto words = port->Words("0123456789abcdef-0");
  REQUIRE((words != nullptr));
  const SegmentKey key{kBirth, 1};
  std::uint64_t free = FreeTag(key);
  REQUIRE((*words)[WordOf(journal.end())].compare_exchange_strong(free, BusyTag(key, 100)));
  CHECK(journal.Append("two") == Took::kYes);
  CHECK(ReadAll(&journal) == std::vector<std::string>{"one"});
  journal.Stop();
  CHECK_FALSE(journal.Seal());
  port->Crash();
  const Left left = ReadDead(port);
  CHECK(left.records == std::vector<std::string>{"one", "two"});
  CHECK(left.damaged == 0);
}

TEST_CASE("once stopped and sealed nothing is taken, cleared nothing is left, and it goes on after that") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  (void)journal.Grow();
  for (std::size_t i = 0; i < 100; ++i) CHECK(journal.Append("secret-" + Numbered(i)) == Took::kYes);
  CHECK(port->Holds("secret"));
  for (int round = 0; round < 2; ++round) {
    journal.Stop();
    CHECK(journal.Append("late") == Took::kNotNow);
    CHECK(journal.Seal());
    CHECK(ReadAll(&journal).size() == (round == 0 ? 100 : 1));
    journal.Clear();
    CHECK_FALSE(port->Holds("secret"));
    CHECK(journal.Append("late") == Took::kNotNow);
    CHECK(journal.Refill().ok());
    journal.Go();
    CHECK(ReadAll(&journal).empty());
    CHECK(journal.Append("secret again") == Took::kYes);
    CHECK(journal.read_to() < journal.end());
  }
  CHECK(ReadAll(&journal) == std::vector<std::string>{"secret again"});
  journal.Stop();
  CHECK(journal.Seal());
  journal.Close(true);
  CHECK(port->List()->empty());
  CHECK_FALSE(port->Holds("secret"));
  CHECK(port->TryLock("0123456789abcdef").ok());
}

TEST_CASE("threads that append at once while segments are used again lose nothing and keep each their order") {
  constexpr int kThreads = 4;
  constexpr std::size_t kEach = 20'000;
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal journal;
  REQUIRE(journal.Open(port, kBirth).ok());
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&journal, &running, t] {
      for (std::size_t i = 0; i < kEach; ++i) {
        const std::string bytes = std::to_string(t) + ":" + std::to_string(i) + std::string(i % 97 * 4, '.');
        while (journal.Append(bytes) != Took::kYes) std::this_thread::yield();
        CHECK(journal.end() > 0);
      }
      --running;
    });
  }
  std::map<int, std::size_t> next;
  std::size_t count = 0, damaged = 0;
  JournalRecord record;
  for (bool is_last = false; !is_last;) {
    is_last = running == 0;
    (void)journal.Grow();
    while (journal.Next(&record)) {
      ++count;
      damaged += record.damaged;
      const int thread = record.bytes[0] - '0';
      REQUIRE(std::strtoull(record.bytes.c_str() + 2, nullptr, 10) == next[thread]);
      ++next[thread];
    }
    journal.Recycle();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == kThreads * kEach);
  CHECK(damaged == 0);
  CHECK(port->List()->size() <= kJournalSegments);
}

TEST_CASE("stopping while threads append: each record that was taken is read, and none comes after the seal") {
  for (int round = 0; round < 20; ++round) {
    const auto port = std::make_shared<MemoryJournal>();
    FactJournal journal;
    REQUIRE(journal.Open(port, kBirth).ok());
    std::atomic<std::size_t> taken{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        while (journal.Append(std::string(50, 'x')) == Took::kYes) ++taken;
      });
    }
    while (taken < 100) std::this_thread::yield();
    journal.Stop();
    while (!journal.Seal()) std::this_thread::yield();
    const std::size_t read = ReadAll(&journal).size();
    journal.Clear();
    for (std::thread& thread : threads) thread.join();
    CHECK(read == taken);
    CHECK_FALSE(port->Holds("xxxx"));
  }
}

// A journal of `count` records that its process left, and where each of them lies.
struct Written {
  std::shared_ptr<MemoryJournal> port = std::make_shared<MemoryJournal>();
  std::vector<std::string> records;
  std::vector<std::size_t> begins;  // words
};
Written Write(std::size_t count, std::size_t most_bytes) {
  Written written;
  FactJournal journal;
  REQUIRE(journal.Open(written.port, kBirth).ok());
  for (std::size_t i = 0; i < count; ++i) {
    written.records.push_back(Numbered(i, (i * 37) % most_bytes));
    REQUIRE(journal.Append(written.records.back()) == Took::kYes);
    JournalRecord record;
    REQUIRE(journal.Next(&record));
    written.begins.push_back(WordOf(record.at));
  }
  written.begins.push_back(WordOf(journal.end()));
  return written;
}

// The records that are left are those that were written, in order; says which are missing.
std::set<std::size_t> Missing(const Written& written, const Left& left) {
  std::set<std::size_t> missing;
  std::size_t at = 0;
  for (const std::string& bytes : left.records) {
    while (at < written.records.size() && written.records[at] != bytes) missing.insert(at++);
    REQUIRE(at < written.records.size());  // else something was read that nobody wrote
    ++at;
  }
  while (at < written.records.size()) missing.insert(at++);
  return missing;
}

TEST_CASE("any one bit that flips costs the record it is in and no other, and is counted") {
  const Written written = Write(6, 40);
  const auto words = written.port->Words("0123456789abcdef-0");
  const std::size_t end = written.begins.back() + 8;
  std::size_t lost = 0;
  for (std::size_t word = 0; word < end; ++word) {
    for (int bit = 0; bit < 64; ++bit) {
      CAPTURE(word);
      CAPTURE(bit);
      (*words)[word] ^= std::uint64_t{1} << bit;
      const Left left = ReadDead(written.port, 0, false);
      std::set<std::size_t> expected;
      for (std::size_t i = 0; i < written.records.size(); ++i) {
        if (written.begins[i] <= word && word < written.begins[i + 1]) expected.insert(i);
      }
      const std::set<std::size_t> missing = Missing(written, left);
      // The last bytes of a record's last word may be nobody's.
      const bool is_spare = missing.empty() && !expected.empty() && left.damaged == 0 &&
                            word == written.begins[*expected.begin() + 1] - 1;
      if (!is_spare) {
        REQUIRE((missing == expected));
        REQUIRE(left.damaged == expected.size());
      }
      lost += missing.size();
      (*words)[word] ^= std::uint64_t{1} << bit;
    }
  }
  CHECK(lost > 800);
}

TEST_CASE(
    "whatever happens to the words, only records that were written are read, and those that nothing happened to") {
  enum class How { kRandom, kZeros, kPageOfZeros, kPageOfNoise, kCopy, kOtherGeneration, kCut };
  struct RowOf {
    const char* name;
    How how;
  };
  const RowOf rows[] = {{"random words", How::kRandom},         {"zeros", How::kZeros},
                        {"a page of zeros", How::kPageOfZeros}, {"a page of noise", How::kPageOfNoise},
                        {"a piece somewhere else", How::kCopy}, {"a page of another generation", How::kOtherGeneration},
                        {"nothing from here on", How::kCut}};
  const unsigned first_seed = 1;
  const unsigned seeds = std::getenv("GUIDON_LONG") != nullptr ? 300 : 12;
  const Written written = Write(3'000, 300);
  const auto words = written.port->Words("0123456789abcdef-0");
  std::vector<std::uint64_t> good;
  for (const auto& word : *words) good.push_back(word.load());
  for (const RowOf& row : rows) {
    CAPTURE(row.name);
    for (unsigned seed = first_seed; seed < first_seed + seeds; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      const std::size_t used = written.begins.back();
      std::set<std::size_t> touched;
      const auto set = [&](std::size_t word, std::uint64_t value) {
        if (word < kHeaderWords || word >= kSegmentWords) return;
        if (good[word] != value) touched.insert(word);
        (*words)[word].store(value);
      };
      const std::size_t from = kHeaderWords + random() % used;
      const std::size_t size = 1 + random() % 2'000;
      const std::size_t page = from / 512 * 512;
      switch (row.how) {
        case How::kRandom:
          for (int i = 0; i < 20; ++i) set(kHeaderWords + random() % used, random());
          break;
        case How::kZeros:
          for (std::size_t i = 0; i < size; ++i) set(from + i, 0);
          break;
        case How::kPageOfZeros:
          for (std::size_t i = 0; i < 512; ++i) set(page + i, 0);
          break;
        case How::kPageOfNoise:
          for (std::size_t i = 0; i < 512; ++i) set(page + i, random());
          break;
        case How::kCopy: {
          const std::size_t source = kHeaderWords + random() % used;
          for (std::size_t i = 0; i < size && source + i < kSegmentWords; ++i) set(from + i, good[source + i]);
          break;
        }
        case How::kOtherGeneration: {
          const SegmentKey key{kBirth, 7};
          for (std::size_t i = 0; i < 512; ++i) set(page + i, FreeTag(key));
          break;
        }
        case How::kCut:
          for (std::size_t i = from; i < kSegmentWords; ++i) set(i, 0);
          break;
      }
      const Left left = ReadDead(written.port);
      const std::set<std::size_t> missing = Missing(written, left);
      std::size_t hurt = 0;
      for (std::size_t i = 0; i < written.records.size(); ++i) {
        const auto first = touched.lower_bound(written.begins[i]);
        const bool is_hurt = first != touched.end() && *first < written.begins[i + 1];
        hurt += is_hurt ? 1 : 0;
        if (!is_hurt) REQUIRE(missing.count(i) == 0);
      }
      CHECK((left.damaged > 0) == !missing.empty());
      CHECK(left.damaged <= std::max<std::size_t>(hurt, 1));
      for (std::size_t i = 0; i < good.size(); ++i) (*words)[i].store(good[i], std::memory_order_relaxed);
    }
  }
}

TEST_CASE(
    "a segment that was being made is passed over, one whose header is damaged is counted, and those of others are "
    "left") {
  Written written = Write(5, 50);
  REQUIRE(written.port->Create("0123456789abcdef-1", kSegmentWords).ok());  // being made ready when it ended
  REQUIRE(written.port->Create("0123456789abcdef-2", 100).ok());            // being made
  REQUIRE(written.port->Create("somebody-else", 100).ok());
  Left left = ReadDead(written.port);
  CHECK(left.records.size() == 5);
  CHECK(left.damaged == 0);
  const auto words = written.port->Words("0123456789abcdef-0");
  for (std::size_t i = 0; i < kHeaderWords; ++i) (*words)[i].store(0);
  left = ReadDead(written.port);
  CHECK(left.records.empty());
  CHECK(left.damaged == 0);  // as if it was being made ready, which
  (*words)[0].store(1);      // this was not
  CHECK(ReadDead(written.port).damaged == 1);
}

}  // namespace
}  // namespace guidon::events
