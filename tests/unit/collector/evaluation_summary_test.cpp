#include <doctest/doctest.h>

#include "sdk/collector/record.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr char kAllGood[] = R"({"partialSuccess":{}})";

TEST_CASE("a summary that lacks what it must say, or says too much, is in the quarantine with a sentence") {
  const auto list = [](const std::string& members) {
    return R"({"arrayValue":{"values":[{"kvlistValue":{"values":[)" + members + "]}}]}}";
  };
  const auto text = [](const std::string& key, const std::string& value) {
    return R"({"key":")" + key + R"(","value":{"stringValue":")" + value + "\"}}";
  };
  const std::string good = text("flag", "f") + "," + text("reason", "static");
  const auto many = [](std::size_t n) { return EvaluationsValue(std::vector<Got>(n, {"f", "", "killed"})); };
  const std::string longest(128, 'x'), too_long(129, 'x');
  const struct {
    const char* name;
    std::string value;
    const char* says;  // null: accepted
  } rows[] = {
      {"good", list(good), nullptr},
      {"with a variant", list(good + "," + text("variant", "r1")), nullptr},
      {"with a member of a later version", list(good + R"(,{"key":"n","value":{"intValue":"3"}})"), nullptr},
      {"with names of 128 bytes", EvaluationsValue({{longest, longest, "rule"}}), nullptr},
      {"a reason nobody knows yet", EvaluationsValue({{"f", "", "of_a_later_version"}}), nullptr},
      {"512 evaluations", many(512), nullptr},
      {"none, as a list", many(0), nullptr},
      {"none, as other collectors write an empty list", R"({"arrayValue":{}})", nullptr},
      {"not there", "", "guidon.evaluations is no list of at most 512 evaluations"},
      {"a text", R"({"stringValue":"wide"})", "guidon.evaluations is no list of at most 512 evaluations"},
      {"a list of another type", R"({"arrayValue":{"values":{}}})",
       "guidon.evaluations is no list of at most 512 evaluations"},
      {"513 evaluations", many(513), "guidon.evaluations is no list of at most 512 evaluations"},
      {"an entry that is a text", R"({"arrayValue":{"values":[{"stringValue":"wide"}]}})",
       "evaluation 1 of guidon.evaluations is no kvlistValue"},
      {"no flag", list(text("reason", "static")), "evaluation 1 of guidon.evaluations lacks its flag"},
      {"an empty flag", list(text("flag", "") + "," + text("reason", "static")),
       "evaluation 1 of guidon.evaluations lacks its flag"},
      {"no reason", list(text("flag", "f")), "evaluation 1 of guidon.evaluations lacks its reason"},
      {"the second lacks its reason", EvaluationsValue({{"f", "", "static"}, {"g", "default", ""}}),
       "evaluation 2 of guidon.evaluations lacks its reason"},
      {"a flag that is no text", list(R"({"key":"flag","value":{"intValue":"3"}})"),
       "evaluation 1 of guidon.evaluations has a flag, variant or reason that is no text"},
      {"a flag that is too long", EvaluationsValue({{too_long, "", "static"}}),
       "evaluation 1 of guidon.evaluations has a flag, variant or reason of over 128 bytes"},
      {"a variant that is too long", EvaluationsValue({{"f", too_long, "static"}}),
       "evaluation 1 of guidon.evaluations has a flag, variant or reason of over 128 bytes"},
      {"a reason that is too long", EvaluationsValue({{"f", "", too_long}}),
       "evaluation 1 of guidon.evaluations has a flag, variant or reason of over 128 bytes"},
  };
  World world;
  int n = 0;
  std::int64_t stored = 0;
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Event event = Summary("s" + std::to_string(++n), {});
    event.values.clear();
    if (!row.value.empty()) event.values.emplace_back("guidon.evaluations", row.value);
    const std::string answer = world.Post({event}).body;
    const std::string is_this = " WHERE id = '" + event.id + "'";
    if (row.says == nullptr) {
      CHECK(answer == kAllGood);
      CHECK(world.Ask("SELECT kind FROM events" + is_this) == 7);
      ++stored;
      continue;
    }
    CHECK(answer.find("quarantined: malformed 1") != std::string::npos);
    CHECK(world.AskText("SELECT detail FROM quarantine" + is_this) == row.says);
    CHECK(world.Ask("SELECT COUNT(*) FROM events") == stored);
  }
  CHECK(world.Post({Summary("nobody", {{"f", "", "killed"}})}, "").body.find("malformed 1") != std::string::npos);
  CHECK(world.AskText("SELECT detail FROM quarantine WHERE id = 'nobody'") ==
        "app.installation.id is missing: it tells of no device");
  CHECK(world.Ask("SELECT COUNT(*) FROM evaluations WHERE installation = ''") == 0);
}

}  // namespace
}  // namespace guidon::collector
