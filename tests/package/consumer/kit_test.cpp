// An app's own test with the installed kit: a value, a variant, an event and a prompt. Exits with the number of the first
// check that fails, and says why.
#include <guidon/guidon.h>
#include <guidon/testing.h>

#include <cstdio>

namespace {

constexpr guidon::Flag<bool> kSharing{"file-sharing", false};
constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};

bool Holds(const guidon::testing::Verdict& verdict) {
  if (!verdict) std::printf("%s\n", verdict.text().c_str());
  return static_cast<bool>(verdict);
}

}  // namespace

int main() {
  guidon::testing::TestClient test;
  test.Flag(kSharing, true).Variant("attach-button", "labelled", {{"composer", "text"}}).Prompt("nps");
  if (!test.client().Get(kSharing) || test.client().Get(kComposer) != "text") return 1;
  if (!Holds(test.events().Exposed("attach-button", "labelled", guidon::testing::kOnce))) return 2;
  test.client().Track("nps");
  if (!Holds(test.prompts().IsUp("nps")) || !Holds(test.prompts().Press("ok"))) return 3;
  if (!Holds(test.events().PromptPressed("nps", "ok"))) return 4;
  return test.client().Flush(std::chrono::seconds(5)).kept == 0 ? 0 : 5;
}
