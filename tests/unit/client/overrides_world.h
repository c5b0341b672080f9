// A client that QA forces things on, by each source, and what the collector hears of it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/local_texts.h"
#include "tests/unit/client/world.h"

namespace guidon::test {

using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Override::Kind;
using Source = Override::Source;

inline constexpr Source kSources[] = {Source::kApi, Source::kPanel, Source::kFile, Source::kEnvironment};
inline constexpr Flag<bool> kSharing{"file-sharing", false};
inline constexpr Flag<std::int64_t> kChunk{"chunk-kb", 7};
inline constexpr Flag<std::string> kComposer{"composer", "fallback"};

// The notes app's datafile with a campaign.
inline std::string WithCampaign(int version, const std::string& more = "") {
  std::string text = NotesDatafile(version);
  text.pop_back();
  return text + R"(,"campaigns":{"try-file-share":{"iteration":1,"status":"running","unit":"device",
    "salt":"try-file-share.1","holdout":0,"trigger":{"event":"never_happens"},"caps":[{"count":1}],
    "show":{"kind":"banner","title":"Share files","buttons":[{"id":"b1","label":"No thanks"}]}}},
    "holdouts":{"everyone":{"unit":"device","salt":"everyone","size":1,"experiments":"*"}})" +
         more + "}";
}

struct Forcing {
  std::string name;
  Kind kind;
  std::string key, to;  // as the environment writes it
  // What comes of it, for the flag that it touches.
  std::string flag, value;  // empty: what it was
  Reason reason;
  std::size_t exposures;  // told while it is forced: of the forced variant, or a natural one that is marked

  // As it stands on events that are marked.
  std::string Entry() const {
    switch (kind) {
      case Kind::kFlag: return "flag:" + key + "=" + (to == "false" ? to : "\"" + to + "\"");
      case Kind::kExperiment: return "experiment:" + key + "=" + to;
      case Kind::kPrompt: return "prompt:" + key + "=" + to;
      case Kind::kHoldout: return "holdout:" + key + "=" + to;
      case Kind::kAttribute: return "attribute:" + key;  // not what it is
      case Kind::kClock: return "clock=" + to;
    }
    return std::string();
  }
};

inline const Forcing kForcings[] = {
    {"a flag's value", Kind::kFlag, "file-sharing", "false", "file-sharing", "false", Reason::kForced, 1},
    {"a text", Kind::kFlag, "composer", "from QA", "composer", "from QA", Reason::kForced, 0},
    {"one variant", Kind::kExperiment, "attach-button", "control", "composer", "icon", Reason::kForced, 1},
    {"the other", Kind::kExperiment, "attach-button", "labelled", "composer", "icon-and-text", Reason::kForced, 1},
    {"off", Kind::kExperiment, "attach-button", "off", "composer", "icon", Reason::kForced, 0},
    {"unassigned", Kind::kExperiment, "attach-button", "unassigned", "composer", "icon", Reason::kDefault, 0},
    {"a prompt", Kind::kPrompt, "try-file-share", "show", "chunk-kb", "256", Reason::kDefault, 1},
    {"held out", Kind::kHoldout, "everyone", "in", "composer", "icon", Reason::kForced, 0},
    {"not held out", Kind::kHoldout, "everyone", "out", "composer", "", Reason::kExperiment, 1},
    {"an attribute", Kind::kAttribute, "plan", "pro", "chunk-kb", "1024", Reason::kRule, 1},
    {"no prompt", Kind::kPrompt, "try-file-share", "off", "chunk-kb", "256", Reason::kDefault, 1},
};

// Forces by one source and takes it back; for the environment the app starts again.
class Qa {
 public:
  Qa() {
    world.options.bundled_datafile = WithCampaign(1);
    world.options.evaluation_summaries = false;  // one of before the forcing comes after it
    world.local_overrides = texts;
    world.Open();
  }

  void Force(Source source, const Forcing& forcing) {
    const bool is_flag = forcing.kind == Kind::kFlag;
    const bool is_attribute = forcing.kind == Kind::kAttribute;
    constexpr const char* kKinds[] = {"flag", "experiment", "prompt", "holdout", "attribute"};
    const std::string kind = kKinds[static_cast<std::size_t>(forcing.kind)];
    const bool is_json = forcing.to == "false";
    const std::string json = is_json ? forcing.to : "\"" + forcing.to + "\"";
    Overrides& api = world.client().overrides();
    switch (source) {
      case Source::kApi:
        if (is_flag) REQUIRE(api.ForceFlag(forcing.key, is_json ? Value(false) : Value(forcing.to)).ok());
        if (forcing.kind == Kind::kExperiment) REQUIRE(api.ForceExperiment(forcing.key, forcing.to).ok());
        if (forcing.kind == Kind::kPrompt) REQUIRE(api.ForcePrompt(forcing.key, forcing.to == "show").ok());
        if (forcing.kind == Kind::kHoldout) REQUIRE(api.ForceHoldout(forcing.key, forcing.to == "in").ok());
        if (is_attribute) REQUIRE(api.ForceAttribute(forcing.key, Value(forcing.to)).ok());
        return;
      case Source::kPanel: {
        Override what;
        what.kind = forcing.kind;
        what.key = forcing.key;
        if (is_flag || is_attribute) what.value = is_json ? Value(false) : Value(forcing.to);
        if (!is_flag && !is_attribute) what.variant = forcing.to;
        what.source = Source::kPanel;
        REQUIRE(api.Force(what).ok());
        return;
      }
      case Source::kToken: FAIL("in qa_token_test.cpp"); return;
      case Source::kFile:
        texts->WriteFile("{\"" + kind + "s\":{\"" + forcing.key + "\":" + json + "}}");
        return world.Pass(seconds(2));
      case Source::kEnvironment: texts->environment = kind + ":" + forcing.key + "=" + forcing.to; world.Open();
    }
  }

  void Clear(Source source, const Forcing& forcing) {
    Overrides& api = world.client().overrides();
    if (source == Source::kApi && forcing.kind == Kind::kFlag) api.ClearFlag(forcing.key);
    if (source == Source::kApi && forcing.kind == Kind::kExperiment) api.ClearExperiment(forcing.key);
    if (source == Source::kApi && forcing.kind == Kind::kPrompt) api.ClearPrompt(forcing.key);
    if (source == Source::kApi && forcing.kind >= Kind::kHoldout) api.Clear(forcing.kind, forcing.key);
    if (source == Source::kPanel) api.Clear(forcing.kind, forcing.key);
    texts->WriteFile(std::nullopt);
    world.Pass(seconds(2));
    texts->environment.clear();
    if (source == Source::kEnvironment) world.Open();
  }

  // Uses what is decided, tells one event, and lets all of it be delivered.
  void UseTheApp() {
    (void)world.client().Get(kSharing);
    (void)world.client().Get(kComposer);
    (void)world.client().Get(kComposer);
    world.client().Track("file_shared");
    world.Pass(minutes(1));
  }

  // What came in since the last call.
  std::vector<Received> News() {
    std::vector<Received> news;
    for (const auto& [id, received] : world.collected()) {
      if (known_.insert(id).second && received.event != "guidon.prompt") news.push_back(received);
    }
    return news;
  }

  World world;
  std::shared_ptr<LocalTexts> texts = std::make_shared<LocalTexts>();

 private:
  std::set<std::string> known_;
};

inline std::string TextOf(const Decision& decision) {
  if (decision.AsBool()) return *decision.AsBool() ? "true" : "false";
  if (decision.AsInt()) return std::to_string(*decision.AsInt());
  return std::string(decision.AsText().value_or("?"));
}

inline std::string AttributeOf(const Received& received, const std::string& name) {
  const auto at = received.attributes.find(name);
  return at == received.attributes.end() ? "none" : at->second;
}

}  // namespace guidon::test
