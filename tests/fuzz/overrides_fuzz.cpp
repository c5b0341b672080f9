// Any bytes as what QA writes outside the app: the environment's text and the overrides file.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "guidon/limits.h"
#include "sdk/client/overrides_text.h"
#include "sdk/core/base/text.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

void Check(const std::vector<client::HeldOverride>& held) {
  GUIDON_REQUIRE(held.size() <= limits::kOverrides);
  for (const client::HeldOverride& one : held) {
    GUIDON_REQUIRE(one.what.key.empty() == (one.what.kind == Override::Kind::kClock));
    // What is written down of it reads back as the same.
    std::vector<Status> problems;
    const std::vector<client::HeldOverride> again = client::ReadEnvironment(client::EntryText(one.what), &problems);
    const bool is_clock = one.what.kind == Override::Kind::kClock;
    GUIDON_REQUIRE(!is_clock || (again.size() == 1 && again[0].what.variant == one.what.variant));
    GUIDON_REQUIRE(text::IsUtf8(one.what.key));
    GUIDON_REQUIRE(one.what.key.size() <= limits::kKeyBytes);
  }
  // No datafile is in force: nothing takes hold, and each says why.
  std::vector<client::HeldOverride> list = held;
  for (client::HeldOverride& one : list) client::SettleShift(TimestampFromMs(1'795'000'000'000), &one);
  const client::AppliedOverrides applied = client::ApplyOverrides(nullptr, {nullptr, {}, Timestamp()}, &list);
  GUIDON_REQUIRE(applied.shift <= client::kMostShift && applied.shift >= -client::kMostShift);
  GUIDON_REQUIRE(applied.forced.flags.empty() && applied.forced.experiments.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<Status> problems;
  Check(client::ReadEnvironment(bytes, &problems));
  GUIDON_REQUIRE(problems.size() <= limits::kProblems + 1);
  for (const Status& problem : problems) GUIDON_REQUIRE(!problem.message().empty());
  const auto read = client::ReadOverridesFile(bytes);
  if (read.ok()) {
    Check(*read);
  } else {
    GUIDON_REQUIRE(!read.status().message().empty());
  }
  return 0;
}
