// A device and whoever holds it, simulated: the client's own prompter and store, in one thread, under a clock that goes
// where it is told. Which prompt comes when is decided by the code that decides it in an app; here are the ports only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/context.h"
#include "guidon/prompt.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/client/prompter.h"
#include "sdk/client/state.h"

namespace guidon::tools {

// What somebody does with a prompt.
enum class PromptAnswer : std::uint8_t {
  kDismiss,
  kPress,   // the button given, or the first one that does not snooze; questions are answered, to their end
  kSnooze,  // the first button that does, or for a day
  kIgnore,  // by itself: nothing, and it vanishes after a minute
};

// What the watcher is told.
struct DeviceNote {
  Timestamp at{};
  Duration utc_offset{0};                    // of the device's clock
  const client::PromptStep* step = nullptr;  // or
  const Prompt* prompt = nullptr;            // that is on screen from now on, or up to now:
  std::string_view end;     // "dismissed", "pressed", "completed", "snoozed", "timed_out", "retracted"; empty: it comes
  std::string_view button;  // the label of what was pressed
};

class SimulatedDevice {
 public:
  using Watcher = std::function<void(const DeviceNote&)>;
  // What is done with a prompt some seconds after it came.
  using Answers = std::function<PromptAnswer(const Prompt&)>;

  // The app is opened at `at`, for the first time. All units that the rules know are `person`, but for those in
  // `context`.
  SimulatedDevice(std::shared_ptr<const client::Datafile> datafile, const std::string& person, Context context,
                  Timestamp at, Duration utc_offset, Answers answers, Watcher watcher);
  ~SimulatedDevice();
  SimulatedDevice(const SimulatedDevice&) = delete;  // what it is made of points here
  SimulatedDevice& operator=(const SimulatedDevice&) = delete;

  // Time passes, and what is due in it happens. Never back.
  void AdvanceTo(Timestamp at);
  Timestamp now() const;
  void SetUtcOffset(Duration offset);

  void Track(std::string_view event, const std::vector<std::pair<std::string, Value>>& properties);
  // Over those that are there.
  void SetAttributes(const std::vector<std::pair<std::string, Value>>& attributes);
  void Background();
  void Foreground();
  void SetScreen(std::string_view name);
  void NoteActivity();
  // False when no prompt is on screen, or it has no such button; empty: any.
  bool Give(PromptAnswer answer, std::string_view button = {});
  // As PromptLease says; kNotFound when no prompt is on screen.
  Status Answer(std::string_view question, const Value& answer);
  Status Complete();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace guidon::tools
