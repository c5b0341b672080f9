// QA tokens: what a release key's datafile lets nobody do without one, and what one permits.
#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/base64.h"
#include "tests/unit/client/qa_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Source = Override::Source;

constexpr Flag<std::int64_t> kChunk{"chunk-kb", 7};
constexpr Flag<bool> kSecret{"secret", false};
constexpr Flag<bool> kNew{"new-thing", false};

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Override PanelFlag(const std::string& key, Value value) {
  Override what;
  what.key = key;
  what.value = std::move(value);
  what.source = Source::kPanel;
  return what;
}

Override Kept(const std::string& experiment, const std::string& variant, Timestamp until) {
  Override what;
  what.kind = Override::Kind::kExperiment;
  what.key = experiment;
  what.variant = variant;
  what.until = until;
  return what;
}

std::string NaturalComposer(QaWorld* world) {
  const Decision decision = world->client().Decide("composer", Value(std::string("?")));
  return std::string(decision.AsText().value_or("?"));
}

// The variant that nature did not choose.
std::string OtherVariant(QaWorld* world) { return NaturalComposer(world) == "icon" ? "labelled" : "control"; }

}  // namespace

TEST_CASE("without a token a release key's datafile lets no means force anything, and each says what it takes") {
  QaWorld world;
  const std::string natural = NaturalComposer(&world);
  const std::string device = world.client().overrides().DeviceCode();
  CHECK(device.size() == 22);
  CHECK_FALSE(Has(device, world.client().status().install_id));
  world.texts->environment =
      "experiment:attach-button=" + OtherVariant(&world) + "; flag:new-thing=true; prompt:try-file-share";
  world.texts->WriteFile(R"({"flags":{"chunk-kb":5}})");
  world.Open();
  Overrides& qa = world.client().overrides();
  const Status refusals[] = {
      qa.ForceFlag("chunk-kb", Value(std::int64_t{5})),
      qa.Force(PanelFlag("chunk-kb", Value(std::int64_t{5}))),
      qa.ForceFlag("new-thing", Value(true)),
      qa.ForceExperiment("attach-button", "off"),
      qa.ForcePrompt("try-file-share"),
  };
  for (const Status& refusal : refusals) {
    CAPTURE(refusal.message());
    CHECK(refusal.code() == StatusCode::kPermissionDenied);
    CHECK(Has(refusal.message(), "takes a QA token for the device " + device));
  }
  CHECK(qa.ForceFlag("secret", Value(true)).message() ==
        "flag \"secret\" cannot be forced: the datafile protects it, and a release key signed that");
  CHECK(world.client().Get(kChunk) == 256);
  CHECK_FALSE(world.client().Get(kNew));
  CHECK(NaturalComposer(&world) == natural);
  const std::string status = world.client().status().overrides.message();
  for (const char* line : {"file: flag \"chunk-kb\"", "environment: experiment \"attach-button\"",
                           "environment: flag \"new-thing\"", "environment: campaign \"try-file-share\""}) {
    CAPTURE(line);
    CHECK(Has(status, line));
  }
  for (const Override& each : qa.List()) {
    CHECK_FALSE(each.applied);
    CHECK(Has(each.why_not, "QA token"));
  }
  world.client().Track("opened");
  world.Pass(minutes(1));
  REQUIRE_FALSE(world.CollectedOf("guidon.event").empty());
  CHECK(world.CollectedOf("guidon.event")[0].attributes.count("guidon.forced") == 0);
}

TEST_CASE("without a datafile the strictest key that the app trusts decides") {
  for (const auto role : {TrustedKey::Role::kRelease, TrustedKey::Role::kDevelopment}) {
    QaWorld world("production", role);
    world.options.bundled_datafile.clear();
    world.options.allow_unsigned = true;  // makes no difference while there is none
    world.files = std::make_shared<MemoryFiles>();
    world.Open();
    REQUIRE_FALSE(world.client().status().ready);
    CHECK(world.client().overrides().ForceFlag("new-thing", Value(true)).ok() ==
          (role == TrustedKey::Role::kDevelopment));
    CHECK(world.client().Get(kNew) == (role == TrustedKey::Role::kDevelopment));
  }
}

TEST_CASE("under a development key everything is free, protected or not") {
  QaWorld world("production", TrustedKey::Role::kDevelopment);
  CHECK(world.client().overrides().ForceFlag("secret", Value(true)).ok());
  CHECK(world.client().Get(kSecret));
}

TEST_CASE("input 37: a token that is not good is refused with the reason, and changes nothing") {
  const struct Row {
    const char* name;
    std::function<void(QaToken*)> change;  // null: it is good
    const char* reason;
    const char* environment = "production";
  } rows[] = {
      {"good", nullptr, ""},
      {"expired", [](QaToken* t) { t->expires_at = t->not_before + minutes(30); }, "it ended at "},
      {"not begun", [](QaToken* t) { t->not_before = t->expires_at - minutes(1); }, "it begins at "},
      {"another install", [](QaToken* t) { t->device = "AAAAAAAAAAAAAAAAAAAAAA"; }, "it is for another device"},
      {"another project", [](QaToken* t) { t->project = "mail"; }, "it is for the project \"mail\""},
      {"another environment", [](QaToken* t) { t->environment = "staging"; }, "it is for the environment \"staging\""},
      {"a wildcard in production", [](QaToken* t) { t->device = "*"; }, "in production it is for one device"},
      {"a wildcard elsewhere", [](QaToken* t) { t->device = "*"; }, "", "staging"},
      {"too long in production", [](QaToken* t) { t->expires_at = t->not_before + hours(24 * 7) + seconds(1); },
       "in production it lasts 7 days at most"},
      {"long elsewhere", [](QaToken* t) { t->expires_at = t->not_before + hours(24 * 90); }, "", "staging"},
      {"too long elsewhere", [](QaToken* t) { t->expires_at = t->not_before + hours(24 * 90) + seconds(1); },
       "it lasts 90 days at most", "staging"},
      {"backwards", [](QaToken* t) { std::swap(t->expires_at, t->not_before); }, "it ends before it begins"},
      {"nothing allowed", [](QaToken* t) { t->allow.clear(); }, "\"allow\" has 1 to 64 entries"},
      {"no such kind", [](QaToken* t) { t->allow = {"key:*"}; }, "\"allow\" \"key:*\" is none of"},
      {"no id", [](QaToken* t) { t->id.clear(); }, "\"id\" is empty"},
      {"5 KiB", [](QaToken* t) { t->note = std::string(5 << 10, 'n'); }, "it has more than 4096 bytes"},
      {"revoked", [](QaToken* t) { t->id = "qa-stolen"; }, "it was revoked"},
      {"forces what is protected", [](QaToken* t) { t->force = "flag:secret=true"; },
       "flag \"secret\" cannot be forced: the datafile protects it"},
      {"forces what it does not allow",
       [](QaToken* t) {
         t->allow = {"experiment:*"};
         t->force = "flag:chunk-kb=5";
       },
       "flag \"chunk-kb\" cannot be forced: the QA token qa-17 does not cover it"},
      {"forces what there is not", [](QaToken* t) { t->force = "experiment:attach-buton=off"; },
       "did you mean \"attach-button\"?"},
      {"forces nonsense", [](QaToken* t) { t->force = "switch:on"; }, "character 1: an entry begins with"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    QaWorld world(row.environment);
    world.options.bundled_datafile =
        world.release.Sign(QaDatafile(2, row.environment, R"(,"revoked_tokens":["qa-stolen"])"));
    world.Open();
    QaToken token = world.MakeToken();
    if (row.change) row.change(&token);
    const Status status = world.Use(token);
    CAPTURE(status.message());
    CHECK(status.ok() == std::string(row.reason).empty());
    CHECK(Has(status.message(), row.reason));
    CHECK(world.client().overrides().Token().has_value() == status.ok());
    CHECK(world.client().overrides().ForceFlag("chunk-kb", Value(std::int64_t{5})).ok() == status.ok());
    CHECK(world.client().Get(kChunk) == (status.ok() ? 5 : 256));
  }
}

TEST_CASE("input 37: what was changed since it was signed, or signed by another key, is refused") {
  QaWorld world;
  const std::string payload = client::TokenPayload(world.MakeToken());
  const std::string good = world.SignPayload(payload, world.signer);
  const std::string with_alg = "{\"alg\":\"none\"," + payload.substr(1);
  const Signer stranger;
  std::string changed = good;
  changed[40] = changed[40] == 'A' ? 'B' : 'A';
  QaToken of_release = world.MakeToken();
  of_release.key = world.release.key_id();
  QaToken of_stranger = world.MakeToken();
  of_stranger.key = stranger.key_id();
  const struct {
    const char* name;
    std::string text;
    const char* reason;
  } rows[] = {
      {"an alg member", world.SignPayload(with_alg, world.signer), "\"alg\" is not known"},
      {"not signed", client::TokenText(payload, std::string(64, '\0')), "its signature is not good"},
      {"by another key", world.SignPayload(payload, stranger), "its signature is not good"},
      {"by a stranger", world.SignPayload(client::TokenPayload(of_stranger), stranger), "which the app does not trust"},
      {"by the release key", world.SignPayload(client::TokenPayload(of_release), world.release),
       "which signs datafiles, and no QA tokens"},
      {"a datafile's signature", client::TokenText(payload, world.signer.SignatureOf(payload).signature),
       "its signature is not good"},
      {"cut", good.substr(0, good.size() - 3), "it is not whole"},
      {"cut before its signature", good.substr(0, good.find('.', 5)), "its signature is missing"},
      {"nothing", "", "one begins with gqa1."},
      {"a link without one", "notes://guidon?x=gqa1.abc", "one begins with gqa1."},
      {"no JSON", world.SignPayload("gqa", world.signer), "is no JSON object"},
      {"a list", world.SignPayload("[]", world.signer), "is no JSON object"},
      {"padded", good + "==", "it is not whole"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Status status = world.Use(row.text);
    CAPTURE(status.message());
    CHECK_FALSE(status.ok());
    CHECK(Has(status.message(), row.reason));
    CHECK_FALSE(world.client().overrides().Token().has_value());
  }
  CHECK_FALSE(world.Use(changed).ok());
  CHECK(world.Use(good).ok());
}

TEST_CASE("any change of one character of a token is refused") {
  QaWorld world;
  const std::string good = world.Sign(world.MakeToken());
  for (std::size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    std::string changed = good;
    changed[i] = changed[i] == 'Q' ? 'g' : 'Q';
    CHECK_FALSE(world.Use(changed).ok());
  }
}

TEST_CASE("a token permits what it covers, by each means that it names, and never what is protected") {
  QaWorld world;
  QaToken token = world.MakeToken();
  token.allow = {"experiment:attach-button=control", "flag:chunk-kb", "prompt:*"};
  world.texts->WriteFile(R"({"flags":{"chunk-kb":5}})");
  REQUIRE(world.Use(token).ok());
  world.Pass(seconds(2));
  Overrides& qa = world.client().overrides();
  CHECK(qa.ForceExperiment("attach-button", "control").ok());
  CHECK(Has(qa.ForceExperiment("attach-button", "labelled").message(), "does not cover it"));
  CHECK(qa.ForcePrompt("try-file-share", false).ok());
  CHECK(Has(qa.ForceFlag("file-sharing", Value(false)).message(), "does not cover it"));
  CHECK(Has(qa.ForceFlag("secret", Value(true)).message(), "the datafile protects it"));
  CHECK(world.client().Get(kChunk) == 256);
  CHECK(Has(world.client().status().overrides.message(), "does not permit what file and environment force"));
  token.allows_local = true;
  REQUIRE(world.Use(token).ok());
  CHECK(world.client().Get(kChunk) == 5);
  CHECK(world.client().status().overrides.ok());
}

TEST_CASE("a link brings a variant at once, tells the collector by which token, and is gone when it is dropped") {
  QaWorld world;
  const std::string natural = NaturalComposer(&world);
  QaToken token = world.MakeToken();
  token.force = "experiment:attach-button=" + OtherVariant(&world);
  token.note = "the button with a label";
  const std::string link = "notes://guidon?from=mail&t=" + world.Sign(token) + "#x";
  std::vector<Change> changes;
  const Subscription watch =
      world.client().OnChange("composer", nullptr, [&changes](const Change& change) { changes.push_back(change); });

  std::optional<QaToken> read;
  world.client().overrides().ReadToken(link, [&read](Result<QaToken> result) { read = *std::move(result); });
  REQUIRE(read.has_value());
  CHECK(read->note == token.note);
  CHECK(read->force == token.force);
  CHECK(NaturalComposer(&world) == natural);  // reading is not using

  REQUIRE(world.Use(link).ok());
  CHECK(NaturalComposer(&world) != natural);
  const std::vector<Override> list = world.client().overrides().List();
  REQUIRE(list.size() == 1);
  CHECK(list[0].source == Source::kToken);
  CHECK(list[0].applied);
  CHECK_FALSE(list[0].natural_variant.empty());
  CHECK(list[0].natural_variant != list[0].variant);
  (void)world.client().Get(Flag<std::string>{"composer", ""});
  world.client().Track("opened");
  world.Pass(minutes(1));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].reason == Reason::kForced);
  REQUIRE_FALSE(world.CollectedOf("guidon.event").empty());
  const Received opened = world.CollectedOf("guidon.event")[0];
  CHECK(opened.attributes.at("guidon.forced_by") == "token qa-17");
  CHECK(opened.attributes.at("guidon.overrides") == token.force);

  world.client().overrides().DropToken();
  CHECK(NaturalComposer(&world) == natural);
  CHECK_FALSE(world.client().overrides().Token().has_value());
  CHECK(world.client().overrides().List().empty());
}

TEST_CASE(
    "what a token permits ends with it by itself, also by a clock that is set back, and survives restarts until then") {
  QaWorld world;
  const std::string natural = NaturalComposer(&world);
  QaToken token = world.MakeToken();
  token.force = "experiment:attach-button=" + OtherVariant(&world);
  REQUIRE(world.Use(token).ok());
  CHECK(world.client().overrides().ForceFlag("chunk-kb", Value(std::int64_t{5})).ok());
  world.Settle();
  world.Kill();
  world.Open();
  world.Settle();
  CHECK(NaturalComposer(&world) != natural);
  CHECK(world.client().Get(kChunk) == 256);  // the API's was for as long as that client lived
  REQUIRE(world.client().overrides().Token().has_value());
  CHECK(world.client().overrides().Token()->status.ok());
  SUBCASE("in time") {
    world.Pass(hours(46), hours(1));
    CHECK(NaturalComposer(&world) != natural);
    world.Pass(hours(2), minutes(30));
  }
  SUBCASE("the clock is set back") {
    world.Pass(hours(46), hours(1));
    world.clock->SetWall(world.clock->Now() - hours(40));
    world.Pass(hours(4), minutes(30));
  }
  SUBCASE("a new datafile revokes it") {
    world.options.bundled_datafile = world.release.Sign(QaDatafile(2, "production", R"(,"revoked_tokens":["qa-17"])"));
    world.Kill();
    world.Open();
  }
  CHECK(NaturalComposer(&world) == natural);
  REQUIRE(world.client().overrides().Token().has_value());  // so that the app can say what became of it
  CHECK_FALSE(world.client().overrides().Token()->status.ok());
  CHECK(Has(world.client().status().overrides.message(), "QA token qa-17: it "));
  CHECK_FALSE(world.client().overrides().ForceFlag("chunk-kb", Value(std::int64_t{5})).ok());
}

TEST_CASE("who erases what the device holds, or takes consent back, takes the token and what is kept with it") {
  for (const bool is_erased : {true, false}) {
    CAPTURE(is_erased);
    QaWorld world;
    const std::string natural = NaturalComposer(&world);
    REQUIRE(world.Use(world.MakeToken()).ok());
    Overrides& qa = world.client().overrides();
    REQUIRE(qa.Force(Kept("attach-button", OtherVariant(&world), world.clock->Now() + hours(24))).ok());
    world.Settle();
    CHECK(world.files->Has("qa"));
    const std::string code = qa.DeviceCode();
    if (is_erased) {
      CHECK(world.client().Erase(seconds(1)).ok());
    } else {
      world.client().SetConsent(Consent::kDenied);
    }
    world.Settle();
    CHECK_FALSE(world.files->Has("qa"));
    CHECK_FALSE(qa.Token().has_value());
    CHECK(qa.List().empty());
    CHECK(qa.DeviceCode() != code);
  }
}

TEST_CASE("an override is there after a restart until it said it would be, and no other is") {
  QaWorld world("production", TrustedKey::Role::kDevelopment);
  const std::string natural = NaturalComposer(&world);
  const std::string other = OtherVariant(&world);
  const Timestamp now = world.clock->Now();
  {
    Overrides& qa = world.client().overrides();
    CHECK(qa.Force(Kept("attach-button", other, now)).code() == StatusCode::kInvalidArgument);
    CHECK(qa.Force(Kept("attach-button", other, now + hours(24 * 7) + seconds(1))).code() ==
          StatusCode::kInvalidArgument);
    REQUIRE(qa.Force(Kept("attach-button", other, now + hours(24 * 7))).ok());
    Override flag = PanelFlag("composer-size", Value(std::string("a; b \"c\"")));
    flag.until = now + hours(2);
    REQUIRE(qa.Force(flag).ok());
    REQUIRE(qa.ForceFlag("chunk-kb", Value(std::int64_t{5})).ok());
    CHECK(world.client().Get(kChunk) == 5);
  }
  world.Settle();
  world.Kill();
  world.Open();
  world.Settle();
  CHECK(NaturalComposer(&world) != natural);
  CHECK(world.client().Get(kChunk) == 256);
  CHECK(world.client().Get(Flag<std::string>{"composer-size", "?"}) == "a; b \"c\"");
  SUBCASE("it ends without a call, also while the app runs") {
    world.Pass(hours(3), minutes(30));
    CHECK(world.client().Get(Flag<std::string>{"composer-size", "?"}) == "?");
    CHECK(world.client().overrides().List().size() == 1);
    world.Pass(hours(24 * 7), hours(1));
    CHECK(NaturalComposer(&world) == natural);
    CHECK(world.client().overrides().List().empty());
    CHECK_FALSE(world.files->Has("qa"));
  }
  SUBCASE("cleared, it does not come back") {
    world.client().overrides().ClearAll();
    world.Settle();
    CHECK_FALSE(world.files->Has("qa"));
    world.Kill();
    world.Open();
    CHECK(NaturalComposer(&world) == natural);
  }
  SUBCASE("forced once more without a time, it ends with the client") {
    REQUIRE(world.client().overrides().ForceExperiment("attach-button", other).ok());
    world.Settle();
    world.Kill();
    world.Open();
    CHECK(NaturalComposer(&world) == natural);
  }
  SUBCASE("a file that is damaged forces nothing") {
    world.Kill();
    world.files->Put("qa", world.files->Content("qa").substr(1));
    world.Open();
    CHECK(NaturalComposer(&world) == natural);
    CHECK(world.client().overrides().List().empty());
  }
}

TEST_CASE("where the platform has no cryptography there is no token, and a release key's datafile none either") {
  QaWorld world;
  const std::string text = world.Sign(world.MakeToken());
  CHECK(client::DeviceCodeOf(nullptr, "id").empty());
  std::optional<Status> said;
  client::VerifyToken(text, {}, nullptr, [&said](const Result<QaToken>& token) { said = token.status(); });
  REQUIRE(said.has_value());
  CHECK_FALSE(said->ok());
}

TEST_CASE("a token is found in itself and as a link's parameter t, and nowhere else") {
  const std::string token = "gqa1.ab.cd";
  for (const std::string& text :
       {token, " " + token + "\n", "notes://guidon?t=" + token, "https://a.example/qa?x=1&t=" + token,
        "https://a.example/qa#t=" + token, "notes://guidon?t=" + token + "&u=2"}) {
    CAPTURE(text);
    CHECK(client::FindToken(text) == token);
  }
  for (const std::string& text : {std::string(), std::string("notes://guidon?at=") + token, "x" + token,
                                  std::string("notes://guidon/t=") + token}) {
    CAPTURE(text);
    CHECK(client::FindToken(text).empty());
  }
}

}  // namespace guidon::test
