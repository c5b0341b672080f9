// A released app that lets a tester force things: docs/guide/qa.md walks through it.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

inline constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};

// What an app shows before it takes a link, and asks.
void Confirm(const guidon::QaToken& token) { std::printf("force %s? %s\n", token.force.c_str(), token.note.c_str()); }

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: %s DATAFILE RELEASE_KEY QA_KEY [LINK]\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});
  options.trusted_keys = {{argv[2]}, {argv[3], guidon::TrustedKey::Role::kQa}};
  options.consent = guidon::Consent::kGranted;
  auto client = guidon::Client::Open(std::move(options), guidon::DefaultPlatform("qa-state"));
  guidon::Overrides& qa = client->overrides();
  // What is decided, for `guidon replay`.
  std::ofstream trace("decisions.trace", std::ios::app | std::ios::binary);
  guidon::Subscription recording = client->Record(nullptr, [&](std::string_view lines) { trace << lines; });
  std::printf("composer: %s\n", client->Get(kComposer).c_str());

  if (argc == 4) {
    // No token: nothing can be forced, and the reason says what that takes.
    const guidon::Status refused = qa.ForceExperiment("attach-button", "labelled");
    std::printf("%s\n", refused.ok() ? "forced" : refused.message().c_str());
    std::printf("device: %s\n", qa.DeviceCode().c_str());
  } else {
    qa.ReadToken(argv[4], [](guidon::Result<guidon::QaToken> token) {
      if (token.ok()) Confirm(*token);
    });
    qa.UseToken(argv[4], [](const guidon::Status& taken) {
      std::printf("%s\n", taken.ok() ? "taken" : taken.message().c_str());
    });
    std::printf("composer: %s\n", client->Get(kComposer).c_str());
  }

  // What a debug panel shows: each override, what would be without it, and why no prompt is up.
  const guidon::Panel panel(*client);
  const guidon::PanelSnapshot all = panel.Snapshot();
  for (const guidon::Override& each : all.overrides) {
    const std::string natural = each.natural_variant.empty() ? "in none" : each.natural_variant;
    std::printf("%s is %s, by the %s; naturally %s\n", each.key.c_str(), each.variant.c_str(),
                guidon::OverrideSourceName(each.source), natural.c_str());
  }
  for (const guidon::PanelPrompt& each : all.prompts) {
    std::printf("%s: %s\n", each.key.c_str(), each.client_says.c_str());
  }
  if (all.token) {  // while it is in force: a banner
    const guidon::Status& token = all.token->status;
    std::printf("QA token %s: %s\n", all.token->id.c_str(), token.ok() ? "on" : token.message().c_str());
  }
  recording.Cancel();  // hands over what is left
  client->Close(std::chrono::seconds(2));
}
