#include "sdk/tools/moves.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "guidon/decision.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/tools/arms.h"
#include "sdk/tools/blind.h"

namespace guidon::tools {
namespace {

using evaluation::Outcome;
using ruleset::kNone;
using ruleset::Ruleset;

constexpr std::uint64_t kProgressEvery = 4096;
constexpr std::uint32_t kShipped = kNone - 1;  // in place of a variant: the winner of one that has ended

template <class T>
const T* At(const std::vector<T>& items, std::uint32_t index) {
  return index == kNone ? nullptr : &items[index];
}

// The places of one key in both datafiles.
struct Pair {
  std::string key;
  std::uint32_t before = kNone;
  std::uint32_t after = kNone;
};

template <class T>
std::vector<Pair> Match(const std::vector<T>& before, const std::vector<T>& after) {
  std::map<std::string, Pair> pairs;
  for (std::uint32_t i = 0; i < before.size(); ++i) pairs[before[i].key].before = i;
  for (std::uint32_t i = 0; i < after.size(); ++i) pairs[after[i].key].after = i;
  std::vector<Pair> out;
  for (auto& [key, pair] : pairs) {
    pair.key = key;
    out.push_back(std::move(pair));
  }
  return out;
}

// All by which outcomes of one flag differ, cheap to compare; texts are made once for each that occurs.
using AnswerKey = std::tuple<const ruleset::FlagValue*, Reason, std::uint32_t, std::uint32_t, std::uint32_t>;

AnswerKey KeyOf(const Outcome& outcome) {
  return {outcome.value, outcome.reason, outcome.rule, outcome.experiment, outcome.variant};
}

Answer AnswerOf(const Ruleset& rules, const ruleset::Flag* flag, const Outcome& outcome) {
  Answer out;
  const Reason reason = outcome.reason == Reason::kStatic ? Reason::kDefault : outcome.reason;
  out.reason = std::string(ReasonName(reason));
  if (flag == nullptr) return out;
  if (outcome.value != nullptr) out.value = json::ToText(ruleset::ToValue(*outcome.value));
  out.variant = std::string(evaluation::VariantName(rules, *flag, outcome));
  if (outcome.experiment != kNone) out.experiment = rules.experiments[outcome.experiment].key;
  return out;
}

struct FlagTally {
  std::map<std::pair<AnswerKey, AnswerKey>, Move> moves;  // those that move nobody, too
};

struct GroupTally {
  std::map<std::pair<std::uint32_t, std::uint32_t>, GroupMove> moves;
};

class Counter {
 public:
  Counter(const Ruleset& before, const Ruleset& after, const Crowd& crowd)
      : before_(before),
        after_(after),
        crowd_(crowd),
        flags_(Match(before.flags, after.flags)),
        experiments_(Match(before.experiments, after.experiments)),
        campaigns_(Match(before.campaigns, after.campaigns)),
        flag_tallies_(flags_.size()),
        experiment_tallies_(experiments_.size()),
        campaign_tallies_(campaigns_.size()),
        variants_before_(before.experiments.size()),
        variants_after_(after.experiments.size()) {
    std::set<std::string> kinds(before.unit_kinds.begin(), before.unit_kinds.end());
    kinds.insert(after.unit_kinds.begin(), after.unit_kinds.end());
    kinds_.assign(kinds.begin(), kinds.end());
    for (const Profile& profile : crowd.profiles) contexts_.push_back(profile.context);
  }

  void Count(std::uint64_t person) {
    const Profile& profile = crowd_.profiles[crowd_.ProfileOf(person)];
    Context& context = contexts_[crowd_.ProfileOf(person)];
    for (const std::string& kind : kinds_) context.Unit(kind, crowd_.UnitId(kind, person));
    const evaluation::PreparedContext was(before_, context, profile.surroundings(), profile.now);
    const evaluation::PreparedContext is(after_, context, profile.surroundings(), profile.now);
    CountFlags(person, was, is, profile.now);
    for (std::size_t i = 0; i < experiments_.size(); ++i) {
      const Pair& pair = experiments_[i];
      const std::uint32_t from = pair.before == kNone ? kNone : variants_before_[pair.before];
      const std::uint32_t to = pair.after == kNone ? kNone : variants_after_[pair.after];
      if (from == kNone && to == kNone) continue;
      Tally(person, {from, to}, &experiment_tallies_[i], [&](GroupMove* move) {
        move->from_ships = from == kShipped;
        move->to_ships = to == kShipped;
        if (from != kNone) move->from = VariantText(before_.experiments[pair.before], from);
        if (to != kNone) move->to = VariantText(after_.experiments[pair.after], to);
      });
    }
    for (std::size_t i = 0; i < campaigns_.size(); ++i) {
      const std::uint32_t from = ArmOf(before_, At(before_.campaigns, campaigns_[i].before), was, profile.now);
      const std::uint32_t to = ArmOf(after_, At(after_.campaigns, campaigns_[i].after), is, profile.now);
      if (from == kNone && to == kNone) continue;
      Tally(person, {from, to}, &campaign_tallies_[i], [&](GroupMove* move) {
        if (from != kNone) move->from = ArmText(before_.campaigns[campaigns_[i].before], from);
        if (to != kNone) move->to = ArmText(after_.campaigns[campaigns_[i].after], to);
      });
    }
  }

  Moves Result() const {
    Moves out;
    out.people = crowd_.count;
    out.seen = seen_;
    out.flags = flags_.size();
    out.unit_kinds = kinds_;
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      FlagMoves moves = Collapse(flags_[i], flag_tallies_[i]);
      if (!moves.moves.empty()) out.moved_flags.push_back(std::move(moves));
    }
    AddGroups(experiments_, experiment_tallies_, before_.experiments, after_.experiments, &out.experiments);
    AddGroups(campaigns_, campaign_tallies_, before_.campaigns, after_.campaigns, &out.campaigns);
    out.blind = FindBlind(before_, after_, crowd_);
    return out;
  }

 private:
  void CountFlags(std::uint64_t person, const evaluation::PreparedContext& was, const evaluation::PreparedContext& is,
                  Timestamp now) {
    std::fill(variants_before_.begin(), variants_before_.end(), kNone);
    std::fill(variants_after_.begin(), variants_after_.end(), kNone);
    bool is_seen = false;
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      const ruleset::Flag* old_flag = At(before_.flags, flags_[i].before);
      const ruleset::Flag* new_flag = At(after_.flags, flags_[i].after);
      const Outcome from = Decide(before_, old_flag, was, now, &variants_before_);
      const Outcome to = Decide(after_, new_flag, is, now, &variants_after_);
      const auto [at, is_new] = flag_tallies_[i].moves.try_emplace({KeyOf(from), KeyOf(to)});
      Move& move = at->second;
      if (is_new) {
        move.from = AnswerOf(before_, old_flag, from);
        move.to = AnswerOf(after_, new_flag, to);
        move.witness = person;
      }
      ++move.count;
      is_seen |= move.is_seen();
    }
    if (is_seen) ++seen_;
  }

  static Outcome Decide(const Ruleset& rules, const ruleset::Flag* flag, const evaluation::PreparedContext& context,
                        Timestamp now, std::vector<std::uint32_t>* variants) {
    if (flag == nullptr) return Outcome();
    const Outcome outcome = evaluation::Evaluate(rules, *flag, context, now);
    if (outcome.experiment != kNone) {
      (*variants)[outcome.experiment] = outcome.reason == Reason::kRollout ? kShipped : outcome.variant;
    }
    return outcome;
  }

  static const std::string& VariantText(const ruleset::Experiment& experiment, std::uint32_t variant) {
    return experiment.variants[variant == kShipped ? experiment.ship.variant : variant].name;
  }

  template <class Name>
  static void Tally(std::uint64_t person, std::pair<std::uint32_t, std::uint32_t> key, GroupTally* tally, Name name) {
    const auto [at, is_new] = tally->moves.try_emplace(key);
    if (is_new) {
      name(&at->second);
      at->second.witness = person;
    }
    ++at->second.count;
  }

  // Outcomes that differ inside and say the same are one.
  static FlagMoves Collapse(const Pair& flag, const FlagTally& tally) {
    FlagMoves out;
    out.key = flag.key;
    for (const auto& entry : tally.moves) {
      const Move& move = entry.second;
      if (move.from == move.to) continue;
      (move.is_seen() ? out.seen : out.unseen) += move.count;
      const auto same = std::find_if(out.moves.begin(), out.moves.end(),
                                     [&](const Move& other) { return other.from == move.from && other.to == move.to; });
      if (same == out.moves.end()) {
        out.moves.push_back(move);
      } else {
        same->count += move.count;
        same->witness = std::min(same->witness, move.witness);
      }
    }
    std::sort(out.moves.begin(), out.moves.end(), [](const Move& a, const Move& b) {
      return std::make_tuple(!a.is_seen(), b.count, a.witness) < std::make_tuple(!b.is_seen(), a.count, b.witness);
    });
    return out;
  }

  template <class Group>
  void AddGroups(const std::vector<Pair>& pairs, const std::vector<GroupTally>& tallies,
                 const std::vector<Group>& before, const std::vector<Group>& after,
                 std::vector<GroupMoves>* out) const {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      GroupMoves group;
      group.key = pairs[i].key;
      const Group* was = At(before, pairs[i].before);
      const Group* is = At(after, pairs[i].after);
      group.old_iteration = was == nullptr ? 0 : was->iteration;
      group.new_iteration = is == nullptr ? 0 : is->iteration;
      group.unit = is != nullptr && is->is_valid     ? after_.unit_kinds[is->unit]
                   : was != nullptr && was->is_valid ? before_.unit_kinds[was->unit]
                                                     : std::string();
      for (const auto& entry : tallies[i].moves) Add(entry.second, &group);
      if (group.moves.empty()) continue;
      if (is != nullptr && group.old_iteration == group.new_iteration) Remember(*is, &group);
      std::sort(group.moves.begin(), group.moves.end(), [](const GroupMove& a, const GroupMove& b) {
        return std::make_tuple(!a.changes(), b.count, a.witness) < std::make_tuple(!b.changes(), a.count, b.witness);
      });
      out->push_back(std::move(group));
    }
  }

  static void Add(const GroupMove& move, GroupMoves* group) {
    if (!move.from.empty() && !move.from_ships) group->before += move.count;
    if (!move.to.empty() && !move.to_ships) group->after += move.count;
    if (move.is_of_winner()) {
      AddOfWinner(move, group);
      return;
    }
    // In a new iteration the same name is another draw.
    if (move.from == move.to && group->old_iteration == group->new_iteration) return;
    (move.enters() ? group->entered : move.leaves() ? group->left : group->changed) += move.count;
    group->moves.push_back(move);
  }

  // No result suffers: the experiment has ended, before or after.
  static void AddOfWinner(const GroupMove& move, GroupMoves* group) {
    const bool is_same = move.from == move.to;
    if (move.to_ships) group->ships = move.to;
    if (move.to_ships) (is_same ? group->kept : group->gained) += move.count;
    if (move.from_ships && !is_same) group->lost += move.count;
    if (!is_same || move.from_ships != move.to_ships) group->moves.push_back(move);
  }

  static void Remember(const ruleset::Experiment& experiment, GroupMoves* group) {
    const bool ships = experiment.ship.variant != kNone;
    if (group->left + group->changed + (ships ? group->gained + group->lost : 0) == 0) return;
    if (ships) {
      group->stays = Stays::kWinner;
    } else if (experiment.status == ruleset::ExperimentStatus::kPaused) {
      group->stays = Stays::kPaused;
    } else if (experiment.status == ruleset::ExperimentStatus::kRunning && experiment.is_sticky) {
      group->stays = Stays::kSticky;
    }
  }

  static void Remember(const ruleset::Campaign&, GroupMoves*) {}

  const Ruleset& before_;
  const Ruleset& after_;
  const Crowd& crowd_;
  std::vector<Pair> flags_;
  std::vector<Pair> experiments_;
  std::vector<Pair> campaigns_;
  std::vector<FlagTally> flag_tallies_;
  std::vector<GroupTally> experiment_tallies_;
  std::vector<GroupTally> campaign_tallies_;
  std::vector<std::uint32_t> variants_before_;  // that the person at hand meets, by experiment
  std::vector<std::uint32_t> variants_after_;
  std::vector<std::string> kinds_;
  std::vector<Context> contexts_;  // of the profiles; ids are set anew for each person
  std::uint64_t seen_ = 0;
};

}  // namespace

std::string Crowd::UnitId(std::string_view kind, std::uint64_t person) const {
  char number[32];
  std::snprintf(number, sizeof number, "-%06llu", static_cast<unsigned long long>(person));
  return prefix + std::string(kind) + number;
}

Context Crowd::ContextOf(std::uint64_t person, const std::vector<std::string>& kinds) const {
  Context out = profiles[ProfileOf(person)].context;
  for (const std::string& kind : kinds) out.Unit(kind, UnitId(kind, person));
  return out;
}

std::uint64_t Moves::spoiled() const {
  std::uint64_t sum = 0;
  for (const GroupMoves& group : experiments) sum += group.spoiled();
  for (const GroupMoves& group : campaigns) sum += group.spoiled();
  return sum;
}

Moves CountMoves(const Ruleset& before, const Ruleset& after, const Crowd& crowd,
                 const std::function<void(std::uint64_t)>& progress) {
  Counter counter(before, after, crowd);
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    counter.Count(person);
    if (progress != nullptr && person % kProgressEvery == 0) progress(person);
  }
  return counter.Result();
}

}  // namespace guidon::tools
