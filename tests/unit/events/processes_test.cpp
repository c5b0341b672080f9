// Several processes on one state folder: one owns the store and sends, all accept, and what each was told arrives once,
// whoever dies when.
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <set>

#include "sdk/events/journal_segment.h"
#include "sdk/events/living_journal.h"
#include "tests/unit/events/journal_world.h"

namespace guidon::events::test {
namespace {

using guidon::test::MemoryJournal;
using std::chrono::minutes;
using std::chrono::seconds;

// The folder's store. Whoever opens it while another has it open fails the test.
class OneOwnersStore final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    StorageOpened opened;
    opened.durability = Durability::kMachine;
    ++openings;
    done(opened);
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    ++commits;
    rows_.Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    rows_.Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { rows_.EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { rows_.Close(std::move(done)); }

  std::size_t openings = 0;
  std::size_t commits = 0;

 private:
  MemoryStore rows_;
};

struct Folder {
  std::shared_ptr<OneOwnersStore> store = std::make_shared<OneOwnersStore>();
  std::shared_ptr<MemoryJournal> journal = std::make_shared<MemoryJournal>();
  Collector collector;
  std::size_t processes = 0;

  std::set<std::string> Names() {
    std::set<std::string> names;
    for (auto& entry : collector.events) CHECK(names.insert(entry.second["guidon.event.name"]).second);
    return names;
  }
};

class Process : public World {
 public:
  explicit Process(Folder* folder) : World(folder->store) {
    ports.journal = folder->journal;
    ports.entropy = std::make_shared<CountedEntropy>(static_cast<unsigned>(++folder->processes) * 50);
    answer = [folder](const HttpRequest& request) { return folder->collector.Take(request); };
  }
  void Start() {
    Begin();
    Run();
  }
  Ledger ledger() const { return delivery->ledger(); }
};

// The same time passes for all, a little at a time.
void Pass(Duration by, std::initializer_list<Process*> processes) {
  constexpr Duration kStep = std::chrono::milliseconds(500);
  for (Duration passed{0}; passed < by; passed += kStep) {
    for (Process* process : processes) process->RunFor(kStep);
  }
}

// As large as facts get, nearly.
bool TrackLarge(Process* process, const std::string& name) {
  Fact fact = process->MakeFact(EventKind::kTracked, name);
  for (int i = 0; i < 15; ++i) fact.properties.emplace_back("p" + std::to_string(i), Value(std::string(4'000, 'x')));
  return process->delivery->Append(std::move(fact));
}
constexpr std::size_t kLargeBytes = 60'000;

struct Durable {
  explicit Durable(Process* process, const std::string& name) {
    process->delivery->AppendDurable(process->MakeFact(EventKind::kTracked, name),
                                     [said = said](Status status) { *said = std::move(status); });
  }
  bool is_answered() const { return said->has_value(); }
  std::shared_ptr<std::optional<Status>> said = std::make_shared<std::optional<Status>>();
};

TEST_CASE("fault 19: the first process owns the store; what others are told is accepted, and sent by the owner, once") {
  Folder folder;
  Process one(&folder), two(&folder), three(&folder);
  one.Start();
  two.Start();
  three.Start();
  CHECK(one.delivery->role() == Role::kOwner);
  CHECK(two.delivery->role() == Role::kFollower);
  CHECK(three.delivery->role() == Role::kFollower);
  for (int i = 0; i < 700; ++i) CHECK(two.Track("two" + std::to_string(i)));
  CHECK(two.ledger().accepted == 700);
  CHECK(two.ledger().pending == 700);
  CHECK(two.delivery->at_risk() == 0);
  CHECK(two.delivery->journal_status().ok());
  CHECK(one.Track("one"));
  CHECK(three.Track("three"));
  CHECK(three.Expose("x"));
  Pass(minutes(2), {&one, &two, &three});
  CHECK(folder.store->openings == 1);
  CHECK(one.ledger().accepted == 703);
  CHECK(one.ledger().delivered == 703);
  CHECK(one.Balances());
  for (Process* other : {&two, &three}) {
    CHECK(other->ledger().accepted == 0);
    CHECK(other->Balances());
    CHECK(other->http->request_count() == 0);
    CHECK(other->accepted.empty());
  }
  CHECK(folder.collector.received == 703);
  CHECK(folder.Names().size() == 703);
  // Numbers are given by the owner, so they have no holes.
  std::set<std::uint64_t> numbers;
  for (const EventRecord& record : one.accepted) {
    CHECK(numbers.insert(record.sequence).second);
    CHECK(record.earlier_process == (record.name != "one"));
  }
  CHECK(*numbers.rbegin() == 703);
}

TEST_CASE("fault 19: a follower's TrackDurable returns once the owner has committed it, and not before") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  const Durable early(&two, "early");
  two.RunFor(minutes(5));  // while the owner stands still
  CHECK_FALSE(early.is_answered());
  CHECK(two.delivery->role() == Role::kFollower);
  Pass(minutes(2), {&one, &two});
  REQUIRE(early.is_answered());
  CHECK((*early.said)->ok());
  // From now on the owner reads along.
  const Durable soon(&two, "soon");
  Pass(seconds(3), {&one, &two});
  REQUIRE(soon.is_answered());
  CHECK((*soon.said)->ok());
  CHECK(one.ledger().accepted == 2);
}

TEST_CASE("fault 19: what the owner has committed makes a follower's journal ready for more, for ever") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  int told = 0;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 60; ++i) {
      CHECK(TrackLarge(&two, "e" + std::to_string(told++)));
      CHECK(two.delivery->at_risk() == 0);
    }
    Pass(minutes(2), {&one, &two});
    CHECK(two.ledger().pending == 0);
  }
  // Far more than its eight segments hold.
  CHECK(static_cast<std::size_t>(told) * kLargeBytes > 2 * kJournalSegments * kSegmentWords * 8);
  CHECK(folder.journal->List()->size() <= 2 * kJournalSegments);
  CHECK(folder.Names().size() == static_cast<std::size_t>(told));
}

TEST_CASE("fault 19: an owner that stands still keeps the lock: others accept, also in memory, and send nothing") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  const int most = 160;
  for (int i = 0; i < most; ++i) CHECK(TrackLarge(&two, "e" + std::to_string(i)));
  two.RunFor(minutes(10));
  CHECK(two.delivery->role() == Role::kFollower);
  CHECK(two.http->request_count() == 0);
  CHECK(two.delivery->at_risk() > 0);
  CHECK_FALSE(two.delivery->journal_status().ok());
  CHECK(folder.store->openings == 1);
  Pass(minutes(3), {&one, &two});
  CHECK(two.delivery->at_risk() == 0);
  CHECK(two.delivery->journal_status().ok());
  CHECK(folder.Names().size() == most);
  CHECK(folder.collector.received == most);
}

TEST_CASE("fault 19: when the owner closes, goes to the background or dies, another takes over and all arrives once") {
  enum class End { kCloses, kRests, kDies };
  const struct {
    std::string name;
    End end;
  } rows[] = {{"closes", End::kCloses}, {"rests", End::kRests}, {"dies", End::kDies}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Folder folder;
    Process one(&folder), two(&folder), three(&folder);
    one.Start();
    two.Start();
    three.Start();
    one.TrackMany(3);
    CHECK(two.Track("two"));
    CHECK(three.Track("three"));
    switch (row.end) {
      case End::kCloses:
        one.Commit();
        one.delivery->Close();
        one.Run();
        break;
      case End::kRests:
        one.delivery->Background([] {});
        one.Run();
        CHECK(one.delivery->role() == Role::kNone);
        break;
      case End::kDies: one.Kill(); break;
    }
    Pass(minutes(3), {&two, &three});
    CHECK((two.delivery->role() == Role::kOwner) != (three.delivery->role() == Role::kOwner));
    CHECK(folder.store->openings == 2);
    CHECK(folder.Names() == std::set<std::string>{"e0", "e1", "e2", "two", "three"});
    CHECK(folder.collector.received == 5);
    const Process& owner = two.delivery->role() == Role::kOwner ? two : three;
    CHECK(owner.ledger().delivered == 5);
    CHECK(owner.Balances());
    if (row.end != End::kRests) continue;
    // Back again it is one of the others.
    one.delivery->Foreground();
    CHECK(one.Track("back"));
    Pass(minutes(2), {&one, &two, &three});
    CHECK(one.delivery->role() == Role::kFollower);
    CHECK(folder.Names().count("back") == 1);
    CHECK(folder.collector.received == 6);
  }
}

TEST_CASE("fault 19: killed at any call to the store, the owner is followed by another, and all arrives once") {
  std::size_t calls = 0;
  const auto live = [](Folder* folder, std::size_t crash_at) {
    Process one(folder), two(folder);
    if (crash_at > 0) one.storage->CrashAt(crash_at);
    one.Start();
    two.Start();
    int told = 0;
    for (int i = 0; i < 4; ++i) {
      for (Process* process : {&one, &two}) {
        if (process == &one && one.storage->crashed()) continue;
        told += process->Track("e" + std::to_string(told)) ? 1 : 0;
      }
      Pass(seconds(30), {&one, &two});
    }
    const std::size_t all = one.storage->calls();
    if (one.storage->crashed()) one.Kill();
    Pass(minutes(3), {&two});
    if (one.delivery != nullptr) Pass(minutes(1), {&one, &two});
    CHECK(folder->Names().size() == static_cast<std::size_t>(told));
    const Process& owner = two.delivery->role() == Role::kOwner ? two : one;
    CHECK(owner.ledger().accepted == static_cast<std::uint64_t>(told));
    CHECK(owner.ledger().delivered == static_cast<std::uint64_t>(told));
    CHECK(owner.Balances());
    return all;
  };
  {
    Folder folder;
    calls = live(&folder, 0);
    REQUIRE(calls > 20);
  }
  for (std::size_t n = 1; n <= calls; ++n) {
    CAPTURE(n);
    Folder folder;
    (void)live(&folder, n);
  }
}

TEST_CASE("a follower erases its own journal, and says that the store is another process's") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  CHECK(one.Track("ones"));
  one.Commit();
  CHECK(two.Track("twos-secret"));
  CHECK(folder.journal->Holds("twos-secret"));
  const Status erased = two.Erase();
  CHECK(erased.code() == StatusCode::kUnavailable);
  CHECK(erased.message().find("owns") != std::string::npos);
  CHECK_FALSE(folder.journal->Holds("twos-secret"));
  CHECK(two.ledger().pending == 0);
  CHECK(two.Balances());
  CHECK(two.Track("after"));
  Pass(minutes(2), {&one, &two});
  CHECK(folder.Names() == std::set<std::string>{"ones", "after"});
}

TEST_CASE("the owner's erasure takes what others were told before it, and nothing that comes after") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  CHECK(two.Track("applied"));
  one.answer = [](const HttpRequest&) { return guidon::test::ScriptedAnswer::Of(503, ""); };
  Pass(minutes(2), {&one, &two});
  CHECK(one.ledger().pending == 1);
  CHECK(two.Track("waiting"));
  CHECK(one.Erase().ok());
  CHECK(two.Track("after"));
  one.answer = [&folder](const HttpRequest& request) { return folder.collector.Take(request); };
  Pass(minutes(10), {&one, &two});
  CHECK(folder.Names() == std::set<std::string>{"after"});
  CHECK(one.ledger().accepted == 1);
}

TEST_CASE("a follower whose consent is withdrawn erases the store as soon as it is its own to erase") {
  Folder folder;
  Process one(&folder), two(&folder);
  one.Start();
  two.Start();
  one.answer = [](const HttpRequest&) { return guidon::test::ScriptedAnswer::Of(503, ""); };
  CHECK(one.Track("ones"));
  one.Commit();
  two.delivery->SetConsent(Consent::kDenied);
  two.delivery->Erase([](const Status&) {});
  two.Run();
  CHECK(two.http->request_count() == 0);
  one.Kill();
  two.RunFor(minutes(3));
  std::vector<Row> rows;
  folder.store->Read("", "z", SIZE_MAX / 2, [&rows](Result<std::vector<Row>> read) { rows = *read; });
  CHECK(rows.empty());
  CHECK_FALSE(folder.journal->Holds("ones"));
}

TEST_CASE("alone, an idle owner wakes up less often than once a minute, and writes nothing") {
  Folder folder;
  Process one(&folder);
  one.Start();
  one.RunFor(minutes(3));
  const std::size_t commits = folder.store->commits;
  std::size_t wakes = 0;
  const MonoTime end = one.clock.Monotonic() + minutes(60);
  while (one.lanes->NextTimer() && *one.lanes->NextTimer() < end) {
    ++wakes;
    (void)one.lanes->AdvanceToNextTimer();
    one.Run();
  }
  CHECK(wakes < 60);
  CHECK(folder.store->commits == commits);
}

// --- LivingJournal ---

std::string Read(LivingJournal* journal) {
  std::string all;
  JournalRecord record;
  for (int looks = 0; looks < 3; ++looks) {
    while (journal->Next(&record)) {
      all += record.bytes.substr(0, 2) + " ";
      CHECK(record.damaged == 0);
    }
    journal->Look();
  }
  return all;
}

TEST_CASE("another's journal is read in order, over segments, erasures and what was committed before") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal writer;
  REQUIRE(writer.Open(port, 7).ok());
  LivingJournal reader(port, 7, 0);
  CHECK(Read(&reader).empty());
  CHECK(writer.Append("a1") == FactJournal::Took::kYes);
  CHECK(writer.Append("a2") == FactJournal::Took::kYes);
  CHECK(Read(&reader) == "a1 a2 ");
  // Over the end of a segment.
  const std::string large = std::string("b") + std::string(150'000, 'x');
  for (int i = 0; i < 10; ++i) CHECK(writer.Append(large) == FactJournal::Took::kYes);
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += "bx ";
  CHECK(Read(&reader) == expected);
  CHECK(writer.CommittedByOwner() == 0);
  reader.Tell(reader.read_to());
  CHECK(writer.CommittedByOwner() == reader.read_to());
  // Whoever comes after the reader begins where it ended, cursor or not.
  CHECK(writer.Append("c1") == FactJournal::Took::kYes);
  LivingJournal next(port, 7, 0);
  CHECK(Read(&next) == "c1 ");
  // Erased, nothing is left, and what comes then is read.
  writer.Stop();
  CHECK(writer.Seal());
  writer.Clear();
  CHECK(Read(&next).empty());
  CHECK(writer.Refill().ok());
  writer.Go();
  CHECK(writer.Append("d1") == FactJournal::Took::kYes);
  CHECK(Read(&next) == "d1 ");
  CHECK(Read(&reader) == "d1 ");
}

TEST_CASE("a damaged word of what was committed is none") {
  const auto port = std::make_shared<MemoryJournal>();
  FactJournal writer;
  REQUIRE(writer.Open(port, 7).ok());
  CHECK(writer.Append("a1") == FactJournal::Took::kYes);
  LivingJournal reader(port, 7, 0);
  CHECK(Read(&reader) == "a1 ");
  reader.Tell(reader.read_to());
  const auto words = port->Words(port->List()->front());
  for (int bit = 0; bit < 64; ++bit) {
    CAPTURE(bit);
    (*words)[kCommittedWord] ^= std::uint64_t{1} << bit;
    CHECK(writer.CommittedByOwner() == 0);
    LivingJournal again(port, 7, 0);
    CHECK(Read(&again) == "a1 ");
    (*words)[kCommittedWord] ^= std::uint64_t{1} << bit;
  }
}

// Of the session that goes on; nothing when that is not known.
std::optional<std::int64_t> DidInSession(Process& process) {
  const behavior::Term term{behavior::Measure::kCount, "sent", *behavior::ParseWindow("session")};
  if (process.Mine() == nullptr || process.Mine()->behavior == nullptr) return std::nullopt;
  const behavior::Total total =
      process.Mine()->behavior->Ask(term, process.clock.Now(), nullptr, process.remembered.session);
  return total.is_known ? std::optional(total.value) : std::nullopt;
}

TEST_CASE("what was done in a session is known to the owner, and to who takes over from its next session on") {
  Folder folder;
  Process one(&folder), two(&folder);
  for (Process* process : {&one, &two}) {
    process->Start();
    process->delivery->BeginSession(process->clock.Monotonic());
    CHECK(process->Track("sent"));
  }
  Pass(minutes(1), {&one, &two});
  CHECK(DidInSession(one) == 1);  // of two events: the other one is not of its session
  CHECK(one.Did("sent") == 2);
  CHECK(DidInSession(two) == std::nullopt);

  one.Kill();
  CHECK(two.Track("sent"));
  Pass(minutes(1), {&two});
  REQUIRE(two.delivery->role() == Role::kOwner);
  CHECK(DidInSession(two) == std::nullopt);
  two.delivery->BeginSession(two.clock.Monotonic());
  CHECK(two.Track("sent"));
  Pass(minutes(1), {&two});
  CHECK(DidInSession(two) == 1);
}

TEST_CASE("what another process committed of a session in the background leaves it unknown") {
  for (const bool is_other_there : {false, true}) {
    CAPTURE(is_other_there);
    Folder folder;
    Process one(&folder), two(&folder);
    one.Start();
    one.delivery->BeginSession(one.clock.Monotonic());
    CHECK(one.Track("sent"));
    Pass(minutes(1), {&one});
    one.delivery->Background([] {});
    one.Run();
    CHECK(one.Track("sent"));
    if (is_other_there) {
      two.Start();
      Pass(minutes(1), {&one, &two});
      REQUIRE(two.delivery->role() == Role::kOwner);
      two.Kill();
    }
    one.delivery->Foreground();
    Pass(minutes(1), {&one});
    REQUIRE(one.delivery->role() == Role::kOwner);
    CHECK(one.Did("sent") == 2);
    CHECK(DidInSession(one) == (is_other_there ? std::nullopt : std::optional<std::int64_t>(2)));
  }
}

}  // namespace
}  // namespace guidon::events::test
