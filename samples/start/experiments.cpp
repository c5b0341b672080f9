// Who is here, and when new rules take effect: docs/guide/experiments.md walks through it.
#include <guidon/default_platform.h>
#include <guidon/guidon.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

inline constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: %s DATAFILE PUBLIC_KEY\n", argv[0]), 2;
  std::ifstream file(argv[1], std::ios::binary);

  guidon::Options options;
  options.bundled_datafile.assign(std::istreambuf_iterator<char>(file), {});
  options.trusted_keys = {{argv[2]}};
  options.consent = guidon::Consent::kGranted;
  options.apply = guidon::ApplyWhen::kNextForeground;  // nothing changes under a person's eyes
  auto client = guidon::Client::Open(std::move(options), guidon::DefaultPlatform("experiments-state"));

  // Nobody is logged in: the device's own variant, counts and caps.
  std::printf("device:   %s\n", client->Get(kComposer).c_str());

  // Somebody logs in. What was done before belongs to the account from now on.
  client->Identify(guidon::Context().Unit("account", "u-42").Set("plan", "pro"));
  // Somebody else: has what was theirs, or begins anew.
  client->Identify(guidon::Context().Unit("account", "u-7"), guidon::Carry::kNothing);
  // Two accounts turn out to be one person.
  client->Identify(guidon::Context().Unit("account", "u-42"), guidon::Carry::kPrevious);
  client->Logout();

  client->OnBackground();
  client->OnForeground();  // a datafile that came in the meantime is in force from here on
  const guidon::ClientStatus status = client->status();
  if (status.datafile_waiting_version > 0) std::puts("a newer datafile waits");
  client->Close(std::chrono::seconds(2));
}
