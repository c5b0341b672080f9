// What a debug panel shows, and what it does. Guidon draws nothing: an app makes a page of the snapshot, with the user
// interface that it has, and testers get at everything there is to force and every reason why. The terminal sample has
// a whole one on it (samples/terminal/panel.cpp).
//
//   guidon::Panel panel(*client);
//   …
//   if (panel.version() != drawn) draw(panel.Snapshot());
//
// A panel forces by `Force`, as Override::Source::kPanel, and is entitled to it as guidon/overrides.h says. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "guidon/context.h"
#include "guidon/decision.h"
#include "guidon/event.h"
#include "guidon/export.h"
#include "guidon/overrides.h"
#include "guidon/problem.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon {

struct PanelFlag {
  std::string key;
  Value value;          // null: the caller's fallback
  std::string variant;  // as Decision::variant
  Reason reason = Reason::kNotReady;
  std::string experiment;     // that it has its value from; empty: from none
  std::string why;            // in a few words; Client::Explain has all of it
  bool is_forced = false;     // or what it hangs on is, and it would be something else
  bool is_protected = false;  // under a release key nobody forces it
  // What it would be if nothing were forced; where nothing is, what it is.
  Value natural_value;
  std::string natural_variant;
};

struct PanelExperiment {
  struct Variant {
    std::string name;
    double share = 0;                                  // of the experiment's units, 0 to 1; audiences may have others
    std::vector<std::pair<std::string, Value>> flags;  // what it sets
  };
  std::string key;
  std::string status;  // "running", "paused", "ended"; "invalid": the datafile has it in a form that cannot be used
  std::int64_t iteration = 0;
  std::string unit_kind;
  double share = 0;  // of all units that are in the experiment, before its targeting
  std::vector<Variant> variants;
  std::string variant;  // that this identity is in, or what is forced, "off" and "unassigned" too; empty: in none
  std::string natural_variant;  // if nothing were forced; empty: in none
  bool is_forced = false;
  bool is_protected = false;
  std::uint64_t exposures = 0;  // that were recorded since the panel watches
};

struct PanelHoldout {
  std::string key;
  std::string unit_kind;
  double share = 0;                 // of all units that are held out
  std::optional<bool> is_held_out;  // nothing: the identity has no such unit
  std::optional<bool> natural;      // if nothing were forced
  bool is_forced = false;
};

// One gate that a prompt has to pass, in the order in which they are asked. docs/formats/explain.md names them all.
struct PanelGate {
  std::string name;  // "trigger", "audience", "cap", …
  std::string says;  // in words, with what was seen: "1 per 7d: 1 used, free 2026-01-12T09:00:00Z"
  bool passed = false;
  bool is_unknown = false;  // it did not pass, because something that it asks is not known
};

struct PanelPrompt {
  std::string key;          // of the campaign
  std::string kind;         // "modal", "banner", …
  bool may_show = false;    // if its trigger is as its gate says
  std::string why;          // "may_show", or the name of the first reason against it
  std::string natural_why;  // if nothing were forced
  std::string client_says;  // what besides the gates keeps it back, such as that no host draws; empty: nothing
  std::vector<PanelGate> gates;
  // The earliest moment at which time alone lets everything but the trigger pass, by the clock of `time`, which it may
  // be. Nothing: time alone does not help.
  std::optional<Timestamp> next_possible;
  bool needs_trigger = false;  // it has to happen, too
  std::uint64_t shown = 0;     // how often it was, ever
  bool is_on_screen = false;
  bool is_held_out = false;  // it is logged and not shown
  bool is_forced = false;
  bool is_protected = false;
};

struct PanelEvent {
  enum class State {
    kWaiting,    // on the device, to be delivered
    kDelivered,  // the collector took it
    kDoubtful,   // the collector took its batch but for some events, and does not say for which
    kLost,       // `cause` says why
  };
  EventRecord record;
  State state = State::kWaiting;
  std::string cause;  // as Ledger::Loss::cause
};

// "waiting", "delivered", "doubtful", "lost".
GUIDON_EXPORT const char* PanelEventStateName(PanelEvent::State state) noexcept;

struct PanelAttribute {
  std::string kind;  // as Context::Attribute
  std::string name;
  Value value;              // null when it is private
  bool is_private = false;  // Options::private_attributes: it does not leave the device, nor is it shown here
  bool is_forced = false;
};

struct PanelSnapshot {
  std::uint64_t version = 0;  // of all of it
  Timestamp time{};           // the device's clock, as it is forced
  Duration clock_shift{0};    // by how far it is
  std::string sdk_version;
  ClientStatus status;
  std::string device_code;          // as Overrides::DeviceCode: what a tester sends to get a token
  std::optional<QaToken> token;     // as Overrides::Token
  Status may_force;                 // ok: something may be forced here; else why not, and what would help
  bool is_anything_forced = false;  // what is told now counts in no result
  std::vector<Override> overrides;  // as Overrides::List, but for natural values of private attributes
  std::vector<Context::UnitId> units;
  std::vector<PanelAttribute> attributes;
  std::vector<PanelFlag> flags;  // sorted by key, like all that have one
  std::vector<PanelExperiment> experiments;
  std::vector<PanelHoldout> holdouts;
  std::vector<PanelPrompt> prompts;
  // Of this process, in the order in which they became durable, the newest last: the last 500 since the panel watches.
  // Where another process owns the state folder (ProcessRole::kFollower) it sees the events, and here are none.
  std::vector<PanelEvent> events;
  std::vector<Problem> problems;  // as Client::Problems
};

// Watches a client from its making to its end, and costs nothing where there is none. May outlive the client: then the
// snapshot has the events, and nothing else.
class GUIDON_EXPORT Panel {
 public:
  explicit Panel(Client& client);
  ~Panel();
  Panel(const Panel&) = delete;
  Panel& operator=(const Panel&) = delete;

  // Another one than before when anything in the snapshot is, but for what changes by the time alone (`time`, that a
  // wait or a cap is over) and the disk's and the network's state in `status`: an open panel asks for a snapshot once a
  // second besides. Cheap enough to be asked in every frame.
  std::uint64_t version() const noexcept;

  // Flags, experiments, holdouts and overrides are of one moment. Takes about as long as explaining every flag and
  // prompt of the datafile, so not in every frame; it waits for nobody.
  PanelSnapshot Snapshot() const;

  // As Overrides::Force, as a panel: `what.source` does not matter.
  Status Force(Override what);
  // What panel and API force.
  void Clear(Override::Kind kind, std::string_view key);
  void ClearAll();
  // Asks for a newer datafile within a second, unless its server asked to be left alone.
  void Refetch();
  // Makes everything durable and sends it, in the background.
  void Deliver();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace guidon
