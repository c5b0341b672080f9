#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/base/base64.h"
#include "sdk/datafile/envelope.h"
#include "tests/unit/client/overrides_world.h"
#include "tests/unit/datafile/pretend_crypto.h"

namespace guidon::test {
namespace {

TEST_CASE("each source forces each kind, shows the natural one beside it, marks what is told, and goes without trace") {
  for (const Source source : kSources) {
    for (const Forcing& row : kForcings) {
      const std::string by = OverrideSourceName(source);
      CAPTURE(by);
      CAPTURE(row.name);
      Qa qa;
      const std::string natural = qa.world.client().Get(kComposer);
      const std::string natural_variant(qa.world.client().Decide(kComposer).variant());
      qa.UseTheApp();
      for (const Received& received : qa.News()) CHECK(AttributeOf(received, "guidon.forced") == "none");

      qa.Force(source, row);
      const Decision decision = qa.world.client().Decide(row.flag, Value());
      CHECK(TextOf(decision) == (row.value.empty() ? natural : row.value));
      CHECK(decision.reason() == row.reason);
      const std::vector<Override> list = qa.world.client().overrides().List();
      REQUIRE(list.size() == 1);
      CHECK(list[0].kind == row.kind);
      CHECK(list[0].key == row.key);
      CHECK(list[0].source == source);
      CHECK(list[0].applied);
      const bool has_value = row.kind == Kind::kFlag || row.kind == Kind::kAttribute;
      CHECK(list[0].variant == (has_value ? "" : row.to));
      CHECK(list[0].natural_variant == (row.kind == Kind::kExperiment ? natural_variant : ""));
      if (row.kind != Kind::kPrompt) {
        const std::string explained = qa.world.client().ExplainJson(row.flag);
        CHECK(explained.find("\"source\":\"" + by + "\"") != std::string::npos);
      }
      if (row.kind == Kind::kFlag)
        CHECK(list[0].natural_value == (row.flag == "composer" ? Value(natural) : Value(true)));

      qa.UseTheApp();
      std::size_t tracked = 0, exposures = 0;
      for (const Received& received : qa.News()) {
        CHECK(AttributeOf(received, "guidon.forced") == "true");
        CHECK(AttributeOf(received, "guidon.forced_by") == by);
        CHECK(AttributeOf(received, "guidon.overrides") == row.Entry());
        tracked += received.event == "guidon.event";
        if (received.event != "feature_flag.evaluation") continue;
        ++exposures;
        const bool is_of_forced =
            row.kind == Kind::kExperiment || row.kind == Kind::kHoldout || row.kind == Kind::kAttribute;
        CHECK(AttributeOf(received, "guidon.natural_variant") == (is_of_forced ? natural_variant : "none"));
      }
      CHECK(tracked == 1);
      CHECK(exposures == row.exposures);

      qa.Clear(source, row);
      CHECK(qa.world.client().overrides().List().empty());
      CHECK(qa.world.client().Get(kComposer) == natural);
      CHECK(qa.world.client().Decide(kComposer).reason() == Reason::kExperiment);
      CHECK(qa.world.client().Get(kSharing));
      qa.UseTheApp();
      const std::vector<Received> after = qa.News();
      REQUIRE(after.size() == 1);  // what was tracked, and no exposure again
      CHECK(AttributeOf(after[0], "guidon.forced") == "none");
      CHECK(AttributeOf(after[0], "guidon.forced_by") == "none");
    }
  }
}

TEST_CASE("a forced exposure is told once a UTC day, like any other") {
  Qa qa;
  qa.Force(Source::kApi, kForcings[2]);
  qa.UseTheApp();
  qa.UseTheApp();
  CHECK(qa.world.CollectedOf("feature_flag.evaluation").size() == 1);
  qa.world.Pass(std::chrono::hours(24), std::chrono::hours(1));
  qa.UseTheApp();
  CHECK(qa.world.CollectedOf("feature_flag.evaluation").size() == 2);
}

TEST_CASE("the API comes before the file, and the file before the environment; an event names all that take hold") {
  struct Row {
    bool api, file, environment;
    std::int64_t value;
    std::string by;
  };
  const Row rows[] = {
      {false, false, false, 256, "none"},     {true, false, false, 1, "api"}, {false, true, false, 2, "file"},
      {false, false, true, 3, "environment"}, {true, true, false, 1, "api"},  {true, false, true, 1, "api"},
      {false, true, true, 2, "file"},         {true, true, true, 1, "api"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.by);
    CAPTURE(row.value);
    Qa qa;
    if (row.environment) qa.texts->environment = "flag:chunk-kb=3";
    if (row.file) qa.texts->WriteFile(R"({"flags":{"chunk-kb":2}})");
    Client& client = qa.world.Open();
    if (row.api) REQUIRE(client.overrides().ForceFlag("chunk-kb", Value(1)).ok());
    CHECK(client.Get(kChunk) == row.value);
    client.Track("file_shared");
    qa.world.Pass(minutes(1));
    CHECK(AttributeOf(qa.world.CollectedOf("guidon.event").at(0), "guidon.forced_by") == row.by);
    std::vector<Source> sources;
    std::size_t applied = 0;
    for (const Override& each : client.overrides().List()) {
      sources.push_back(each.source);
      applied += each.applied;
      if (each.applied) CHECK(OverrideSourceName(each.source) == row.by);
    }
    CHECK(sources.size() == static_cast<std::size_t>(row.api + row.file + row.environment));
    CHECK(std::is_sorted(sources.begin(), sources.end()));
    CHECK(applied == (row.value == 256 ? 0u : 1u));
    CHECK(client.status().overrides.message().find("chunk-kb") == std::string::npos);
  }
  Qa qa;
  qa.texts->environment = "flag:chunk-kb=3; experiment:attach-button=off";
  qa.texts->WriteFile(R"({"prompts":{"try-file-share":"off"}})");
  Client& client = qa.world.Open();
  REQUIRE(client.overrides().ForceFlag("composer", Value("both")).ok());
  CHECK(client.Get(kComposer) == "both");  // a flag's own override wins over its experiment's
  client.Track("file_shared");
  qa.world.Pass(minutes(1));
  CHECK(AttributeOf(qa.world.CollectedOf("guidon.event").at(0), "guidon.forced_by") == "api,environment,file");
  client.overrides().ClearAll();
  CHECK(client.Get(kComposer) == "icon");
  CHECK(client.overrides().List().size() == 3);  // what the API does not force is not the API's to clear
}

TEST_CASE("what cannot take hold is kept, and the status says so in words") {
  struct Row {
    std::string name, environment, message;
    bool is_applied;
  };
  const Row rows[] = {
      {"an unknown experiment", "experiment:atach-button=labelled",
       R"(environment: experiment "atach-button" is not in the datafile; did you mean "attach-button"?)", false},
      {"nothing like it", "experiment:zzz=labelled",
       R"(environment: experiment "zzz" is not in the datafile; it has attach-button)", false},
      {"an unknown variant", "experiment:attach-button=labeled",
       R"(environment: experiment "attach-button" has no variant "labeled"; it has control, labelled, off and unassigned)",
       false},
      {"another type", "flag:chunk-kb=many", R"(environment: the flag "chunk-kb" is of type int)", false},
      {"an unknown flag", "flag:chunk-kbs=1",
       R"(environment: flag "chunk-kbs" is not in the datafile; did you mean "chunk-kb"?)", true},
      {"an unknown campaign", "prompt:try-file-shares",
       R"(environment: campaign "try-file-shares" is not in the datafile; did you mean "try-file-share"?)", false},
      {"two faults", "prompts:a; flag:chunk-kb=many",
       "environment: character 1: an entry begins with flag:, experiment:, prompt:, holdout:, attribute: or clock=, "
       "not with "
       "\"prompts\"\n"
       R"(environment: the flag "chunk-kb" is of type int)",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Qa qa;
    qa.texts->has_file = false;
    qa.texts->environment = row.environment;
    Client& client = qa.world.Open();
    CHECK(client.status().overrides.message() == row.message);
    const auto list = client.overrides().List();
    REQUIRE(list.size() == 1);
    CHECK(list[0].applied == row.is_applied);
    CHECK(qa.texts->reads() == 1);  // of the client before, which had a file
  }
}

TEST_CASE("the API refuses what the datafile does not have, with what it has instead") {
  Qa qa;
  Overrides& api = qa.world.client().overrides();
  CHECK(api.ForceExperiment("atach-button", "off").message() ==
        R"(experiment "atach-button" is not in the datafile; did you mean "attach-button"?)");
  CHECK(api.ForceExperiment("attach-button", "purple").message() ==
        R"(experiment "attach-button" has no variant "purple"; it has control, labelled, off and unassigned)");
  CHECK(api.ForcePrompt("try", false).code() == StatusCode::kNotFound);
  CHECK(api.ForceFlag("chunk-kb", Value("many")).code() == StatusCode::kInvalidArgument);
  CHECK(api.List().empty());
}

TEST_CASE("what a datafile lacks takes hold when one comes that has it") {
  Qa qa;
  qa.texts->has_file = false;
  qa.texts->environment = "experiment:later=b; prompt:try-it";
  qa.world.options.bundled_datafile = NotesDatafile(1);
  Client& client = qa.world.Open();
  CHECK_FALSE(client.overrides().List()[0].applied);
  CHECK_FALSE(client.status().overrides.ok());
  client.Track("before");

  std::string text = WithCampaign(2);
  text.replace(text.find("\"try-file-share\""), 16, "\"try-it\"");
  text.replace(text.find("\"attach-button\":{"), 17, "\"later\":{");
  text.replace(text.find("\"experiment\":\"attach-button\""), 28, "\"experiment\":\"later\"");
  text.replace(text.find("\"labelled\""), 10, "\"b\"");
  qa.world.published = text;
  client.OnForeground();
  qa.world.Pass(minutes(10), minutes(1));
  CHECK(client.Get(kComposer) == "icon-and-text");
  client.Track("after");
  qa.world.Pass(minutes(1));
  for (const Override& each : client.overrides().List()) CHECK(each.applied);
  CHECK(client.status().overrides.message() == "");
  for (const Received& received : qa.world.CollectedOf("guidon.event")) {
    const bool is_after = AttributeOf(received, "guidon.event.name") == "after";
    CHECK(AttributeOf(received, "guidon.forced") == (is_after ? "true" : "none"));
  }
}

TEST_CASE("a forced flag that the datafile does not have is explained, with who forces it") {
  Qa qa;
  qa.texts->environment = "flag:brand-new=3";
  Client& client = qa.world.Open();
  CHECK(client.Get(Flag<std::int64_t>{"brand-new", 0}) == 3);
  CHECK(client.Explain("brand-new").find("override   flag brand-new to 3, by the environment\n") != std::string::npos);
  CHECK(
      client.ExplainJson("brand-new").find(R"("overrides":[{"flag":"brand-new","value":3,"source":"environment"}])") !=
      std::string::npos);
}

TEST_CASE("a bare value in the environment is a text where the flag holds texts") {
  Qa qa;
  qa.texts->environment = "flag:composer=5; flag:chunk-kb=5";
  Client& client = qa.world.Open();
  CHECK(client.Get(kComposer) == "5");
  CHECK(client.Get(kChunk) == 5);
}

TEST_CASE("the file takes hold before the first decision and within two seconds of a change; OnChange tells") {
  Qa qa;
  qa.texts->WriteFile(R"({"flags":{"chunk-kb":1}})");
  Client& client = qa.world.Open();
  CHECK(client.Get(kChunk) == 1);
  std::vector<Change> changes;
  const auto watch = client.OnChange("chunk-kb", nullptr, [&](const Change& change) { changes.push_back(change); });
  qa.world.Pass(seconds(5));
  CHECK(changes.empty());  // the same content is no change
  qa.texts->WriteFile(R"({"flags":{"chunk-kb":2}})");
  qa.world.Pass(seconds(2));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].after == Value(2));
  CHECK(changes[0].reason == Reason::kForced);
}

TEST_CASE("a file that is not valid keeps the last good one and names the place; one that is gone forces nothing") {
  struct Row {
    std::string name;
    std::optional<std::string> content;
    std::int64_t value;  // of chunk-kb
    std::string problem;
  };
  const Row rows[] = {
      {"good", R"({"flags":{"chunk-kb":1}})", 1, ""},
      {"half written", "{\n  \"flags\": {", 1, "file: line 2, column 13"},
      {"not as it should be", R"({"flags":[]})", 1, "file: /flags: expected an object, not an array"},
      {"too large", std::string(70'000, ' '), 1, "file: overrides.json: too large"},
      {"good again", R"({"flags":{"chunk-kb":2}})", 2, ""},
      {"gone", std::nullopt, 256, "file: overrides.json: not there"},
      {"back", R"({"flags":{"chunk-kb":3}})", 3, ""},
      {"empty", "", 3, "file: line 1, column 1"},
      {"without anything", "{}", 256, ""},
  };
  Qa qa;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    qa.texts->WriteFile(row.content);
    qa.world.Pass(seconds(2));
    CHECK(qa.world.client().Get(kChunk) == row.value);
    const std::string message = qa.world.client().status().overrides.message();
    CHECK(message.substr(0, row.problem.size()) == row.problem);
    CHECK(message.empty() == row.problem.empty());
  }
  qa.world.client().Close(seconds(1));
  const int reads = qa.texts->reads();
  qa.world.Pass(seconds(5));
  CHECK(qa.texts->reads() == reads);
}

TEST_CASE("what a release key signed no source forces without a token, and the status says so") {
  const std::string key(32, 'k');
  const std::string payload = NotesDatafile(1);
  for (const auto role : {TrustedKey::Role::kRelease, TrustedKey::Role::kDevelopment}) {
    const bool is_allowed = role == TrustedKey::Role::kDevelopment;
    CAPTURE(is_allowed);
    auto crypto = std::make_shared<PretendCrypto>();
    auto texts = std::make_shared<LocalTexts>();
    texts->environment = "flag:secret=true";
    texts->WriteFile(R"({"flags":{"chunk-kb":5}})");
    Platform platform;
    platform.clock = std::make_shared<FakeClock>();
    platform.entropy = std::make_shared<CountingEntropy>();
    platform.crypto = crypto;
    platform.local_overrides = texts;
    Options options;
    options.trusted_keys = {{EncodeBase64(key), role}};
    options.bundled_datafile = datafile::WriteEnvelope(
        {{datafile::KeyId(*crypto, key), PretendCrypto::Sign(key, datafile::SignedMessage(payload))}}, payload);
    const auto client = Client::Open(options, platform);
    REQUIRE(client->status().ready);
    constexpr Flag<bool> kSecret{"secret", false};
    CHECK(client->Get(kSecret) == is_allowed);
    CHECK(client->Get(kChunk) == (is_allowed ? 5 : 256));
    const std::string device = client->overrides().DeviceCode();
    CHECK(client->status().overrides.message() ==
          (is_allowed
               ? ""
               : "file: flag \"chunk-kb\" cannot be forced: a release key signed the datafile, so this takes a QA "
                 "token for the device " +
                     device +
                     "\nenvironment: flag \"secret\" cannot be forced: the datafile protects it, and a release "
                     "key signed that"));
    CHECK(client->overrides().ForceFlag("secret", Value(true)).ok() == is_allowed);
    if (!is_allowed) {
      CHECK(client->overrides().ForceFlag("secret", Value(true)).code() == StatusCode::kPermissionDenied);
    }
  }
}

TEST_CASE("256 overrides are the most the API takes, and forcing again what is forced is not one more") {
  Qa qa;
  Overrides& api = qa.world.client().overrides();
  for (std::size_t i = 0; i < limits::kOverrides; ++i) {
    REQUIRE(api.ForceFlag("new-" + std::to_string(i), Value(true)).ok());
  }
  CHECK(api.ForceFlag("new-0", Value(false)).ok());
  CHECK(api.ForceFlag("one-more", Value(true)).code() == StatusCode::kTooLarge);
  CHECK(api.List().size() == limits::kOverrides);
}

TEST_CASE("a file that is edited while threads evaluate tears nothing and never loses the last good one") {
  Qa qa;
  Client& client = qa.world.client();
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const std::int64_t chunk = client.Get(kChunk);
        if (chunk != 256 && (chunk < 0 || chunk >= 100 || chunk % 3 == 2)) ++wrong;
        const std::string composer = client.Get(kComposer);
        if (composer.substr(0, 4) != "icon") ++wrong;
        if (client.overrides().List().size() > 2) ++wrong;
      }
    });
  }
  std::int64_t good = 256;
  for (int i = 0; i < 100; ++i) {
    const bool is_valid = i % 3 != 2;
    const std::string text = R"({"flags":{"chunk-kb":)" + std::to_string(i) + R"(},"experiments":{"attach-button":")" +
                             (i % 2 == 0 ? "labelled" : "off") + "\"}";
    qa.texts->WriteFile(is_valid ? text + "}" : text);
    if (is_valid) good = i;
    qa.world.clock->Advance(seconds(1));
    (void)client.Pump(Lane::kLogic, seconds(1));
    (void)client.Pump(Lane::kDisk, seconds(1));
    CHECK(client.Get(kChunk) == good);
    CHECK(client.status().overrides.ok() == is_valid);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace guidon::test
