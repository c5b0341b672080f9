#include "sdk/core/prompts/content.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/prompts/consider.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::FirstUnfilled;
using ruleset::PromptText;

namespace {

PromptText Parse(std::string_view text) {
  std::string reason;
  std::size_t offset = 0;
  auto parsed = ruleset::ParsePromptText(text, &reason, &offset);
  REQUIRE_MESSAGE(parsed.has_value(), reason);
  return *parsed;
}

std::string Filled(std::string_view text, const Context& context) {
  return prompts::Fill(Parse(text), {context, "p-1", "try-share", "prompt"});
}

ruleset::PromptTexts Texts(std::string language, std::string_view title) {
  ruleset::PromptTexts texts;
  texts.language = std::move(language);
  texts.title = Parse(title);
  return texts;
}

}  // namespace

TEST_CASE("places are filled with what is known, else with what stands behind the bar") {
  Context context;
  context.Set("name", "Ann").Set("seats", 3).Set("share", 0.5).Set("is_pro", true).Set("empty", " ");
  context.Set("list", List{1}).Set("nothing", nullptr).Set("nan", std::numeric_limits<double>::quiet_NaN());
  context.Set("team", Object{{"name", "Blue"}}).Set("app.version", "4.2").SetFor("event", "chars", 1812);
  const struct {
    std::string text, filled;
  } rows[] = {
      {"", ""},
      {"Plain words", "Plain words"},
      {"Hello {name}!", "Hello Ann!"},
      {"{name}{seats}", "Ann3"},
      {"{name|friend}", "Ann"},
      {"Hello {nick|friend}", "Hello friend"},
      {"Hello{nick|}", "Hello"},
      {"{nick|you there, {}", ""},
      {"{share} {is_pro}", "0.5 true"},
      {"{team.name} {app.version} {event.chars}", "Blue 4.2 1812"},
      {"{empty|e} {list|l} {nothing|n} {nan|N} {team|t}", "e l n N t"},
      {"{{name}} and }} and {{", "{name} and } and {"},
      {"{prompt.campaign}/{prompt.variant}/{prompt.id}", "try-share/prompt/p-1"},
      {"<b>{name}</b> &amp; *bold*", "<b>Ann</b> &amp; *bold*"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    std::string reason;
    std::size_t offset = 0;
    const auto parsed = ruleset::ParsePromptText(row.text, &reason, &offset);
    if (row.filled.empty() && !row.text.empty()) {
      CHECK_FALSE(parsed.has_value());
      continue;
    }
    CHECK(Filled(row.text, context) == row.filled);
  }
}

TEST_CASE("a brace that is no place is an error, with where and why") {
  const struct {
    std::string text;
    std::size_t offset;
    std::string says;
  } rows[] = {
      {"Hello {name", 6, "is not closed"},   {"Hello {na{me}", 6, "is not closed"},
      {"Hello {", 6, "is not closed"},       {"a } b", 2, "was not opened"},
      {"{}", 0, "an attribute's name"},      {"{first name}", 0, "an attribute's name"},
      {"ab {|x}", 3, "an attribute's name"}, {"{event.}", 0, "which property"},
      {"{prompt.title}", 0, "{prompt.id}"},  {"{größe}", 0, "an attribute's name"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    std::string reason;
    std::size_t offset = 99;
    CHECK_FALSE(ruleset::ParsePromptText(row.text, &reason, &offset).has_value());
    CHECK(offset == row.offset);
    CHECK(reason.find(row.says) != std::string::npos);
  }
}

TEST_CASE("nothing turns the direction of what follows, and no control character is left") {
  const struct {
    std::string given, read;
  } rows[] = {
      {"gnp.\u202Eexe", "gnp.exe"},
      {"\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069x", "x"},
      {"a\tb\x1B[31mc\x7F", "a b [31mc "},
      {"a\u0085b\u2028c\u2029d", "a b c d"},
      {"two\nlines", "two lines"},
      {"kept: \u200E\u200F \u05D0\u05D1 \U0001F44B", "kept: \u200E\u200F \u05D0\u05D1 \U0001F44B"},
      {"not \xFF\xC3 UTF-8", "not  UTF-8"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.given);
    Context context;
    context.Set("name", row.given);
    CHECK(Filled("{name}", context) == row.read);
    if (row.given.find('\n') == std::string::npos) CHECK(Filled(row.given, Context()) == row.read);
  }
  CHECK(Filled("two\nlines", Context()) == "two\nlines");
  CHECK(Filled("{nick|two\nlines}", Context()) == "two lines");
}

TEST_CASE("of a long value so much is taken, and no half character") {
  Context context;
  context.Set("name", "x" + std::string(limits::kPromptValueBytes, 'y')).Set("wide", std::string(199, 'x') + "\u00E9");
  CHECK(Filled("{name}", context).size() == limits::kPromptValueBytes);
  CHECK(Filled("{wide}", context) == std::string(199, 'x'));
}

TEST_CASE("the first place that nothing fills is named as rules would name it") {
  ruleset::PromptTexts texts = Texts("", "Hello {name|you}");
  texts.body = Parse("{event.chars} of {seats}");
  texts.labels = {Parse("Go"), Parse("{ref.code}")};
  Context context;
  CHECK(FirstUnfilled(texts, context) == "event.chars");
  context.SetFor("event", "chars", 1);
  CHECK(FirstUnfilled(texts, context) == "seats");
  context.Set("seats", 2);
  CHECK(FirstUnfilled(texts, context) == "ref.code");
  context.Set("ref.code", "X1");
  CHECK(FirstUnfilled(texts, context) == "");
}

TEST_CASE("texts are those of the first language the person reads, from the narrowest tag to the widest") {
  ruleset::PromptContent content;
  content.texts = {Texts("en", "en"), Texts("de", "de"), Texts("pt-BR", "pt-BR"), Texts("zh-Hant", "zh-Hant"),
                   Texts("zh", "zh")};
  const struct {
    std::string languages, found;
  } rows[] = {
      {"", "en"},
      {"en", "en"},
      {"de", "de"},
      {"de-AT", "de"},
      {"DE-at", "de"},
      {"de_AT.UTF-8", "de"},
      {"pt-BR", "pt-BR"},
      {"pt", "en"},
      {"pt-PT", "en"},
      {"fr, de", "de"},
      {"fr,de-CH;q=0.8", "de"},
      {"fr", "en"},
      {"en-GB, de", "en"},
      {"zh-Hant-TW", "zh-Hant"},
      {"zh-Hans-CN", "zh"},
      {"zh-x-private", "zh"},
      {"de-x", "de"},
      {",, ,de", "de"},
      {"-", "en"},
      {"d", "en"},
      {"x-de", "en"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.languages);
    Context context;
    context.Set("language", row.languages);
    CHECK(prompts::TextsFor(content, context).language == row.found);
  }
  CHECK(prompts::TextsFor(content, Context()).language == "en");
  Context odd;
  odd.Set("language", 7);
  CHECK(prompts::TextsFor(content, odd).language == "en");
}

TEST_CASE("language tags are letters and digits in parts of at most eight") {
  for (const char* good : {"e", "en", "pt-BR", "zh-Hant-TW", "es-419", "de-DE-1996", "sl-rozaj-biske"}) {
    CHECK_MESSAGE(ruleset::IsLanguageTag(good), good);
  }
  for (const char* bad : {"", "-", "en-", "-en", "en--GB", "pt_BR", "deutschland", "4e", "en GB", "größe",
                          "aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee"}) {
    CHECK_FALSE_MESSAGE(ruleset::IsLanguageTag(bad), bad);
  }
}

TEST_CASE("a prompt with a place that nothing fills does not pass, in the person's language, held out or not") {
  for (const char* holdout : {"0", "500000"}) {
    CAPTURE(holdout);
    const Rules rules = CampaignRules({{"holdout", holdout},
                                       {"show", R"({"kind":"modal","title":"Hello {name|you}","language":"en",)"
                                                R"("translations":{"de":{"title":"Hallo {name}"}}})"}});
    const ruleset::Campaign& campaign = *rules->FindCampaign("c");
    const auto ask = [&](const Context& context, std::vector<prompts::GateResult>* gates) {
      const evaluation::PreparedContext prepared(*rules, context, {}, kNow);
      return prompts::Consider({*rules, campaign, prepared, "message_sent", prompts::CampaignShowings(), kNow}, gates);
    };
    Context context;
    context.Unit("device", "d-1");
    CHECK(ask(context, nullptr).may_show());
    context.Set("language", "de-AT");
    std::vector<prompts::GateResult> gates;
    const prompts::Verdict verdict = ask(context, &gates);
    CHECK(verdict.why == prompts::Why::kUnfilled);
    CHECK(verdict.passes_at == ruleset::kNever);
    for (const prompts::GateResult& gate : gates) {
      if (gate.gate == prompts::Gate::kTexts) CHECK(gate.unfilled == "name");
    }
    context.Set("name", "Ann");
    CHECK(ask(context, nullptr).may_show());
  }
}
