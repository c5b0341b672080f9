#include "sdk/tools/trial.h"

#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/looks.h"
#include "sdk/core/prompts/triggered.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/device_state.h"
#include "sdk/tools/event_argument.h"
#include "sdk/tools/files.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

Result<std::shared_ptr<const ruleset::Ruleset>> LoadSigned(const std::string& path, const std::string& public_key) {
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  if (!public_key.empty() && CheckSignature(*file, public_key) != SignedState::kGood) {
    return Status(StatusCode::kUntrusted, path + ": no good signature by the key given");
  }
  return LoadRules(path, file->payload);
}

std::string ReadCommonOptions(const Arguments& arguments, CommonOptions* out) {
  const std::string at = arguments.Get("--at");
  const std::optional<Timestamp> now = TimeOr(at);
  out->is_told_now = arguments.Has("--at");
  if (!now || (out->is_told_now && at.empty())) return "--at needs a date such as 2026-12-01T09:00:00Z";
  out->now = *now;
  if (!arguments.Has("--key")) return std::string();
  out->public_key = DecodeBase64(arguments.Get("--key")).value_or("");
  if (out->public_key.size() == datafile::kPublicKeyBytes) return std::string();
  return "--key needs a public key in base64, as `guidon keygen` printed it";
}

namespace {

constexpr std::size_t kContextBytes = 1u << 20;

using History = std::optional<std::vector<HistoryEntry>>;

Status LoadContext(const std::string& path, const std::string& at, Trial* out, History* history) {
  const Result<std::string> text = ReadFile(path, kContextBytes);
  if (!text.ok()) return text.status();
  Result<ContextFile> file = ReadContextFile(*text);
  if (!file.ok()) return Status(file.status().code(), path + ": " + file.status().message());
  if (at.empty() && file->now) {
    out->now = *file->now;
    out->is_told_now = true;
  }
  const Status session = CheckSession(*file, out->now);
  if (!session.ok()) return Status(session.code(), path + ": " + session.message());
  out->context = std::move(file->context);
  out->utc_offset = file->utc_offset;
  out->session = file->session;
  if (!out->event) out->event = std::move(file->event);
  *history = std::move(file->history);
  return Status();
}

// What the device has of the account in the context, or of nobody.
Status LoadState(const std::string& folder, Trial* out, std::string* install_id) {
  Result<DeviceState> state = ReadDeviceState(folder, out->is_told_now ? ClockReading{out->now} : ReadThisClock());
  if (!state.ok()) return state.status();
  out->clock_ahead = state->clock_ahead;
  const std::string* account = out->context.FindUnit(events::kAccountUnit);
  const events::Remembered& remembered = state->scopes.Of(events::ScopeOf(account == nullptr ? "" : *account));
  out->memory = Trial::Memory{*remembered.behavior, *remembered.showings, std::move(state->enrollments)};
  *install_id = std::move(state->install_id);
  return Status();
}

// What the engine notices by itself is named like an event and is none: a session's start, a screen in front, idleness.
void NameOwnTrigger(const std::string& campaign, Trial* out) {
  const ruleset::Campaign* found = out->event ? out->rules->FindCampaign(campaign) : nullptr;
  if (found == nullptr) return;
  for (const ruleset::Trigger& trigger : found->triggers) {
    const bool is_own = trigger.steps.empty() && trigger.name() == out->event->name;
    if (is_own) out->event->trigger = trigger.id;
  }
}

// The event is counted before campaigns are asked, as on a device.
void Happen(Trial* out) {
  if (!out->event) return;
  out->event->when = out->prompts_now();
  if (out->event->trigger != 0) return;
  if (!out->memory) return;
  const auto looks =
      evaluation::LookAt(*out->rules, out->event->name, prompts::WithEvent(Context(), out->event->properties));
  out->memory->behavior.Add(out->event->name, out->event->when, out->utc_offset, looks, out->session.number);
}

}  // namespace

bool OpenTrial(const Arguments& arguments, Trial* out, int* exit_code, ContextIs context) {
  const auto misused = [&](const char* message) {
    *exit_code = UsageError(arguments, message);
    return false;
  };
  const bool has_context = arguments.Has("--context");
  if (!has_context && context == ContextIs::kNeeded) return misused("needs --context FILE: who is asking");
  CommonOptions asked;
  const std::string wrong = ReadCommonOptions(arguments, &asked);
  if (!wrong.empty()) return misused(wrong.c_str());
  out->now = asked.now;
  out->is_told_now = asked.is_told_now;
  if (arguments.Has("--event")) {
    Result<prompts::TriggerEvent> event = ReadEventArgument(arguments.Get("--event"));
    if (!event.ok()) return misused(event.status().message().c_str());
    out->event = std::move(*event);
  }
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadSigned(arguments.names()[0], asked.public_key);
  Status status = rules.ok() ? Status() : rules.status();
  if (rules.ok()) out->rules = *std::move(rules);
  std::string install_id;
  History history;
  if (status.ok() && has_context)
    status = LoadContext(arguments.Get("--context"), arguments.Get("--at"), out, &history);
  if (status.ok() && arguments.Has("--state")) status = LoadState(arguments.Get("--state"), out, &install_id);
  if (status.ok()) {
    if (history) {
      if (!out->memory) out->memory.emplace();
      Remember(*history, {out->rules.get()}, out->utc_offset, out->session, &out->memory->behavior,
               &out->memory->showings);
    }
    if (!install_id.empty() && out->context.FindUnit("device") == nullptr) out->context.Unit("device", install_id);
    NameOwnTrigger(arguments.Get("--prompt"), out);
    Happen(out);
    return true;
  }
  *exit_code = Failure(arguments, status.message());
  return false;
}

}  // namespace guidon::tools
