// For QA: force a flag's value, an experiment's variant, a prompt and more on this device. A forced decision says so
// (Reason::kForced), and everything told while anything is forced is marked, so that the collector counts it in no
// result.
//
// Who may force what is decided by the key that signed the datafile in force:
// - a development key, or none where the app takes unsigned ones: everything;
// - a release key: nothing, until this device has a QA token (below) that covers it; and never what the datafile calls
//   `protected`. Nothing that an app can set changes that.
// Without a datafile it is as the strictest of the app's trusted keys has it.
//
// Five sources, in the order in which one wins over another for the same object: this API, what a QA token forces
// itself, a debug panel, the overrides file, the environment (ports/local_overrides.h). Between a flag and an
// experiment that sets it, the flag's override wins. Of two experiments that set one flag, the one whose rule comes
// first in that flag.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/export.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon {

struct Override {
  enum class Kind { kFlag, kExperiment, kPrompt, kHoldout, kAttribute, kClock };
  enum class Source { kApi, kToken, kPanel, kFile, kEnvironment };  // the first that forces an object wins

  Kind kind = Kind::kFlag;
  std::string key;  // of the flag, experiment, campaign or holdout; the attribute's name; of the clock empty
  Value value;      // of a flag or an attribute; an attribute may be null
  // Of an experiment: a variant's name, "off" or "unassigned"; of a prompt: "show", "within_caps" (show it unless a
  // wait, a cap, hours or a group keep it back) or "off"; of a holdout "in" or "out"; of the clock how far it is moved,
  // "+3d", "-36h", at most 366 days (units s m h d w), or a time: that it shows from now on.
  std::string variant;
  Source source = Source::kApi;
  // Nothing: until it is cleared or the client closes. Else it is kept on the device until then, also over restarts,
  // where files and kFunctional are there; at most 7 days. Of API and panel; what a token forces ends with it.
  std::optional<Timestamp> until = std::nullopt;

  // --- In `List` alone ---

  // False: kept, but without effect. The datafile in force has no such object or variant, or it may not be forced, or a
  // source that comes first forces the same object.
  bool applied = false;
  std::string why_not = {};          // in words; empty: it is applied
  std::string natural_variant = {};  // what it would be without any override: of an experiment; empty: in none
  Value natural_value = {};          // of a flag; null: the caller's fallback. Of an attribute; null: it is not set
};

// "api", "token", "panel", "file", "environment".
GUIDON_EXPORT const char* OverrideSourceName(Override::Source source) noexcept;

// Permission to force on devices whose datafile a release key signed: made by `guidon qa token`, signed by a key that
// the app trusts with it (TrustedKey::Role::kQa), for one device and a few days. docs/formats/qa-token.md
struct QaToken {
  std::string id;      // names it in events, and where it is revoked
  std::string key;     // that signed it, as `guidon keygen` names it
  std::string issuer;  // who made it; may be empty
  std::string project;
  std::string environment;
  std::string device;  // the code of the one it is for; "*": any, which no production environment takes
  Timestamp not_before{};
  Timestamp expires_at{};
  // What may be forced: "experiment:attach-button", "experiment:attach-button=off", "flag:*", "*". By their kinds as
  // GUIDON_FORCE names them.
  std::vector<std::string> allow;
  bool allows_local = false;  // by the overrides file and the environment, too
  std::string force;          // what it forces itself, as GUIDON_FORCE says it; may be empty
  std::string note;
  // Of the token in force: ok, or why it permits nothing just now, in words.
  Status status;
};

// Reached by `Client::overrides()`, and valid as long as the client. Any thread. A change takes effect before the call
// returns, and fires the same `OnChange` as a new datafile. Here one changes what API and panel force; what the file
// and the environment force is theirs.
class GUIDON_EXPORT Overrides {
 public:
  virtual ~Overrides() = default;

  // `what` by its kind, key, value or variant, `until`, and a source that is kApi or kPanel. kInvalidArgument when the
  // datafile in force has the flag with another type, or `until` is over or more than 7 days away; kNotFound when it
  // has no such experiment, campaign or variant, with what there is; kPermissionDenied when it may not be forced, with
  // the reason. A flag that the datafile does not have is forced all the same. A kill switch is stronger than a forced
  // experiment, and weaker than a forced flag.
  virtual Status Force(Override what) = 0;

  Status ForceFlag(std::string_view flag, Value value);
  // `variant` is one of the experiment's: every flag it sets follows, whatever else the flag's rules say. Or "off": the
  // experiment's flags are their defaults, as for a unit that is held out. Or "unassigned": as if the unit were not in
  // the experiment, so the flag's next rule is asked.
  Status ForceExperiment(std::string_view experiment, std::string_view variant);
  // Shows the campaign's prompt as soon as the host admits it, past audience, holdout, caps and waits; every call shows
  // it once more. With `show` false it is never shown instead.
  Status ForcePrompt(std::string_view campaign, bool show = true);

  // The unit is held out by the holdout, whatever its slot, so the flags of the experiments it governs are their
  // defaults and the campaigns it governs are shown nothing; or it is not held out, and goes on.
  Status ForceHoldout(std::string_view holdout, bool is_held_out);
  // The attribute, by the name that the app sets it by, is this in the context of whoever is here. A context that a
  // call brings along is as it says.
  Status ForceAttribute(std::string_view attribute, Value value);

  // Decides, and shows prompts, as it will be or was that long from now; within 366 days either way. Flags,
  // experiments, schedules, caps and waits go by the moved clock. Nothing else does: a datafile and a token expire when
  // they do, events are told with the time at which they happened, behavior is noted at it. What is shown meanwhile
  // counts in caps and waits at the moved time, as long as the clock is moved, by whatever; then it is as if it had not
  // been shown.
  Status ForceClock(Duration by);

  // What API and panel force.
  virtual void Clear(Override::Kind kind, std::string_view key) = 0;
  void ClearFlag(std::string_view flag) { Clear(Override::Kind::kFlag, flag); }
  void ClearExperiment(std::string_view experiment) { Clear(Override::Kind::kExperiment, experiment); }
  void ClearPrompt(std::string_view campaign) { Clear(Override::Kind::kPrompt, campaign); }
  void ClearClock() { Clear(Override::Kind::kClock, {}); }
  virtual void ClearAll() = 0;

  // Of all sources, in their order.
  virtual std::vector<Override> List() const = 0;

  // --- QA tokens ---

  // A token ("gqa1.…"), or a link that has one as its parameter `t` ("notes://guidon?t=gqa1.…"): what it says, for a
  // person to confirm. Not ok: why this device would not take it. `done` is called once: in here where the platform's
  // cryptography answers at once, as the default one does, or else later, from its thread; not after Close.
  virtual void ReadToken(std::string_view text, std::function<void(Result<QaToken>)> done) = 0;
  // The same, and takes it in the place of the one before: from now on it permits what it covers, and forces what it
  // says. Kept on the device until it expires, where files and kFunctional are there. `done` may be null.
  virtual void UseToken(std::string_view text, std::function<void(Status)> done) = 0;
  // What it permitted has no effect any more.
  virtual void DropToken() = 0;
  // The one that is held. While its status is ok an app shows that QA is on: a banner, say.
  virtual std::optional<QaToken> Token() const = 0;
  // What a token for this device names it by: 22 characters. It follows from the install id and does not tell it.
  // Empty where the platform has no SHA-256.
  virtual std::string DeviceCode() const = 0;
};

}  // namespace guidon
