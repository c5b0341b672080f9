// Consent per purpose, asked of a whole client: what it decides, shows, keeps and sends with which answers.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/faulty_storage.h"
#include "tests/unit/client/prompt_world.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr Flag<std::int64_t> kLevel{"level", 0};
constexpr Consents kAll = Consent::kGranted;

// An experiment on devices, and an int that is 2 for those who shared.
std::string Datafile() {
  std::string text = NotesDatafile(1);
  const std::string level = R"("flags":{"level":{"type":"int","default":1,
    "rules":[{"id":"done","when":{"op":">=","count":"shared","value":1},"serve":2}]},)";
  return text.replace(text.find(R"("flags":{"file-sharing")"), 9, level);
}

struct ConsentWorld : World {
  explicit ConsentWorld(Consents consents = kAll) {
    options.bundled_datafile = Datafile();
    options.datafile_url.clear();
    options.consent = consents;
  }
  void Start() {
    Open();
    Settle();
  }
  // A shared file, an experiment met, and time for what comes of it.
  void Use() {
    client().Track("shared");
    (void)client().Get(kComposer);
    Pass(seconds(1));
  }
  std::size_t RowsUnder(const std::string& prefix) {
    std::string to = prefix;
    to.back() = '0';
    std::size_t count = 0;
    storage->Open([](const auto&) {});
    storage->Read(prefix, to, std::size_t{16} << 20, [&](Result<std::vector<Row>> rows) {
      if (rows.ok()) count = rows->size();
    });
    return count;
  }
};

TEST_CASE("an answer for all is the answer for each, and each may have another") {
  CHECK(Consents(Consent::kDenied).Of(Purpose::kAnalytics) == Consent::kDenied);
  CHECK(kAll == Consent::kGranted);
  for (const Purpose purpose : {Purpose::kFunctional, Purpose::kAnalytics, Purpose::kPersonalization}) {
    for (const Consent all : {Consent::kUnknown, Consent::kGranted, Consent::kDenied}) {
      for (const Consent one : {Consent::kUnknown, Consent::kGranted, Consent::kDenied}) {
        const Consents consents = Consents(all).With(purpose, one);
        CHECK(consents.Of(purpose) == one);
        CHECK(consents.With(purpose, all) == all);
        for (const Purpose each : {Purpose::kFunctional, Purpose::kAnalytics, Purpose::kPersonalization}) {
          CHECK(consents.Of(each) == (each == purpose ? one : all));
          const bool allows =
              consents.Of(each) == Consent::kGranted && consents.Of(Purpose::kFunctional) == Consent::kGranted;
          CHECK(consents.Allows(each) == allows);
        }
      }
    }
  }
}

TEST_CASE("each purpose, each answer, said at the start or later: what is decided, kept and sent") {
  struct Row {
    std::string name;
    Consents consents;
    std::int64_t level;  // 2 where it is known that something was shared
    bool keeps_id;
    std::size_t outbox;  // rows, once all was told and the collector is away
    std::size_t behavior;
    std::size_t enrollments;
    std::size_t sent;  // what was used before and after, once the collector is back
  };
  const auto with = [](Purpose purpose, Consent consent) { return kAll.With(purpose, consent); };
  const Row rows[] = {
      {"all unknown", Consent::kUnknown, 1, true, 2, 1, 1, 0},
      {"all granted", Consent::kGranted, 2, true, 2, 1, 1, 3},
      {"all denied", Consent::kDenied, 1, false, 0, 0, 0, 0},
      {"functional denied", with(Purpose::kFunctional, Consent::kDenied), 1, false, 0, 0, 0, 0},
      {"analytics unknown", with(Purpose::kAnalytics, Consent::kUnknown), 2, true, 2, 1, 1, 0},
      {"analytics denied", with(Purpose::kAnalytics, Consent::kDenied), 2, true, 0, 1, 1, 0},
      {"personalization unknown", with(Purpose::kPersonalization, Consent::kUnknown), 1, true, 2, 1, 1, 3},
      {"personalization denied", with(Purpose::kPersonalization, Consent::kDenied), 1, true, 2, 0, 1, 3},
      {"functional alone", Consents(Consent::kDenied).With(Purpose::kFunctional, Consent::kGranted), 1, true, 0, 0, 1,
       0},
  };
  enum class How { kAtOnce, kOneByOne, kAtTheStart };
  for (const Row& row : rows) {
    for (const How how : {How::kAtOnce, How::kOneByOne, How::kAtTheStart}) {
      CAPTURE(row.name);
      CAPTURE(static_cast<int>(how));
      ConsentWorld world;
      world.is_online = false;
      world.Start();
      world.Use();
      CHECK(world.client().Get(kLevel) == 2);
      const std::string variant = world.client().Get(kComposer);
      if (how == How::kAtOnce) world.client().SetConsent(row.consents);
      if (how == How::kOneByOne) {
        for (const Purpose purpose : {Purpose::kPersonalization, Purpose::kAnalytics, Purpose::kFunctional}) {
          world.client().SetConsent(purpose, row.consents.Of(purpose));
        }
      }
      if (how == How::kAtTheStart) {
        world.options.consent = row.consents;
        world.Kill();
        world.Start();
      }
      CHECK(world.client().consent() == row.consents);
      CHECK(world.client().status().consent == row.consents);
      CHECK(world.client().Get(kLevel) == row.level);
      world.Settle();
      CHECK(world.client().Get(kLevel) == row.level);
      if (row.keeps_id) CHECK(world.client().Get(kComposer) == variant);
      world.Use();
      CHECK(world.client().Get(kLevel) == row.level);
      CHECK(world.files->Has("install-id") == row.keeps_id);
      CHECK((world.RowsUnder("o/") > 0) == (row.outbox > 0));
      CHECK((world.RowsUnder("h/") > 0) == (row.behavior > 0));
      CHECK((world.RowsUnder("y/") > 0) == (row.enrollments > 0));
      CHECK(world.client().status().purge.ok());
      world.is_online = true;
      world.Pass(minutes(15), seconds(30));
      CHECK(world.collected().size() == row.sent);
    }
  }
}

TEST_CASE("SetConsent with a deadline returns when what was denied is gone, or says why it is not") {
  struct Row {
    std::string name;
    std::optional<Purpose> purpose;
    std::vector<std::string> gone;
  };
  for (const Row& row :
       {Row{"analytics", Purpose::kAnalytics, {"o/", "s/"}}, Row{"personalization", Purpose::kPersonalization, {"h/"}},
        Row{"functional", Purpose::kFunctional, {"o/", "s/", "h/", "y/"}},
        Row{"all", std::nullopt, {"o/", "s/", "h/", "y/"}}}) {
    CAPTURE(row.name);
    ConsentWorld world;
    world.is_online = false;
    world.Start();
    world.Use();
    for (const std::string& prefix : row.gone) REQUIRE(world.RowsUnder(prefix) > 0);
    const auto say = [&](Duration deadline) {
      return row.purpose ? world.client().SetConsent(*row.purpose, Consent::kDenied, deadline)
                         : world.client().SetConsent(Consent::kDenied, deadline);
    };
    CHECK(say(seconds(5)).ok());
    for (const std::string& prefix : row.gone) CHECK(world.RowsUnder(prefix) == 0);
    CHECK(world.client().status().purge.ok());
    CHECK(world.client().SetConsent(Consent::kGranted, seconds(5)).ok());
    world.Use();
    world.Kill();
    const auto faulty = std::make_shared<FaultyStorage>(world.storage);
    world.storage = faulty;
    world.options.consent = kAll;
    world.Start();
    faulty->FailAll(Status(StatusCode::kOutOfSpace, "disk full"));
    CHECK(say(seconds(5)).code() == StatusCode::kOutOfSpace);
    CHECK(world.client().status().purge.code() == StatusCode::kOutOfSpace);
    faulty->FailAll(Status());
    world.Pass(minutes(20), seconds(30));
    CHECK(world.client().status().purge.ok());
    for (const std::string& prefix : row.gone) CHECK(world.RowsUnder(prefix) == 0);
  }
}

TEST_CASE("once analytics is granted exposures are due that made no event, and nothing told before is made up for") {
  ConsentWorld world(kAll.With(Purpose::kAnalytics, Consent::kDenied));
  world.Start();
  world.Use();
  world.Pass(minutes(1));
  CHECK(world.http->request_count() == 0);
  CHECK(world.client().status().ledger.accepted == 0);
  CHECK(world.client().TrackDurable("durable", {}, seconds(1)).code() == StatusCode::kPermissionDenied);
  world.client().SetConsent(Purpose::kAnalytics, Consent::kGranted);
  (void)world.client().Get(kComposer);
  world.Pass(minutes(1));
  CHECK(world.collected().size() == 1);
  CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
}

TEST_CASE("OnEvent tells of events, so of nothing without analytics") {
  ConsentWorld world(kAll.With(Purpose::kAnalytics, Consent::kUnknown));
  Client& client = world.Open();
  std::vector<std::string> seen;
  const Subscription subscription =
      client.OnEvent(nullptr, [&seen](const EventRecord& record) { seen.push_back(record.name); });
  world.Use();
  CHECK(seen.empty());
  client.SetConsent(Purpose::kAnalytics, Consent::kGranted);
  client.Track("told");
  world.Pass(seconds(1));
  CHECK(seen == std::vector<std::string>{"told"});
}

TEST_CASE("prompts need functional consent alone: they are shown within their caps, and nothing is reported") {
  PromptWorld world;
  world.client().SetConsent(Consents(Consent::kDenied).With(Purpose::kFunctional, Consent::kGranted));
  world.Settle();
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(minutes(1));
  world.Write();
  CHECK(world.host.presented.size() == 1);
  CHECK(world.client().ExplainPrompt("try-share").find("cap") != std::string::npos);
  world.options.consent = world.client().consent();
  world.Restart();
  world.Write();
  CHECK(world.host.presented.size() == 1);
  world.Pass(hours(24 * 8), hours(1));
  world.Write();
  CHECK(world.host.presented.size() == 2);
  world.Pass(minutes(1));
  CHECK(world.collected().empty());
  CHECK(world.client().status().ledger.accepted == 0);
}

TEST_CASE("what hangs on behavior is not shown without personalization, says so, and is taken down when it is denied") {
  CampaignSpec personal;
  personal.when = R"({"op":">=","count":"message_sent","window":"14d","value":1})";
  personal.caps = R"([{"count":9}])";
  PromptWorld world({personal});
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  SUBCASE("denied") { world.client().SetConsent(Purpose::kPersonalization, Consent::kDenied); }
  SUBCASE("not known any more") { world.client().SetConsent(Purpose::kPersonalization, Consent::kUnknown); }
  world.Settle();
  CHECK(world.host.retracted == std::vector<std::string>{world.host.presented[0].id});
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == std::vector<std::string>{"exposure", "impression", "dismissal host"});
  world.Write();
  CHECK(world.host.presented.size() == 1);
  CHECK(world.client().ExplainPromptJson("try-share").find(R"("why":"unknown")") != std::string::npos);
  world.client().SetConsent(Purpose::kPersonalization, Consent::kGranted);
  world.Write();
  CHECK(world.host.presented.size() == 2);
}

TEST_CASE("what does not hang on behavior stays on screen when personalization is denied") {
  PromptWorld world;
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.client().SetConsent(Purpose::kPersonalization, Consent::kDenied);
  world.Pass(seconds(5));
  CHECK(world.host.retracted.empty());
}

TEST_CASE("input 40: analytics alone withdrawn while a batch is in flight and a prompt is on screen") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":2}])";
  PromptWorld world({campaign}, {}, "d-1", "");
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  world.http->Push(ScriptedAnswer::Hanging());
  world.Pass(seconds(15));
  REQUIRE(world.http->under_way() == 1);
  CHECK(world.client().SetConsent(Purpose::kAnalytics, Consent::kDenied, seconds(5)).ok());
  world.Settle();
  CHECK(world.http->under_way() == 0);
  CHECK(world.client().status().ledger.pending == 0);
  CHECK(world.host.retracted.empty());
  world.host.lease->Action("b1");
  world.Pass(minutes(10), seconds(10));
  CHECK(world.collected().empty());
  // It is remembered what became of it.
  world.Write();
  REQUIRE(world.host.presented.size() == 2);
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(seconds(5));
  world.Write();
  CHECK(world.host.presented.size() == 2);
  CHECK(world.collected().empty());
}

TEST_CASE("personalization denied is denied to every identity, whoever comes next") {
  ConsentWorld world;
  world.options.context.Unit("account", "ann");
  world.Start();
  world.Use();
  world.client().Identify(Context().Unit("account", "bob"), Carry::kNothing);
  world.Use();
  CHECK(world.client().Get(kLevel) == 2);
  world.client().SetConsent(Purpose::kPersonalization, Consent::kDenied);
  world.client().Identify(Context().Unit("account", "cid"), Carry::kPrevious);
  world.Use();
  CHECK(world.RowsUnder("h/") == 0);
  world.client().SetConsent(Purpose::kPersonalization, Consent::kGranted);
  for (const char* account : {"ann", "bob", "cid"}) {
    CAPTURE(account);
    world.client().Identify(Context().Unit("account", account), Carry::kNothing);
    world.Pass(seconds(1));
    CHECK(world.client().Get(kLevel) == 1);
  }
}

TEST_CASE("given back before it is erased, what was denied is gone all the same") {
  ConsentWorld world;
  world.is_online = false;
  world.Start();
  world.Use();
  world.client().SetConsent(
      kAll.With(Purpose::kPersonalization, Consent::kDenied).With(Purpose::kAnalytics, Consent::kDenied));
  world.client().SetConsent(Consent::kGranted);
  CHECK(world.client().Get(kLevel) == 1);
  (void)world.client().Get(kComposer);  // before it was erased, so it may go with it
  world.Settle();
  CHECK(world.client().Get(kLevel) == 1);
  (void)world.client().Get(kComposer);
  world.is_online = true;
  world.Pass(minutes(15), seconds(30));
  CHECK(world.CollectedOf("guidon.event").empty());
  CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
}

TEST_CASE("Erase erases all, whatever is granted") {
  ConsentWorld world(kAll.With(Purpose::kAnalytics, Consent::kUnknown));
  world.Start();
  world.Use();
  CHECK(world.client().Erase(seconds(5)).ok());
  for (const char* prefix : {"o/", "s/", "h/", "y/"}) CHECK(world.RowsUnder(prefix) == 0);
  CHECK(world.client().Get(kLevel) == 1);
  CHECK(world.client().consent() == kAll.With(Purpose::kAnalytics, Consent::kUnknown));
}

}  // namespace
}  // namespace guidon::test
