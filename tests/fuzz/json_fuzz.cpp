// Any bytes as JSON: what is taken is within its bounds and reads back the same once written; what is refused says
// where.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

std::size_t Walk(json::Node node, std::size_t depth) {
  GUIDON_REQUIRE(depth <= limits::kJsonDepth);
  GUIDON_REQUIRE(text::IsUtf8(node.name()));
  std::size_t count = 1;
  std::size_t children = 0;
  for (const json::Node child : node) {
    count += Walk(child, depth + 1);
    ++children;
  }
  GUIDON_REQUIRE(children == node.size());
  if (const auto string = node.AsString()) {
    GUIDON_REQUIRE(text::IsUtf8(*string));
    GUIDON_REQUIRE(string->size() <= limits::kJsonStringBytes);
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  json::Error error;
  const auto document = json::Document::Parse(bytes, &error);
  if (!document) {
    GUIDON_REQUIRE(!error.reason.empty());
    GUIDON_REQUIRE(error.offset <= size);
    GUIDON_REQUIRE(error.ToText().size() < 4'096);
    return 0;
  }
  GUIDON_REQUIRE(text::IsUtf8(bytes));
  GUIDON_REQUIRE(Walk(document->root(), 0) <= limits::kJsonNodes);
  const Value value = document->root().ToValue();
  const std::string written = json::ToText(value);
  const auto again = json::Document::Parse(written, nullptr);
  GUIDON_REQUIRE(again.has_value());
  GUIDON_REQUIRE(again->root().ToValue() == value);
  GUIDON_REQUIRE(again->root().ToText() == written);
  return 0;
}
