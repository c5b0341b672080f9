// Any bytes as a source: lint says something about it, and what it finds no error in is published as a datafile that
// devices find none in, once and again, with nobody moved.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/source_reader.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

struct Read {
  tools::Located json;
  tools::Source source;
  tools::Problems problems;
};

std::string PublishNext(const Read& read, const tools::Previous* previous) {
  return tools::Publish(read.source, previous, {kNow, kNow + Duration(86'400'000)});
}

void CheckPublished(const std::string& payload) {
  const auto loaded = dialects::LoadNative(payload);
  for (const Problem& problem : loaded.problems) {
    if (problem.is_error) std::fprintf(stderr, "%s: %s\n", problem.pointer.c_str(), problem.reason.c_str());
    GUIDON_REQUIRE(!problem.is_error);
  }
  GUIDON_REQUIRE(loaded.rules != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Read read;
  tools::ReadSource(text, kNow, &read.json, &read.source, &read.problems);
  GUIDON_REQUIRE(read.problems.all().size() <= tools::Problems::kMost);
  for (const tools::Problem& problem : read.problems.all()) {
    GUIDON_REQUIRE(!problem.code.empty() && !problem.reason.empty());
    GUIDON_REQUIRE(problem.offset <= size);
  }
  GUIDON_REQUIRE(json::Document::Parse(read.problems.ToJson("file", text), nullptr).has_value() ||
                 read.problems.all().size() > 100);
  if (read.problems.has_errors()) return 0;
  const std::string first = PublishNext(read, nullptr);
  CheckPublished(first);
  const auto previous = tools::ReadPrevious(first);
  GUIDON_REQUIRE(previous.ok());
  tools::CheckChanges(read.source, *previous, &read.problems);
  GUIDON_REQUIRE(!read.problems.has_errors());
  const std::string second = PublishNext(read, &*previous);
  CheckPublished(second);
  const auto next = tools::ReadPrevious(second);
  GUIDON_REQUIRE(next.ok());
  for (std::size_t i = 0; i < next->experiments.size(); ++i) {
    GUIDON_REQUIRE(next->experiments[i].iteration == previous->experiments[i].iteration);
    GUIDON_REQUIRE(next->experiments[i].slots.size() == previous->experiments[i].slots.size());
  }
  return 0;
}
