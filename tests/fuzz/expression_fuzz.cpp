// Any bytes as an expression: what is taken is written back as one that says the same, and devices take what it is
// published as; what is refused says where.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/expression/parser.h"
#include "sdk/core/expression/render.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

// Names that the datafile would have to have.
bool NamesOthers(const expression::Tree& tree) {
  bool names = false;
  expression::ForEachLeaf(tree, [&](const expression::Tree& leaf) {
    names = names || leaf.kind == expression::Kind::kSegment || leaf.kind == expression::Kind::kFlag ||
            leaf.kind == expression::Kind::kVariant || leaf.kind == expression::Kind::kVariantIn;
  });
  return names;
}

void Publish(const std::string& condition) {
  const auto loaded = dialects::LoadNative(
      R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-18T10:00:00Z",)"
      R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" +
      condition + R"(,"serve":true}]}}})");
  GUIDON_REQUIRE(loaded.rules != nullptr);
  for (const Problem& problem : loaded.problems) {
    if (problem.is_error) std::fprintf(stderr, "%s: %s\n", problem.pointer.c_str(), problem.reason.c_str());
    GUIDON_REQUIRE(!problem.is_error);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view written(reinterpret_cast<const char*>(data), size);
  expression::Error error;
  const auto tree = expression::Parse(written, &error);
  if (!tree) {
    GUIDON_REQUIRE(!error.reason.empty());
    GUIDON_REQUIRE(error.offset <= size && error.size <= size - error.offset);
    GUIDON_REQUIRE(text::IsUtf8(error.reason) && text::IsUtf8(error.advice));
    GUIDON_REQUIRE(!expression::PointAt(written, error).empty());
    return 0;
  }
  const std::string rendered = expression::ToText(*tree);
  const auto again = expression::Parse(rendered, &error);
  if (!again) std::fprintf(stderr, "%s\n%s\n", rendered.c_str(), error.reason.c_str());
  GUIDON_REQUIRE(again.has_value());
  GUIDON_REQUIRE(*again == *tree);
  GUIDON_REQUIRE(expression::ToText(*again) == rendered);
  const std::string published = expression::ToJson(*tree);
  const auto json = json::Document::Parse(published, nullptr);
  GUIDON_REQUIRE(json.has_value());
  const auto back = expression::FromJson(json->root());
  GUIDON_REQUIRE(back.has_value());
  GUIDON_REQUIRE(*back == *tree);
  if (!NamesOthers(*tree)) Publish(published);
  return 0;
}
