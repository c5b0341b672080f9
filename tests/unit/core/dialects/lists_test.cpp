// Lists of units and of hashed values: what the loader lets in.
#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

std::string FlagWhen(const std::string& condition) {
  return R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition +
         R"(,"serve":true}]}})";
}

std::string Problems(const std::string& condition) {
  std::string text;
  for (const Problem& problem : dialects::LoadNative(Datafile(FlagWhen(condition))).problems) {
    text += problem.pointer.substr(std::string("/flags/f/rules/0/when").size()) + ": " + problem.reason + "\n";
  }
  return text;
}

std::string Digests(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::string digits = std::to_string(i);
    digits.insert(0, 32 - digits.size(), '0');
    text += (i > 0 ? ",\"" : "\"") + digits + "\"";
  }
  return text;
}

}  // namespace

TEST_CASE("lists of units and of hashed values are checked") {
  const std::string digest = "\"0123456789abcdef0123456789abcdef\"";
  const struct {
    std::string condition;
    std::string problem;
  } rows[] = {
      {R"({"op":"in","unit":"account","values":["u-1"]})", ""},
      {R"({"op":"in","unit":"account","hashed":"00ff00ff00ff00ff","values":[)" + digest + "]}", ""},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":[)" + digest + "]}", ""},
      {R"({"op":"in","unit":"account","values":["u-1",2]})", "/values: must hold texts, as units' ids are\n"},
      {R"({"op":"in","unit":"account","values":[]})", "/values: is empty, so nothing is in it\n"},
      {R"({"op":"in","unit":"a b","values":["u-1"]})",
       "/unit: must be 1 to 128 letters, digits, dots, underscores or dashes\n"},
      {R"({"op":"in","unit":"account","attribute":"a","values":["u-1"]})",
       "/attribute: stands beside \"unit\": a condition compares one thing\n"},
      {R"({"op":"in","unit":"account","lower":true,"values":["u-1"]})",
       "/lower: stands beside \"unit\": a condition compares one thing\n"},
      {R"({"op":"==","unit":"account","value":"u-1"})", "/unit: stands in a list's condition alone, \"in\"\n"},
      {R"({"op":"==","attribute":"mail","hashed":"s","value":"x"})",
       "/hashed: stands in a list's condition alone, \"in\"\n"},
      {R"({"op":"in","attribute":"mail","hashed":"s","lower":true,"values":[)" + digest + "]}",
       "/lower: stands beside \"hashed\": what was hashed cannot be folded\n"},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":["0123456789ABCDEF0123456789abcdef"]})",
       "/values/0: must be a digest: 32 of the digits 0 to 9 and a to f\n"},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":["0123"]})",
       "/values/0: must be a digest: 32 of the digits 0 to 9 and a to f\n"},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":[5]})",
       "/values/0: must be a digest: 32 of the digits 0 to 9 and a to f\n"},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":[]})", "/values: is empty, so nothing is in it\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    CHECK(Problems(row.condition) == row.problem);
  }
}

TEST_CASE("hashed values count among those of all lists") {
  const std::string list =
      R"({"op":"in","attribute":"m","hashed":"s","values":[)" + Digests(limits::kListValues) + "]}";
  std::string rules;
  for (std::size_t i = 0; i < limits::kAllListValues / limits::kListValues; ++i) {
    rules += (i > 0 ? "," : "") + (R"({"id":"r)" + std::to_string(i)) + R"(","when":)" + list + R"(,"serve":true})";
  }
  const auto members = [](const std::string& all) {
    return R"("flags":{"f":{"type":"bool","default":false,"rules":[)" + all + "]}}";
  };
  CHECK(ToText(dialects::LoadNative(Datafile(members(rules))).problems) == "");
  const std::string more = R"(,{"id":"one-more","when":{"op":"in","unit":"u","values":["a"]},"serve":true})";
  CHECK(ToText(dialects::LoadNative(Datafile(members(rules + more))).problems) ==
        "/flags/f/rules/10/when/values: brings the values of all lists above 100000\n");
}
