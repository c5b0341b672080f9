// A real client for a test: no thread, file or network, a clock that the test moves, and everything that is decided as
// the test sets it.
//
//   TestClient test;
//   test.Flag(kFileSharing, true).Variant("attach-button", "labelled", {{"composer", "icon-and-text"}});
//   Composer composer(test.client());                // the app's code, with the real guidon::Client&
//   composer.Draw();
//   CHECK(test.events().Exposed("attach-button", "labelled", kOnce));
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "guidon/client.h"
#include "guidon/testing/datafile.h"
#include "guidon/testing/event_spy.h"
#include "guidon/testing/fake_clock.h"
#include "guidon/testing/fake_http.h"
#include "guidon/testing/fake_prompt_host.h"
#include "guidon/testing/fake_store.h"

namespace guidon::testing {

// For one thread, the test's; the client itself is for any. Consent is granted, entropy is the same in every run, and
// what is kept outlives the client, so prompts are shown.
//
// At its end it fails the test when a flag was asked for that the datafile does not have, or as another type. It learns
// that from the client's own summary of what was evaluated, so also of other threads, and not where the app has no
// consent for analytics or turned summaries off.
class TestClient {
 public:
  explicit TestClient(Datafile datafile = Datafile());
  ~TestClient();
  TestClient(const TestClient&) = delete;  // its parts know where it is
  TestClient& operator=(const TestClient&) = delete;

  // As Datafile has them. Before the client is opened: what it opens with. Later: published as a newer datafile, which
  // is in force when the call returns (a second or two passes by the clock), or waits as Options::apply says. Offline
  // and in the background it arrives when it would for people.
  TestClient& Flag(const std::string& key, Value value);
  template <class T>
  TestClient& Flag(const guidon::Flag<T>& flag, typename FlagTraits<T>::Result value) {
    datafile().Flag(flag, std::move(value));
    return Changed();
  }
  TestClient& Missing(const std::string& flag);
  TestClient& Variant(const std::string& experiment, const std::string& variant, const Object& flags = {});
  TestClient& Experiment(const std::string& key, const std::vector<TestVariant>& variants);
  TestClient& Prompt(const std::string& campaign);
  TestClient& Prompt(const std::string& campaign, const TestPrompt& prompt);
  // The client opens without a datafile, and its server has none until `Publish`. To be said before it is opened.
  TestClient& NotReady();
  void Publish();

  // What the client is opened with, next time: the app's own options, say, and its crypto or log. The kit's, whatever
  // these say, are the addresses, the bundled datafile and whether it has to be signed; and clock, waker, network, store,
  // journal and files.
  Options& options();
  Platform& platform();

  // Opened by the first call.
  Client& client();
  // The app ends, with all that Close does, and `client()` opens it again on what was kept.
  void Restart();

  // Does what is due now, and lets the moment pass that making it durable takes (100 ms as a rule). Every look at
  // events and prompts does so first.
  void Settle();
  // Lets time pass, and does on the way what becomes due, when it does.
  void Advance(Duration by);

  FakeClock& clock();
  FakeHttp& http();
  FakeStore& store();
  EventSpy& events();
  FakePromptHost& prompts();  // the client's host, until the app sets its own

  // What runs: "attach-button: labelled", of ForEachVariant and ForAllPairs; else empty.
  const std::string& name() const;
  void SetName(std::string name);

 private:
  class Impl;
  Datafile& datafile();
  TestClient& Changed();

  const std::unique_ptr<Impl> impl_;
};

}  // namespace guidon::testing
