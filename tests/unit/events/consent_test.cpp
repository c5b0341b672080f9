// Consent per purpose: what is kept, sent and forgotten with which answers, in the store, in memory and in journals,
// and whatever fails on the way.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "sdk/events/event.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::FaultyStorage;
using guidon::test::MemoryJournal;
using guidon::test::ScriptedAnswer;
using prompts::What;

constexpr Consents kAll = Consent::kGranted;
constexpr Consents kNoAnalytics = kAll.With(Purpose::kAnalytics, Consent::kDenied);
constexpr Consents kNoPersonalization = kAll.With(Purpose::kPersonalization, Consent::kDenied);

// A store and a journal that outlive the process, and a collector that can be away.
class ConsentWorld : public World {
 public:
  ConsentWorld() {
    ports.journal = journal;
    answer = [this](const HttpRequest& request) {
      return is_online ? collector.Take(request) : ScriptedAnswer::Failed();
    };
  }
  // As the client says it: what is denied is purged.
  void Say(Consents consents) {
    delivery->SetConsent(consents);
    const Purposes denied{consents.Of(Purpose::kAnalytics) == Consent::kDenied,
                          consents.Of(Purpose::kPersonalization) == Consent::kDenied};
    if (denied.any()) delivery->Purge(denied, [this](const Status& status) { purged.push_back(status.code()); });
  }
  void Begin(Consents consents) {
    World::Begin(Consent::kUnknown);
    delivery->SetHeard([this](const EventRecord& record) { heard.push_back(record.name); });
    Say(consents);
  }
  void Restart(Consents consents) {
    Kill();
    storage->Restart();
    Begin(consents);
  }
  // One of each kind, told by names of their own.
  void TellAll(const std::string& when) {
    Track("did", 1);
    Fact fact = MakeFact(EventKind::kTracked, "told-" + when);
    fact.properties = {{"text", "secret-" + when}};
    delivery->Append(std::move(fact));
    Expose("experiment-" + when);
    Prompt(What::kExposure, "showing-" + when);
  }
  std::set<std::string> Sent() {
    std::set<std::string> names;
    for (auto& entry : collector.events) {
      for (const char* name : {"guidon.event.name", "feature_flag.key", "guidon.prompt.id"}) {
        if (entry.second.count(name) != 0) names.insert(entry.second[name]);
      }
    }
    return names;
  }
  std::size_t SentOf(const std::string& when) {
    std::size_t count = 0;
    for (auto& entry : collector.events) {
      for (const auto& member : entry.second) count += member.second.find(when) != std::string::npos ? 1u : 0u;
    }
    return count;
  }
  bool IsEnrolled(const std::string& experiment) const {
    return remembered.enrollments != nullptr &&
           remembered.enrollments->Find("device", settings.install_id, experiment) != nullptr;
  }
  std::vector<Row> Rows(const std::string& prefix) const {
    std::string to = prefix;
    to.back() = '0';
    std::vector<Row> rows;
    storage->Read(prefix, to, SIZE_MAX / 2, [&rows](Result<std::vector<Row>> read) { rows = *std::move(read); });
    return rows;
  }
  bool StoreHolds(const std::string& text) const {
    for (const Row& row : Rows("\x01/")) CHECK(row.key.empty());
    for (const char* prefix : {"b/", "c/", "d/", "h/", "m/", "o/", "q/", "s/", "y/"}) {
      for (const Row& row : Rows(prefix)) {
        if ((row.key + row.value).find(text) != std::string::npos) return true;
      }
    }
    return false;
  }

  bool is_online = true;
  std::vector<std::string> heard;
  std::vector<StatusCode> purged;  // what each purge ended with
  std::shared_ptr<MemoryJournal> journal = std::make_shared<MemoryJournal>();
};

TEST_CASE("each purpose, each answer: what was kept before, what is kept after, what is sent") {
  struct Row {
    std::string name;
    Purpose purpose;
    Consent consent;
    std::uint64_t did;           // as behavior, of one before and one after
    bool has_before, has_after;  // enrollments and showings
    bool sends_before, sends_after;
    std::uint64_t pending;
    std::uint64_t lost;
  };
  const Row rows[] = {
      {"functional unknown", Purpose::kFunctional, Consent::kUnknown, 0, false, false, false, false, 4, 0},
      {"functional granted", Purpose::kFunctional, Consent::kGranted, 2, true, true, true, true, 0, 0},
      {"analytics unknown", Purpose::kAnalytics, Consent::kUnknown, 2, true, true, false, false, 4, 0},
      {"analytics granted", Purpose::kAnalytics, Consent::kGranted, 2, true, true, true, true, 0, 0},
      {"analytics denied", Purpose::kAnalytics, Consent::kDenied, 2, true, true, false, false, 0, 4},
      {"personalization unknown", Purpose::kPersonalization, Consent::kUnknown, 1, true, true, true, true, 0, 0},
      {"personalization granted", Purpose::kPersonalization, Consent::kGranted, 2, true, true, true, true, 0, 0},
      {"personalization denied", Purpose::kPersonalization, Consent::kDenied, 0, true, true, true, true, 0, 0},
  };
  for (const Row& row : rows) {
    for (const bool is_restarted : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(is_restarted);
      ConsentWorld world;
      world.is_online = false;
      world.Begin(kAll);
      world.TellAll("before");
      world.Commit();
      const Consents consents = kAll.With(row.purpose, row.consent);
      if (is_restarted) {
        world.Restart(consents);
      } else {
        world.Say(consents);
      }
      world.Run();
      world.TellAll("after");
      world.Commit();
      world.is_online = true;
      world.RunFor(std::chrono::hours(1));
      CHECK(world.Did("did") == row.did);
      CHECK(world.IsEnrolled("experiment-before") == row.has_before);
      CHECK(world.IsEnrolled("experiment-after") == row.has_after);
      CHECK((world.Shown()->Find("showing-after") != nullptr) == row.has_after);
      CHECK((world.SentOf("before") > 0) == row.sends_before);
      CHECK((world.SentOf("after") > 0) == row.sends_after);
      // Without functional consent the next process does not look.
      const bool is_read = consents.Allows(Purpose::kFunctional) || !is_restarted;
      CHECK(world.delivery->ledger().pending == (is_read ? row.pending : 0));
      CHECK(world.Lost("consent_withdrawn") == row.lost);
      CHECK(world.Refused("no_consent") == (row.sends_after ? 0 : 4));
      CHECK(world.Balances());
      CHECK(world.delivery->purge_status().ok());
      for (const StatusCode code : world.purged) CHECK(code == StatusCode::kOk);
      // Given again, nothing of what was denied comes back; what was only not known does, and nothing is made up for.
      world.Say(kAll);
      world.RunFor(std::chrono::hours(1));
      CHECK((world.SentOf("before") > 0) == (row.sends_before || row.pending > 0));
      CHECK((world.SentOf("after") > 0) == row.sends_after);
    }
  }
}

TEST_CASE("what is told without analytics is in no row and no journal but as far as it is remembered") {
  ConsentWorld world;
  world.Begin(kNoAnalytics);
  world.Run();
  world.TellAll("x");
  CHECK(world.journal->Holds("did"));
  CHECK(world.journal->Holds("experiment-x"));
  CHECK_FALSE(world.journal->Holds("secret"));
  CHECK_FALSE(world.journal->Holds("session-1"));
  Fact trigger = world.MakeFact(EventKind::kTracked, "trigger");
  trigger.properties = {{"text", "secret"}};
  trigger.is_urgent = trigger.is_trigger = true;
  CHECK(world.delivery->Append(std::move(trigger)));
  CHECK_FALSE(world.journal->Holds("trigger"));
  CHECK(world.delivery->ledger().accepted == 0);
  world.Commit();
  CHECK(world.Did("did") == 1);
  CHECK(world.Did("trigger") == 1);
  CHECK(world.heard == std::vector<std::string>{"did", "told-x", "trigger"});
  CHECK(world.accepted.empty());
  CHECK_FALSE(world.StoreHolds("secret"));
  CHECK(world.Rows("o/").empty());
  CHECK(world.Rows("s/").empty());

  // With neither there is no use for what triggers nothing; what does is heard, and leaves nothing.
  world.Say(kNoAnalytics.With(Purpose::kPersonalization, Consent::kDenied));
  world.Run();
  CHECK_FALSE(world.Track("useless"));
  Fact alone = world.MakeFact(EventKind::kTracked, "alone");
  alone.is_urgent = alone.is_trigger = true;
  CHECK(world.delivery->Append(std::move(alone)));
  CHECK_FALSE(world.journal->Holds("alone"));
  world.Commit();
  CHECK(world.heard.back() == "alone");
  CHECK_FALSE(world.StoreHolds("alone"));
}

TEST_CASE("what the journal holds when a purpose is withdrawn is applied without it, and its bytes are gone") {
  struct Row {
    std::string name;
    Consents consents;
    bool is_killed;  // right after it was told; the next process is told the same
    std::size_t sent;
    std::uint64_t did;
  };
  for (const Row& row :
       {Row{"analytics", kNoAnalytics, false, 0, 1}, Row{"analytics, killed", kNoAnalytics, true, 0, 1},
        Row{"personalization", kNoPersonalization, false, 1, 0},
        Row{"personalization, killed", kNoPersonalization, true, 1, 0}}) {
    for (const bool is_store_down : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(is_store_down);
      ConsentWorld world;
      world.Begin(kAll);
      world.Run();
      world.Track("did");
      world.Expose("experiment");
      CHECK(world.journal->Holds("did"));
      if (is_store_down) world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
      world.Say(row.consents);
      if (row.is_killed) {
        world.Kill();
        world.storage->Restart();
        if (is_store_down) world.storage->FailAll(Status());
        world.Begin(row.consents);
      }
      world.RunFor(std::chrono::seconds(1));
      if (is_store_down && !row.is_killed) {
        CHECK_FALSE(world.delivery->purge_status().ok());
        CHECK_FALSE(world.journal->Holds("did"));
        world.storage->FailAll(Status());
      }
      world.RunFor(std::chrono::hours(1));
      CHECK(world.delivery->purge_status().ok());
      CHECK(world.SentOf("did") == row.sent);
      CHECK(world.Did("did") == row.did);
      CHECK(world.IsEnrolled("experiment"));
      CHECK_FALSE(world.journal->Holds("did"));
      CHECK(world.Balances());
      CHECK(world.delivery->ledger().pending == 0);
      CHECK(world.delivery->journal_status().ok());
      world.Track("later");
      CHECK(world.journal->Holds("later"));
    }
  }
}

TEST_CASE("withdrawn and given again at once: what was told before is not sent, what is told after it is done is") {
  for (const bool is_committed : {true, false}) {
    CAPTURE(is_committed);
    ConsentWorld world;
    world.Begin(kAll);
    world.Run();
    world.Track("before");
    if (is_committed) world.lanes->RunFor(std::chrono::milliseconds(150));
    world.Say(kNoAnalytics.With(Purpose::kPersonalization, Consent::kDenied));
    world.delivery->SetConsent(kAll);
    world.RunFor(std::chrono::seconds(1));
    CHECK(world.purged == std::vector<StatusCode>{StatusCode::kOk});
    world.Track("after");
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.Sent() == std::set<std::string>{"after"});
    CHECK(world.Did("before") == 0);
    CHECK(world.Did("after") == 1);
    CHECK(world.Balances());
  }
}

TEST_CASE("analytics withdrawn while a batch is in flight: it is cancelled, and its answer means nothing") {
  ConsentWorld world;
  world.Begin(kAll);
  world.Run();
  world.TellAll("before");
  world.Commit();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Hanging(); };
  world.delivery->Deliver(nullptr);
  world.Run();
  REQUIRE(world.http->under_way() == 1);
  world.Say(kNoAnalytics);
  world.Run();
  CHECK(world.http->under_way() == 0);
  CHECK(world.Rows("o/").empty());
  CHECK(world.Rows("b/").empty());
  CHECK(world.Rows("s/").empty());
  CHECK(world.Lost("consent_withdrawn") == 4);
  CHECK(world.delivery->ledger().delivered == 0);
  world.answer = nullptr;
  world.RunFor(std::chrono::hours(1));
  CHECK(world.http->request_count() == 1);
  // Nor is it told later how many there were.
  world.Say(kAll);
  world.Track("after");
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 1);
  CHECK(world.Balances());
}

TEST_CASE("who waits for an event to be durable learns that it is none without analytics, and none any more") {
  ConsentWorld world;
  world.Begin(kAll);
  world.Run();
  std::vector<StatusCode> codes;
  const auto tell = [&] {
    world.delivery->AppendDurable(world.MakeFact(EventKind::kTracked, "did"),
                                  [&codes](const Status& status) { codes.push_back(status.code()); });
  };
  tell();
  world.Say(kNoAnalytics);
  world.Run();
  tell();
  world.Commit();
  CHECK(codes == std::vector<StatusCode>{StatusCode::kUnavailable, StatusCode::kPermissionDenied});
  CHECK(world.Did("did") == 2);
}

TEST_CASE("while the store is down memory is purged at once, and the store before it is used again") {
  for (const Consents consents : {kNoAnalytics, kNoPersonalization}) {
    const bool is_analytics = consents == kNoAnalytics;
    CAPTURE(is_analytics);
    ConsentWorld world;
    world.is_online = false;
    world.Begin(kAll);
    world.Track("did");
    world.Commit();
    world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
    world.Track("did");
    world.Commit();
    CHECK(world.Did("did") == 2);
    world.Say(consents);
    world.RunFor(std::chrono::seconds(1));
    REQUIRE(world.purged.size() == 1);
    CHECK(world.purged[0] == StatusCode::kUnavailable);
    CHECK(world.delivery->purge_status().code() == StatusCode::kUnavailable);
    CHECK(world.Did("did") == (is_analytics ? 2 : 0));
    world.is_online = true;
    world.RunFor(std::chrono::minutes(1));
    CHECK((world.SentOf("did") > 0) == !is_analytics);
    world.storage->FailAll(Status());
    world.RunFor(std::chrono::hours(1));
    CHECK(world.delivery->purge_status().ok());
    CHECK(world.Did("did") == (is_analytics ? 2 : 0));
    CHECK(world.SentOf("did") == (is_analytics ? 0 : 2));
    CHECK(world.Rows(is_analytics ? "o/" : "h/").empty());
    CHECK(world.Balances());
  }
}

TEST_CASE("without a storage what is in memory is purged") {
  ConsentWorld world;
  world.ports.storage.reset();
  world.is_online = false;
  world.Begin(kAll);
  world.TellAll("before");
  world.Commit();
  CHECK(world.delivery->ledger().pending == 4);
  world.Say(Consents(Consent::kDenied).With(Purpose::kFunctional, Consent::kGranted));
  world.Run();
  CHECK(world.purged == std::vector<StatusCode>{StatusCode::kOk});
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.Did("did") == 0);
  CHECK(world.IsEnrolled("experiment-before"));
  world.is_online = true;
  world.RunFor(std::chrono::hours(1));
  CHECK(world.Sent().empty());
}

// Every call to the store fails once, or is the last one of a process; then the next is told the same.
TEST_CASE("whatever fails while a purpose is withdrawn, it is erased in the end, and nothing of it is used before") {
  const Consents denied = Consents(Consent::kDenied).With(Purpose::kFunctional, Consent::kGranted);
  const auto story = [denied](ConsentWorld* world) {
    world->Begin(kAll);
    world->TellAll("before");
    world->Identify("ann", Carry::kNothing);
    world->TellAll("before");
    world->Commit();
    world->Track("did");
    world->Say(denied);
    world->Run();
    world->TellAll("after");
    world->Commit();
  };
  ConsentWorld whole;
  whole.is_online = false;
  story(&whole);
  const std::size_t calls = whole.storage->calls();
  REQUIRE(calls > 10);
  for (std::size_t n = 1; n <= calls; ++n) {
    for (const int how : {0, 1, 2}) {
      CAPTURE(n);
      CAPTURE(how);
      ConsentWorld world;
      world.is_online = false;
      if (how == 0) world.storage->FailCall(n, Status(StatusCode::kInternal, "once"));
      if (how == 1) world.storage->CrashAt(n, FaultyStorage::Crash::kBefore);
      if (how == 2) world.storage->CrashAt(n, FaultyStorage::Crash::kAfter);
      story(&world);
      if (how != 0) world.Restart(denied);
      world.is_online = true;
      world.RunFor(std::chrono::hours(1));
      CHECK(world.Sent().empty());
      CHECK(world.delivery->purge_status().ok());
      CHECK(world.Rows("o/").empty());
      CHECK(world.Rows("h/").empty());
      CHECK(world.Did("did") == 0);
      CHECK(world.Did("did", "ann") == 0);
      // A journal that must not keep it is emptied also while no store takes the rest.
      if (how == 0) CHECK(world.IsEnrolled("experiment-before"));
      CHECK(world.Balances());
      CHECK(world.delivery->ledger().pending == 0);
    }
  }
}

TEST_CASE("a purpose that is denied at every start costs one purge, until there is something again") {
  ConsentWorld world;
  world.is_online = false;
  const Consents denied = Consents(Consent::kDenied).With(Purpose::kFunctional, Consent::kGranted);
  const auto commits_of_start = [&](Consents consents) {
    world.Restart(consents);
    const std::size_t before = world.storage->commits();
    world.RunFor(std::chrono::seconds(1));
    const std::size_t commits = world.storage->commits() - before;
    CHECK(world.delivery->purge_status().ok());
    return commits;
  };
  world.Begin(kAll);
  CHECK(commits_of_start(denied) > 0);
  CHECK(commits_of_start(denied) == 0);
  world.Restart(kAll);
  world.TellAll("before");
  world.Commit();
  CHECK(commits_of_start(denied) > 0);
  CHECK(world.Rows("o/").empty());
  CHECK(world.Rows("h/").empty());
  CHECK(commits_of_start(denied) == 0);
}

TEST_CASE("what is denied is erased also where nothing may be kept, and what dead processes left with it") {
  ConsentWorld world;
  world.is_online = false;
  world.Begin(kAll);
  world.TellAll("before");
  world.Commit();
  world.Track("in-the-journal");
  world.Restart(kNoAnalytics.With(Purpose::kFunctional, Consent::kUnknown));
  world.RunFor(std::chrono::seconds(1));
  CHECK(world.purged == std::vector<StatusCode>{StatusCode::kOk});
  CHECK(world.Rows("o/").empty());
  CHECK_FALSE(world.Rows("h/").empty());
  CHECK_FALSE(world.journal->Holds("in-the-journal"));
  world.is_online = true;
  world.Say(kAll);
  world.RunFor(std::chrono::hours(1));
  CHECK(world.Sent().empty());
  CHECK(world.IsEnrolled("experiment-before"));
}

TEST_CASE("the journal says what a fact is not to be used for, and records without that are as they were") {
  World world;
  Fact fact = world.MakeFact(EventKind::kTracked, "a");
  const std::string plain = EncodeFact(fact);
  CHECK(plain[0] == 1);
  struct Row {
    bool is_reported, is_counted;
    std::string begins;
  };
  for (const Row& row : {Row{false, true, std::string("\x03\x01", 2)}, Row{true, false, std::string("\x03\x02", 2)},
                         Row{false, false, std::string("\x03\x03", 2)}}) {
    fact.is_reported = row.is_reported;
    fact.is_counted = row.is_counted;
    const std::string bytes = EncodeFact(fact);
    CHECK(bytes == row.begins + plain.substr(1));
    CHECK(IsEncodedEvent(bytes) == row.is_reported);
    const std::optional<Fact> read = DecodeFact(bytes);
    REQUIRE(read);
    CHECK(read->is_reported == row.is_reported);
    CHECK(read->is_counted == row.is_counted);
    CHECK(EncodeFact(*read) == bytes);
  }
  for (const char bits : {'\0', '\4'}) CHECK_FALSE(DecodeFact("\x03" + std::string(1, bits) + plain.substr(1)));
}

}  // namespace
}  // namespace guidon::events::test
