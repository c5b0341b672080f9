// What the client told, to look at. Every look first does what is due, so nothing has to be waited for; a look that
// fails says in words what was there instead.
//
//   CHECK(test.events().Exposed("attach-button", "labelled", kOnce));
//   CHECK(test.events().Tracked("file_shared", {{"kind", "pdf"}}));
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "guidon/testing/verdict.h"

namespace guidon::testing {

struct Times {
  std::size_t least = 1;
  std::size_t most = static_cast<std::size_t>(-1);
};
inline constexpr Times kAnyTimes{};  // once or more
inline constexpr Times kOnce{1, 1};
inline constexpr Times kNever{0, 0};
constexpr Times Exactly(std::size_t n) noexcept { return {n, n}; }

// Sees what is durable, in the order in which it happened, of all clients that it watched.
class EventSpy {
 public:
  // `settle` is called before every look; may be null.
  explicit EventSpy(std::function<void()> settle = nullptr);
  ~EventSpy();
  EventSpy(const EventSpy&) = delete;  // subscriptions know where it is
  EventSpy& operator=(const EventSpy&) = delete;

  void Watch(Client& client);
  // `seen` is called for each, too; from now on.
  void OnEach(std::function<void(const EventRecord&)> seen);

  // To the variant of an experiment, or the side of a holdout.
  Verdict Exposed(std::string_view experiment, std::string_view variant, Times times = kAnyTimes) const;
  // With all of these properties; others may be there, too.
  Verdict Tracked(std::string_view name, Object properties = {}, Times times = kAnyTimes) const;
  // What became of the campaign's prompts.
  Verdict PromptShown(std::string_view campaign, Times times = kAnyTimes) const;
  Verdict PromptPressed(std::string_view campaign, std::string_view button, Times times = kAnyTimes) const;
  Verdict PromptDismissed(std::string_view campaign, Times times = kAnyTimes) const;
  Verdict PromptAnswered(std::string_view campaign, std::string_view question, const Value& answer,
                         Times times = kAnyTimes) const;
  // Anything else: a matcher of the test's own. `what` names it where it fails.
  Verdict Any(std::string_view what, const std::function<bool(const EventRecord&)>& is_it,
              Times times = kAnyTimes) const;

  std::vector<EventRecord> All() const;
  // What happened so far is not seen any more.
  void Clear();

 private:
  struct State;
  Verdict Look(std::string_view wanted, std::optional<EventKind> kind, Times times,
               const std::function<bool(const EventRecord&)>& is_it) const;

  const std::shared_ptr<State> state_;
};

}  // namespace guidon::testing
