#include "sdk/client/pins.h"

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "sdk/client/state.h"

namespace guidon::client {
namespace {

TEST_CASE("a replaced State is freed with its rules once its last reader is gone") {
  const auto with_rules = [](std::int64_t n) {
    auto datafile = std::make_shared<Datafile>();
    datafile->rules = std::make_shared<const ruleset::Ruleset>();
    Inputs inputs;
    inputs.datafile = datafile;
    return std::make_unique<const State>(std::move(inputs), TimestampFromMs(n));
  };
  auto first = with_rules(0);
  const std::weak_ptr<const ruleset::Ruleset> rules = first->inputs.datafile->rules;
  Pins pins(std::move(first));
  auto reader = pins.Acquire();
  auto next = with_rules(1);
  REQUIRE(pins.Publish(&next));
  CHECK_FALSE(pins.Sweep());
  CHECK_FALSE(rules.expired());
  reader = pins.Acquire();  // of the State that is current, which nobody frees
  CHECK(pins.Sweep());
  CHECK(rules.expired());
  CHECK(reader->rules() == pins.Acquire()->rules());
}

}  // namespace
}  // namespace guidon::client
