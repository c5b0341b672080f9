// A world whose collector misbehaves as a test says, under audit.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/facts_audit.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {

using guidon::test::FactsAudit;
using guidon::test::ScriptedAnswer;

std::vector<std::string> IdsOf(const HttpRequest& request);

class FaultyCollector {
 public:
  // `install` makes its own jitter.
  explicit FaultyCollector(int install = 1);

  // Begins the process. `answer` may call Keep and KeepUnheard.
  void Begin();

  // The collector has the request's events, all but some.
  ScriptedAnswer Keep(const HttpRequest& request, const std::set<std::string>& but = {});
  // The same, but the answer does not arrive.
  ScriptedAnswer KeepUnheard(const HttpRequest& request, ScriptedAnswer end = ScriptedAnswer::Failed());

  // What must hold after any fault, the next start included. The world is another process then.
  void Check();

  struct Sent {
    MonoTime at;
    std::string key;  // Idempotency-Key
    std::string body;
    std::size_t events;
  };
  std::vector<Sent> sent;  // all requests
  std::function<ScriptedAnswer(const HttpRequest&)> answer;
  World world;
  FactsAudit audit;

 private:
  std::size_t audited_ = 0;
};

}  // namespace guidon::events::test
