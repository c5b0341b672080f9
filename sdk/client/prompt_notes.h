// What the prompter knows, as far as explanations tell of it: written on the logic lane, read from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/prompts/trigger_watch.h"

namespace guidon::client {

struct PromptNotes {
  struct Happened {
    std::vector<std::pair<std::string, Value>> properties;
    Timestamp when{};
  };
  struct Said {
    prompts::Why why = prompts::Why::kMayShow;
    Timestamp when{};
    std::string event = {};             // that cancelled it
    Timestamp until = ruleset::kNever;  // of a delay
  };

  // Held while anything is noted.
  class Writing {
   public:
    explicit Writing(PromptNotes* notes) : notes_(*notes), lock_(notes->mutex) {}
    ~Writing() { notes_.version.fetch_add(1, std::memory_order_release); }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    PromptNotes& notes_;
    const std::lock_guard<std::mutex> lock_;
  };

  std::atomic<std::uint64_t> version{0};  // how often something was noted
  std::mutex mutex;                       // nothing is locked under it
  // Under `mutex` from here on.
  std::shared_ptr<const behavior::Behavior> behavior;
  behavior::Session session;
  std::shared_ptr<const prompts::Showings> showings;
  bool has_host = false;
  Timestamp session_began{};
  std::optional<prompts::HostAbilities> host;
  std::string on_screen;                                                // a campaign
  std::map<std::string, Happened, std::less<>> events;                  // the last one that may trigger, by name
  std::map<std::string, Said, std::less<>> said;                        // the client's own reason, by campaign
  std::map<std::string, prompts::TriggerEvent, std::less<>> completed;  // by campaign what took more than an event
  prompts::TriggerWatch watch;
};

}  // namespace guidon::client
