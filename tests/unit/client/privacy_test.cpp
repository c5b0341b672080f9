// What leaves the device and what does not, looked for in the bytes that were sent.

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/limits.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr char kUnitKey[] = "0123456789abcdef";
constexpr char kHashedAccount[] = "374ed64a75356b36367acdfe4765cc3a7d8ccaf93d1c2c9eb012bc83d16e2c44";  // of u-42

// Lists "plan" and "salary". Rules ask for "salary" and "email".
std::string Datafile() {
  CampaignSpec campaign;
  campaign.unit = "account";
  campaign.when = R"({"op":"in","attribute":"salary","values":["secret-salary"]})";
  return DatafileText(1, R"("event_attributes":["plan","salary"],
    "layers":{"default":{"unit":"account","salt":"default.1"}},
    "experiments":{"attach-button":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],
      "salt":"attach-button.1","variants":{"control":{"slots":[[0,500000]],"flags":{"composer":"icon"}},
      "labelled":{"slots":[[500000,1000000]],"flags":{"composer":"icon-and-text"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[
      {"id":"r0","when":{"op":"and","of":[{"op":"==","attribute":"salary","value":"x"},
        {"op":"==","attribute":"email","value":"y"}]},"serve":"icon"},
      {"id":"r1","experiment":"attach-button"}]}},
    "campaigns":{)" + campaign.Text() +
                             "}");
}

struct PrivacyWorld : World {
  PrivacyWorld() {
    options.bundled_datafile = Datafile();
    options.datafile_url.clear();
    options.private_attributes = {"salary"};
    options.context.Unit("account", "u-42")
        .Set("plan", "pro-plan")
        .Set("salary", "secret-salary")
        .Set("email", "unlisted@example");
  }
  void Start() {
    Open();
    client().SetPromptHost(&host);
    Settle();
  }
  // One of each kind that there is.
  void TellAll() {
    (void)client().Get(kComposer);
    client().Track("message_sent", {{"chars", 1812}});
    client().Track("", {});  // refused, so there is a loss to report
    Pass(Duration(200), Duration(100));
    REQUIRE(host.presented.size() == 1);
    host.lease->Presented();
    host.lease->Dismissed(DismissCause::kHost);
    Pass(minutes(2));
    for (const char* event : {"feature_flag.evaluation", "guidon.event", "guidon.prompt", "guidon.loss_report"}) {
      CAPTURE(event);
      REQUIRE_FALSE(CollectedOf(event).empty());
    }
  }
  std::string Sent() const {
    std::string all;
    for (const HttpRequest& request : http->requests()) {
      all += request.url;
      for (const auto& [name, value] : request.headers) all += name + ":" + value + "\n";
      all += request.body;
    }
    return all;
  }
  bool HasSent(std::string_view text) const { return Sent().find(text) != std::string::npos; }

  TestHost host;
};

TEST_CASE("attributes leave where the datafile lists them, with every kind of event, and private ones never") {
  PrivacyWorld world;
  world.Start();
  world.TellAll();
  const std::string explained = world.client().Explain("composer") + world.client().ExplainJson("composer") +
                                world.client().ExplainPrompt("try-share") +
                                world.client().ExplainPromptJson("try-share");
  world.Pass(minutes(5));
  for (const char* event : {"feature_flag.evaluation", "guidon.event", "guidon.prompt"}) {
    for (const Received& received : world.CollectedOf(event)) {
      CAPTURE(event);
      CHECK(received.attributes.at("guidon.context.plan") == "pro-plan");
      CHECK(received.attributes.count("guidon.context.salary") == 0);
      CHECK(received.attributes.count("guidon.context.email") == 0);
    }
  }
  CHECK_FALSE(world.HasSent("secret-salary"));
  CHECK_FALSE(world.HasSent("unlisted@example"));
  // Explanations stay here. They name what is not private, and of what is private no more than that.
  CHECK(explained.find("unlisted@example") != std::string::npos);
  CHECK(explained.find("salary is private") != std::string::npos);
  CHECK(explained.find(R"("is_private":true)") != std::string::npos);
  CHECK(explained.find(R"("seen":"secret-salary")") == std::string::npos);
  CHECK(explained.find("is 'secret-salary'") == std::string::npos);
}

TEST_CASE("a private attribute that is shared again leaves again, so the test above can fail") {
  PrivacyWorld world;
  world.options.private_attributes.clear();
  world.Start();
  world.TellAll();
  CHECK(world.HasSent("secret-salary"));
  CHECK(world.client().Explain("composer").find("salary is 'secret-salary'") != std::string::npos);
}

TEST_CASE("with a unit key no plain unit id leaves, people are told apart as before, and decisions are the same") {
  PrivacyWorld plain;
  plain.Start();
  PrivacyWorld world;
  world.options.unit_key = kUnitKey;
  world.Start();
  CHECK(world.client().Get(kComposer) == plain.client().Get(kComposer));
  world.TellAll();
  REQUIRE(world.client().RequestDeletion(seconds(5)).ok());
  world.Pass(minutes(1));
  CHECK_FALSE(world.CollectedOf("guidon.deletion_request").empty());
  for (const auto& [id, received] : world.collected()) {
    CAPTURE(received.event);
    if (received.event == "guidon.loss_report") continue;
    CHECK(received.attributes.at("guidon.unit.account") == kHashedAccount);
    CHECK(received.attributes.at("guidon.unit.device").size() == 64);
    if (received.event == "feature_flag.evaluation" || received.event == "guidon.prompt") {
      CHECK(received.attributes.at("feature_flag.context.id") == kHashedAccount);
    }
  }
  CHECK_FALSE(world.HasSent("u-42"));
  CHECK(world.HasSent(R"("guidon.unit_form","value":{"stringValue":"hmac-sha256"})"));
}

TEST_CASE("the installation's id is hashed as the device unit is") {
  PrivacyWorld world;
  world.options.unit_key = kUnitKey;
  world.Start();
  const std::string install_id = world.client().status().install_id;
  world.client().Track("e");
  world.Pass(minutes(1));
  const std::string device = world.CollectedOf("guidon.event").at(0).attributes.at("guidon.unit.device");
  CHECK(world.HasSent(R"("app.installation.id","value":{"stringValue":")" + device));
  CHECK_FALSE(world.HasSent(install_id));
}

TEST_CASE("with a unit key that is too short nothing is sent, and the status says why") {
  PrivacyWorld world;
  world.options.unit_key = "short";
  world.Start();
  world.client().Track("e");
  world.Pass(hours(1), minutes(1));
  CHECK(world.http->request_count() == 0);
  CHECK(world.client().status().sender.code() == StatusCode::kInvalidArgument);
  CHECK(world.client().status().ledger.pending == 1);
  CHECK(world.client().RequestDeletion(seconds(5)).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("a deletion request outlives erasure, withdrawal and restarts, is sent once, and is all that is sent") {
  PrivacyWorld world;
  world.Start();
  world.client().Track("e");
  world.Pass(minutes(1));
  const std::string install_id = world.client().status().install_id;
  const std::size_t before = world.collected().size();
  world.is_online = false;
  world.client().Track("unsent");
  REQUIRE(world.client().RequestDeletion(seconds(5)).ok());
  world.client().SetConsent(Consent::kDenied);
  CHECK(world.client().status().deletion_requests == 1);
  world.Pass(minutes(5));
  world.options.consent = Consent::kDenied;
  world.Kill();
  world.is_online = true;
  world.Start();
  world.client().Track("denied");
  world.Pass(minutes(10));
  CHECK(world.collected().size() == before + 1);
  const std::vector<Received> requests = world.CollectedOf("guidon.deletion_request");
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].attributes.at("guidon.unit.account") == "u-42");
  CHECK(requests[0].attributes.at("guidon.unit.device") == install_id);
  CHECK(world.HasSent(R"("app.installation.id","value":{"stringValue":")" + install_id));
  CHECK(requests[0].attributes.count("guidon.context.plan") == 0);
  CHECK(requests[0].attributes.count("session.id") == 0);
  CHECK(world.client().status().deletion_requests == 0);
  CHECK_FALSE(world.files->Has("deletion-requests"));
  const std::size_t sent = world.http->request_count();
  world.Pass(hours(2), minutes(1));
  CHECK(world.http->request_count() == sent);
}

TEST_CASE("deletion is asked for only where consent was given, and where there is a collector") {
  struct Case {
    Consent consent;
    bool was_granted;
    bool has_collector;
    StatusCode code;
  };
  for (const Case& each :
       {Case{Consent::kUnknown, false, true, StatusCode::kNotFound},
        Case{Consent::kDenied, false, true, StatusCode::kNotFound},
        Case{Consent::kUnknown, true, true, StatusCode::kOk}, Case{Consent::kDenied, true, true, StatusCode::kNotFound},
        Case{Consent::kGranted, true, false, StatusCode::kUnsupported}}) {
    CAPTURE(static_cast<int>(each.consent));
    CAPTURE(each.was_granted);
    PrivacyWorld world;
    if (!each.has_collector) world.options.collector_url.clear();
    world.Start();
    if (each.was_granted) world.Pass(seconds(1));
    if (!each.was_granted) {
      world.Kill();
      world.files = std::make_shared<MemoryFiles>();
    }
    world.options.consent = each.consent;
    world.Start();
    world.Settle();
    CHECK(world.client().RequestDeletion(seconds(5)).code() == each.code);
    world.Pass(minutes(1));
    CHECK(world.CollectedOf("guidon.deletion_request").size() == (each.code == StatusCode::kOk ? 1 : 0));
  }
}

TEST_CASE("a request that cannot be kept is not made, and nothing is erased") {
  PrivacyWorld world;
  world.is_online = false;
  world.Start();
  world.client().Track("e");
  world.Pass(seconds(2));
  world.files->FailReplaces(Status(StatusCode::kOutOfSpace, "full"));
  CHECK(world.client().RequestDeletion(seconds(5)).code() == StatusCode::kOutOfSpace);
  CHECK(world.client().status().ledger.pending == 1);
  CHECK(world.client().status().deletion_requests == 0);
}

TEST_CASE("input 39: what an app tells that is no number, endless, markup, a formula or too much is bounded") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.options.context.Set("plan", std::string(10u << 20, 'x'));
  Client& client = world.Open();
  world.Settle();
  client.Track("nan", std::numeric_limits<double>::quiet_NaN());
  client.Track("inf", std::numeric_limits<double>::infinity());
  client.Track("huge", {{"text", std::string(10u << 20, 'x')}, {"nan", std::numeric_limits<double>::quiet_NaN()}});
  client.Track("</script><script>alert(1)</script>", {{"=HYPERLINK(\"http://evil.example\")", "=1+1"}});
  world.clock->SetWall(TimestampFromMs(0));
  client.Track("in 1970");
  world.clock->SetWall(TimestampFromMs(4'000'000'000'000));
  client.Track("in 2096");
  world.Pass(minutes(1));
  std::vector<std::string> names;
  for (const Received& received : world.CollectedOf("guidon.event")) {
    names.push_back(received.attributes.at("guidon.event.name"));
    CHECK(received.attributes.count("guidon.property.text") == 0);
    CHECK(received.attributes.count("guidon.property.nan") == 0);
    CHECK(received.attributes.count("guidon.context.plan") == 0);
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"</script><script>alert(1)</script>", "huge", "in 1970", "in 2096"});

  constexpr std::uint64_t kMore = 2'000;
  for (std::uint64_t i = 0; i < limits::kInboxFacts + kMore; ++i) client.Track("flood");
  world.Settle();
  const Ledger ledger = client.status().ledger;
  std::uint64_t refused = 0;
  for (const Ledger::Loss& loss : ledger.refused) refused += loss.cause == "inbox_full" ? loss.count : 0;
  CHECK(refused == kMore);
  world.Pass(minutes(1));
  std::uint64_t floods = 0;
  for (const Received& received : world.CollectedOf("guidon.event")) {
    floods += received.attributes.at("guidon.event.name") == "flood" ? 1u : 0u;
  }
  CHECK(floods == limits::kInboxFacts);
}

TEST_CASE("input 40: consent withdrawn while a batch is in flight and a prompt is on screen") {
  PrivacyWorld world;
  world.Start();
  world.client().Track("message_sent", {{"chars", 1812}});
  world.Pass(Duration(200), Duration(100));
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  PromptLease lease = std::move(*world.host.lease);
  world.http->Push(ScriptedAnswer::Hanging());
  world.Pass(seconds(15));
  REQUIRE(world.http->under_way() == 1);

  world.client().SetConsent(Consent::kDenied);
  world.Settle();
  CHECK(world.http->under_way() == 0);
  CHECK(world.host.retracted == std::vector<std::string>{world.host.presented[0].id});
  CHECK(world.client().Erase(seconds(5)).ok());
  lease.Action("b1");
  world.client().Track("late");
  (void)world.client().Get(kComposer);
  const std::size_t requests = world.http->request_count();
  world.Pass(hours(1), minutes(1));
  CHECK(world.http->request_count() == requests);
  CHECK(world.collected().empty());
  CHECK_FALSE(world.files->Has("install-id"));
  std::vector<Row> rows;
  world.storage->Open([](const auto&) {});
  world.storage->Read("", std::string(8, '\xFF'), std::size_t{1} << 20, [&](Result<std::vector<Row>> read) {
    if (read.ok()) rows = *std::move(read);
  });
  for (const Row& row : rows) {
    CAPTURE(row.key);
    CHECK(row.value.find("message_sent") == std::string::npos);
  }
}

}  // namespace
}  // namespace guidon::test
