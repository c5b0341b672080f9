#include "sdk/core/prompts/actions.h"

#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"
#include "sdk/core/prompts/consider.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::FillLink;

namespace {

constexpr const char* kId = "2cb4a5ab-cf0e-8c4e-9d3a-1b2c3d4e5f60";

ruleset::PromptText LinkOf(std::string_view text) {
  std::string reason;
  std::size_t offset = 0;
  auto parsed = ruleset::ParsePromptText(text, &reason, &offset);
  REQUIRE_MESSAGE(parsed.has_value(), reason);
  return *parsed;
}

std::string FilledLink(std::string_view link, const Context& context, const std::vector<std::string>& hosts = {}) {
  return FillLink(LinkOf(link), {context, kId, "invite", "benefit"}, hosts).value_or("none");
}

}  // namespace

TEST_CASE("what fills a link stays one part of its path or one value of its query") {
  Context context;
  context.Set("code", "AbC-1._~").Set("odd", "a/b?c=d&e#f%20 +:@'\"\\").Set("wide", "\u00E9\u2603").Set("n", 7);
  context.Set("script", "javascript:alert(1)").Set("up", "../..").SetFor("event", "file", "plan 2.pdf");
  const struct {
    std::string link, filled;
  } rows[] = {
      {"app://composer/attach", "app://composer/attach"},
      {"https://ex.am/i/{code}", "https://ex.am/i/AbC-1._~"},
      {"https://ex.am/i/{code}?c={prompt.campaign}&v={prompt.variant}&x={prompt.id}",
       std::string("https://ex.am/i/AbC-1._~?c=invite&v=benefit&x=") + kId},
      {"https://ex.am/{odd}", "https://ex.am/a%2Fb%3Fc%3Dd%26e%23f%2520%20%2B%3A%40%27%22%5C"},
      {"https://ex.am/?q={wide}", "https://ex.am/?q=%C3%A9%E2%98%83"},
      {"https://ex.am/{n}#{event.file}", "https://ex.am/7#plan%202.pdf"},
      {"app://open/{script}", "app://open/javascript%3Aalert%281%29"},
      {"https://ex.am/a/{up}/b", "https://ex.am/a/..%2F../b"},
      {"https://ex.am/{nick|no one}", "https://ex.am/no%20one"},
      {"https://ex.am/{nick|}", "https://ex.am/"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.link);
    CHECK(FilledLink(row.link, context) == row.filled);
    CHECK(text::WhyNoLink(row.filled, {}) == nullptr);
  }
}

TEST_CASE("every byte that a value may have comes out as unreserved characters and percent signs, and goes back") {
  std::string value;
  for (int c = 0x20; c < 0x7F; ++c) value.push_back(static_cast<char>(c));
  Context context;
  context.Set("value", value);
  const std::string filled = FilledLink("https://ex.am/{value}", context).substr(std::string("https://ex.am/").size());
  std::string back;
  for (std::size_t i = 0; i < filled.size(); ++i) {
    const bool is_encoded = filled[i] == '%';
    const bool is_unreserved = std::isalnum(static_cast<unsigned char>(filled[i])) != 0 ||
                               std::string("-._~").find(filled[i]) != std::string::npos;
    CHECK((is_encoded || is_unreserved));
    back.push_back(is_encoded ? static_cast<char>(std::stoi(filled.substr(i + 1, 2), nullptr, 16)) : filled[i]);
    if (is_encoded) i += 2;
  }
  CHECK(back == value);
}

TEST_CASE("a link that a value would cut, lengthen or lead elsewhere is none") {
  Context context;
  context.Set("long", std::string(limits::kPromptValueBytes + 1, 'x')).Set("all", std::string(200, '/'));
  context.Set("line", "a\nb").Set("turned", "a\u202Eb").Set("bytes", "a\xFF").Set("dot", ".").Set("dots", "..");
  context.Set("fits", std::string(limits::kPromptValueBytes, 'x'));
  for (const char* link :
       {"https://ex.am/{long}", "https://ex.am/{line}", "https://ex.am/{turned}", "https://ex.am/{bytes}",
        "https://ex.am/a/{dots}/b", "https://ex.am/a/{dot}", "https://ex.am/a/{dot}{dot}", "https://ex.am/a/.{dot}/b",
        "https://ex.am/a/%2E{dot}", "https://ex.am/{all}{all}", "https://other.am/{fits}"}) {
    CAPTURE(link);
    CHECK(FilledLink(link, context, {"ex.am"}) == "none");
  }
  CHECK(FilledLink("https://ex.am/{fits}", context, {"ex.am"}) != "none");
  CHECK(FilledLink("https://ex.am/a?up={dots}", context, {"ex.am"}) == "https://ex.am/a?up=..");
}

TEST_CASE("an action tells the app what to do, with nothing left to fill in") {
  ruleset::PromptAction custom;
  custom.kind = ruleset::PromptAction::Kind::kCustom;
  custom.name = "show_tour";
  custom.arguments = {{"step", LinkOf("{step|1}")}, {"who", LinkOf("{name|you}")}};
  Context context;
  context.Set("name", "Ann");
  const prompts::Filling filling{context, kId, "invite", "prompt"};
  const PromptAction told = prompts::FillAction(custom, {}, filling, {});
  CHECK(told.kind == "custom");
  CHECK(told.name == "show_tour");
  CHECK(told.arguments == std::vector<std::pair<std::string, std::string>>{{"step", "1"}, {"who", "Ann"}});
  ruleset::PromptAction copy;
  copy.kind = ruleset::PromptAction::Kind::kCopy;
  const PromptAction copied = prompts::FillAction(copy, LinkOf("code {name}"), filling, {});
  CHECK(copied.kind == "copy");
  CHECK(copied.text == "code Ann");
  CHECK(prompts::FillAction({}, {}, filling, {}).kind.empty());
}

TEST_CASE("a campaign passes where the host can do all that its buttons ask, and its links can be filled in") {
  using prompts::Gate;
  using prompts::Why;
  const Rules rules = CampaignRules(
      {{"show", R"({"kind":"modal","title":"Hello","buttons":[{"id":"no","label":"No"},)"
                R"({"id":"go","label":"Go","do":"https://ex.am/i/{code}"},)"
                R"({"id":"tour","label":"Tour","do":{"custom":{"name":"show_tour","args":{"who":"{name}"}}}}]})"}});
  const struct {
    std::vector<std::string> actions;
    std::string code, name;
    Why why;
    std::string says;
  } rows[] = {
      {{"open", "show_tour"}, "X1", "Ann", Why::kMayShow, ""},
      {{"share", "open", "show_tour"}, "X1", "Ann", Why::kMayShow, ""},
      {{"open"}, "X1", "Ann", Why::kCannotDo, "show_tour"},
      {{"show_tour"}, "X1", "Ann", Why::kCannotDo, "open"},
      {{}, "X1", "Ann", Why::kCannotDo, "open"},
      {{"open", "custom"}, "X1", "Ann", Why::kCannotDo, "show_tour"},
      {{"open", "show_tour"}, "", "Ann", Why::kUnfilled, "code"},
      {{"open", "show_tour"}, "X1", "", Why::kUnfilled, "name"},
      {{"open", "show_tour"}, "..", "Ann", Why::kBadLink, "go"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.says);
    Context context;
    context.Unit("device", "d-1").Set("code", row.code).Set("name", row.name);
    const evaluation::PreparedContext prepared(*rules, context, {}, Timestamp());
    const prompts::CampaignShowings showings;
    prompts::Question question{*rules, *rules->FindCampaign("c"), prepared, "message_sent", showings, Timestamp()};
    const prompts::HostAbilities host{{"modal"}, row.actions};
    question.host = &host;
    std::vector<prompts::GateResult> gates;
    CHECK(prompts::Consider(question).why == row.why);
    CHECK(prompts::Consider(question, &gates).why == row.why);
    std::string says;
    for (const prompts::GateResult& gate : gates) says += gate.lacking + gate.unfilled + gate.bad_link;
    CHECK(says == row.says);
  }
}
