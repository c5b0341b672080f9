// Who moves when one ruleset follows another: the same people are decided under both, with the evaluator that devices
// use, and what differs is counted. Pure: people are made of numbers, and time is an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {

// What is known of a person besides ids, which are made up.
struct Profile {
  Context context;  // attributes
  Timestamp now{};
  std::optional<behavior::Behavior> behavior;  // nothing: not known
  behavior::Session session = {};              // number 0: it is not told
  Duration utc_offset{0};                      // of the device's clock

  evaluation::Surroundings surroundings() const {
    evaluation::Surroundings out;
    if (behavior) out.behavior = &*behavior;
    out.session = session;
    if (utc_offset.count() != 0) out.utc_offset = [offset = utc_offset](Timestamp) { return offset; };
    out.crypto = ToolCrypto();
    out.expires_at = ruleset::kNever;  // they are compared as if each came in time
    return out;
  }
};

// People 1 to `count`. Each has one id of each unit kind; profiles are dealt out in turn.
struct Crowd {
  std::uint64_t count = 0;
  std::string prefix;
  std::vector<Profile> profiles;  // at least one

  std::size_t ProfileOf(std::uint64_t person) const noexcept { return (person - 1) % profiles.size(); }
  // "device-000001" with the prefix in front.
  std::string UnitId(std::string_view kind, std::uint64_t person) const;
  // The profile with the ids, as it is decided.
  Context ContextOf(std::uint64_t person, const std::vector<std::string>& kinds) const;
};

// One side of a move. Static and default are the same here: a flag's first rule moves nobody that it does not catch.
struct Answer {
  std::string value;  // JSON; empty: the caller's fallback
  std::string variant;
  std::string reason;
  std::string experiment;

  bool operator==(const Answer& other) const {
    return value == other.value && variant == other.variant && reason == other.reason && experiment == other.experiment;
  }
};

struct Move {
  Answer from;
  Answer to;
  std::uint64_t count = 0;
  std::uint64_t witness = 0;  // the first person

  // A flag that one of the datafiles lacks is the app's fallback there, which is not known here.
  bool comes_or_goes() const { return from.reason == "flag_not_found" || to.reason == "flag_not_found"; }
  bool is_seen() const { return from.value != to.value && !comes_or_goes(); }
};

struct FlagMoves {
  std::string key;
  std::vector<Move> moves;   // those that people see first, then by count
  std::uint64_t seen = 0;    // people with another value
  std::uint64_t unseen = 0;  // with the same value by another way
};

// What an experiment's variants and a campaign's arms ("prompt", "held out") have in common.
struct GroupMove {
  std::string from;  // empty: not in it
  std::string to;
  bool from_ships = false;  // the experiment had ended and gave `from`, its winner
  bool to_ships = false;    // likewise of `to`
  std::uint64_t count = 0;
  std::uint64_t witness = 0;

  bool is_of_winner() const { return from_ships || to_ships; }
  bool enters() const { return from.empty() && !is_of_winner(); }
  bool leaves() const { return to.empty() && !is_of_winner(); }
  bool changes() const { return !from.empty() && !to.empty() && !is_of_winner(); }
};

// Whom a device keeps where they were, because it remembers that they were exposed. People made of numbers never were.
enum class Stays : std::uint8_t { kNobody, kSticky, kPaused, kWinner };

struct GroupMoves {
  std::string key;
  std::string unit;  // whose id decides
  std::int64_t old_iteration = 0;
  std::int64_t new_iteration = 0;
  std::uint64_t before = 0;  // people in it
  std::uint64_t after = 0;
  std::uint64_t entered = 0;
  std::uint64_t left = 0;
  std::uint64_t changed = 0;     // in it before and after, as another variant or drawn anew
  std::string ships;             // the winner that it gives now; empty: none
  std::uint64_t kept = 0;        // had the winner, in the experiment or by being shipped it, and have it
  std::uint64_t gained = 0;      // have it now
  std::uint64_t lost = 0;        // had been shipped it
  Stays stays = Stays::kNobody;  // of those who leave, change, lose or get the winner here
  std::vector<GroupMove> moves;  // changes first, then by count

  // Results of one iteration are pooled, so nobody may change variant within it.
  std::uint64_t spoiled() const { return old_iteration == new_iteration ? changed : 0; }
};

// Rules that lack what they ask for pass everybody over, which may hide moves.
struct Blind {
  std::size_t flags = 0;           // that have a rule whose condition is unknown for some profile
  std::vector<std::string> asked;  // attributes, and events that are counted: "plan", "count of app_open"
};

struct Moves {
  std::uint64_t people = 0;
  std::uint64_t seen = 0;               // people for whom at least one flag has another value
  std::size_t flags = 0;                // compared, of both datafiles
  std::vector<std::string> unit_kinds;  // of both
  std::vector<FlagMoves> moved_flags;   // sorted by key, as are the others; only those with moves
  std::vector<GroupMoves> experiments;  // that somebody enters, leaves or changes variant in
  std::vector<GroupMoves> campaigns;    // likewise; arms are counted whether or not the audience has that person
  Blind blind;

  std::uint64_t spoiled() const;
  bool nobody() const { return moved_flags.empty() && experiments.empty() && campaigns.empty(); }
};

// `progress` is told now and then how many people are done.
Moves CountMoves(const ruleset::Ruleset& before, const ruleset::Ruleset& after, const Crowd& crowd,
                 const std::function<void(std::uint64_t)>& progress = nullptr);

}  // namespace guidon::tools
