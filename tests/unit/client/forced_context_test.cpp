// What QA forces of the context: attributes, and on which side of a holdout the unit is.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/client/overrides_world.h"

namespace guidon::test {

TEST_CASE(
    "a forced attribute is what rules see, with the app's own beside it, and says of a value no more than its name") {
  Qa qa;
  qa.world.options.context.Set("plan", "free");
  Client& client = qa.world.Open();
  const auto chunk_for = [&client](const char* plan) {
    return client.Decide(kChunk, Context().Unit("device", "d-9").Set("plan", plan)).AsInt();
  };
  CHECK(client.Get(kChunk) == 256);
  REQUIRE(client.overrides().ForceAttribute("plan", Value("pro")).ok());
  CHECK(client.Get(kChunk) == 1024);
  CHECK(client.overrides().List().at(0).natural_value == Value("free"));
  CHECK(chunk_for("free") == 256);  // what a call brings along is as it says
  const std::string text = client.Explain("chunk-kb");
  CAPTURE(text);
  CHECK(text.find("override   attribute plan, by the app itself") != std::string::npos);
  CHECK(text.find("naturally  256") != std::string::npos);
  client.Identify(Context().Unit("device", "d-2"));
  CHECK(client.Get(kChunk) == 1024);  // whoever is here
  CHECK(client.overrides().List().at(0).natural_value.is_null());
  client.overrides().ClearAll();
  CHECK(client.Get(kChunk) == 256);
  CHECK(client.Explain("chunk-kb").find("override") == std::string::npos);
}

TEST_CASE("a forced holdout decides past its slots, is explained, and exposes nobody to it") {
  Qa qa;
  Client& client = qa.world.client();
  const std::string natural = client.Get(kComposer);
  REQUIRE(client.overrides().ForceHoldout("everyone", true).ok());
  const std::string text = client.Explain("composer");
  CAPTURE(text);
  CHECK(text.find("override: held out by everyone, so the flag is its default") != std::string::npos);
  CHECK(text.find("override   holdout everyone to in, by the app itself") != std::string::npos);
  CHECK(text.find("naturally  \"" + natural) != std::string::npos);
  qa.UseTheApp();
  CHECK(qa.world.CollectedOf("feature_flag.evaluation").size() == 1);  // of before
  REQUIRE(client.overrides().ForceHoldout("everyone", false).ok());
  CHECK(client.Explain("composer").find("override: not held out by everyone") != std::string::npos);
}

}  // namespace guidon::test
