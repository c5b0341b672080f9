// A datafile and a context to try it out with: what eval and explain start from.
#pragma once

#include <memory>
#include <optional>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/arguments.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {

// --at and --key.
struct CommonOptions {
  Timestamp now{};  // the clock's, unless it is told
  bool is_told_now = false;
  std::string public_key;  // empty: anybody may have signed

  std::optional<Timestamp> told_now() const { return is_told_now ? std::optional<Timestamp>(now) : std::nullopt; }
};
// Empty, or what is wrong with them.
std::string ReadCommonOptions(const Arguments& arguments, CommonOptions* out);

// Refuses what that public key did not sign, where it is not empty. Says which file it is about.
Result<std::shared_ptr<const ruleset::Ruleset>> LoadSigned(const std::string& path, const std::string& public_key);

struct Trial {
  std::shared_ptr<const ruleset::Ruleset> rules;
  Context context;
  Timestamp now{};
  bool is_told_now = false;  // else it is this machine's
  Duration utc_offset{0};    // of the device's clock
  // What `now` is ahead of the time that prompts go by, where the clock jumped and the app does not believe it.
  Duration clock_ahead{0};
  // What happens now. Where there is a memory it is counted there, as on a device.
  std::optional<prompts::TriggerEvent> event;

  struct Memory {
    behavior::Behavior behavior;
    prompts::Showings showings;
    enrollment::Enrollments enrollments;
  };
  behavior::Session session;     // number 0: it is not told
  std::optional<Memory> memory;  // nothing: neither a history nor a device's state was given

  evaluation::Surroundings surroundings() const {
    evaluation::Surroundings out;
    out.behavior = behavior();
    out.session = session;
    out.enrollments = memory ? &memory->enrollments : nullptr;
    if (utc_offset.count() != 0) out.utc_offset = [offset = utc_offset](Timestamp) { return offset; };
    out.crypto = ToolCrypto();
    return out;
  }
  Timestamp prompts_now() const { return now - clock_ahead; }
  const behavior::Behavior* behavior() const noexcept { return memory ? &memory->behavior : nullptr; }
  const prompts::Showings* showings() const noexcept { return memory ? &memory->showings : nullptr; }
};

// Reads the datafile named, --context, --at, --key, --event and --state. What is wrong with single flags goes to stderr
// as warnings. False when there is nothing to try, which has been printed; the command then ends with `exit_code`.
enum class ContextIs : std::uint8_t { kNeeded, kOptional };
bool OpenTrial(const Arguments& arguments, Trial* out, int* exit_code, ContextIs context = ContextIs::kNeeded);

}  // namespace guidon::tools
