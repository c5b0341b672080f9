// Conditions on the real ports: hashed lists by OpenSSL's SHA-256, patterns by RE2.
#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "guidon/platform_parts.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/targeting.h"

using namespace guidon;

namespace {

// 't', 'f' or 'u'.
char Ask(const std::string& condition, const Context& context, Crypto* crypto) {
  const auto patterns = Re2Patterns();
  const auto loaded = dialects::LoadNative(
      R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-18T10:00:00Z",)"
      R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" +
          condition + R"(,"serve":true}]}}})",
      patterns.get());
  REQUIRE(loaded.problems.empty());
  evaluation::Surroundings surroundings;
  surroundings.crypto = crypto;
  const evaluation::PreparedContext prepared(*loaded.rules, context, surroundings);
  evaluation::Targeting targeting(*loaded.rules, prepared, Timestamp());
  const auto truth = targeting.Evaluate(loaded.rules->steps[loaded.rules->flags[0].first_step].index);
  return truth == evaluation::Truth::kTrue ? 't' : truth == evaluation::Truth::kFalse ? 'f' : 'u';
}

// The first halves of the SHA-256 of "0123456789abcdef", 0x1F and "a@x.org", "u-1", "grün", as sha256sum gives them.
std::string In(const std::string& of) {
  return R"({"op":"in",)" + of +
         R"(,"hashed":"0123456789abcdef","values":["37a8813a8af8c58254c56de1417cacac",)"
         R"("891f261714501521237fb605db7e4c44","9a7d19d4b5ea91c45baeff6162fd0da7"]})";
}

}  // namespace

TEST_CASE("a hashed list finds who is in it, and nobody without cryptography") {
  const auto crypto = OpenSslCrypto();
  const struct {
    std::string name;
    Value mail;
    char truth;
  } rows[] = {{"listed", "a@x.org", 't'},
              {"beyond ASCII", "gr\u00fcn", 't'},
              {"other capitals", "A@x.org", 'f'},
              {"not listed", "b@x.org", 'f'},
              {"empty", "", 'f'},
              {"a number", 5, 'u'},
              {"nothing", Value(), 'u'},
              {"too long", std::string(limits::kAttributeBytes + 1, 'a'), 'u'}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Context context = Context().Set("mail", row.mail);
    CHECK(Ask(In(R"("attribute":"mail")"), context, crypto.get()) == row.truth);
    CHECK(Ask(In(R"("attribute":"mail")"), context, nullptr) == 'u');
  }
}

TEST_CASE("a list of units, hashed or not, asks the context's unit of that kind") {
  const auto crypto = OpenSslCrypto();
  const std::string plain = R"({"op":"in","unit":"account","values":["u-1","u-2"]})";
  const std::string hashed = In(R"("unit":"account")");
  const struct {
    std::string name;
    Context context;
    char truth;
  } rows[] = {{"listed", Context().Unit("account", "u-1"), 't'},
              {"not listed", Context().Unit("account", "u-3"), 'f'},
              {"of another kind", Context().Unit("device", "u-1"), 'u'},
              {"an attribute of that name", Context().Set("account", "u-1"), 'u'},
              {"no id", Context().Unit("account", ""), 'u'}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(Ask(plain, row.context, crypto.get()) == row.truth);
    CHECK(Ask(hashed, row.context, crypto.get()) == row.truth);
    CHECK(Ask(R"({"op":"not","of":[)" + plain + "]}", row.context, nullptr) == (row.truth == 't'   ? 'f'
                                                                                : row.truth == 'f' ? 't'
                                                                                                   : 'u'));
    CHECK(Ask(hashed, row.context, nullptr) == 'u');
  }
}

TEST_CASE("input 31: (a+)+$ on 1 KiB has its answer, whatever follows the a's") {
  const std::string condition = R"({"op":"matches","attribute":"x","value":"(a+)+$"})";
  const std::string most(limits::kPatternTextBytes - 1, 'a');
  CHECK(Ask(condition, Context().Set("x", most + "a"), nullptr) == 't');
  CHECK(Ask(condition, Context().Set("x", most + "!"), nullptr) == 'f');
  CHECK(Ask(condition, Context().Set("x", most + "a!"), nullptr) == 'u');
}

TEST_CASE("a pattern that takes too much memory is refused with the reason, where it stands, and all else stays") {
  const auto patterns = Re2Patterns();
  // Each \pL+ is a class of hundreds of ranges.
  const auto letters = [](std::size_t count) {
    std::string text = "^";
    for (std::size_t i = 0; i < count; ++i) text += R"(\pL+ )";
    return text + "$";
  };
  std::size_t most = 0;
  while (most < 40 && patterns->Compile(letters(most + 1)).ok()) ++most;
  CHECK(most >= 2);
  REQUIRE(most < 40);
  for (std::size_t count = most + 1; count < 43; ++count) {
    const Status status = patterns->Compile(letters(count)).status();
    CHECK(status.code() == StatusCode::kTooLarge);
    CHECK(status.message() == "it takes more than 64 KiB of memory");
  }
  const auto flag = [&](const char* name, std::size_t count) {
    std::string pattern = letters(count);
    for (std::size_t at = 0; (at = pattern.find('\\', at)) != std::string::npos; at += 2) pattern.insert(at, 1, '\\');
    return '"' + std::string(name) +
           R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":"matches","attribute":"x","value":")" +
           pattern + R"("},"serve":true}]})";
  };
  const auto loaded = dialects::LoadNative(
      R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-18T10:00:00Z",)"
      R"("flags":{)" +
          flag("fits", most) + "," + flag("large", most + 1) + "}}",
      patterns.get());
  REQUIRE(loaded.rules.get() != nullptr);
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].pointer == "/flags/large/rules/0/when/value");
  CHECK(loaded.problems[0].reason.find("it takes more than 64 KiB of memory") != std::string::npos);
  CHECK(loaded.rules->patterns.size() == 1);
}
