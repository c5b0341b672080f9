// Paused, or of a datafile that has expired: exactly those who met the experiment go on with it, and all others are as
// if there were none.
#include "tests/property/beginning.h"

namespace guidon::property {
namespace {

using Counts = std::vector<std::uint64_t>;

struct Pause {
  ExperimentSource source;
  bool asks_slots = false;  // the enrolled stay as long as their slots say so, too
  bool is_resumed = false;
  bool has_expired = false;  // the datafile, while it runs
};

std::vector<Pause> Pauses() {
  const auto paused = [](const std::string& name, bool is_sticky) {
    Pause pause;
    pause.source.name = name;
    pause.source.status = "paused";
    pause.source.is_sticky = is_sticky;
    pause.asks_slots = !is_sticky;
    return pause;
  };
  std::vector<Pause> pauses = {paused("paused", false),           paused("paused, 100 %", false),
                               paused("paused, 10 %", false),     paused("paused, sticky, for others", true),
                               paused("paused, a holdout", true), paused("paused, next iteration", true),
                               paused("running again", false),    paused("expired", false),
                               paused("expired, sticky", true)};
  pauses[1].source.percent = 100;
  pauses[2].source.percent = 10;
  pauses[3].source.first = 70;
  pauses[3].source.end = 100;
  pauses[4].source.holdouts = R"("q":{"percent":10})";
  pauses[5].source.iteration = 2;
  pauses[6].source.status = "running";
  pauses[6].is_resumed = true;
  for (const std::size_t i : {7u, 8u}) {
    pauses[i].source.status = "running";
    pauses[i].has_expired = true;
  }
  return pauses;
}

// Whether the unit is served as by a file that has no experiment.
bool IsAsNobody(const Seen& seen, const Seen& without) {
  return seen.experiment < 0 && seen.met.empty() && seen.number() == without.number();
}

void CheckPause(const Deciding& deciding, const Pause& pause, const Beginning& beginning,
                const std::vector<Seen>& without, Checks* checks) {
  const Rules rules = pause.source.Publish();
  const ruleset::Flag& flag = *rules->FindFlag("f");
  const ruleset::Experiment& experiment = *rules->FindExperiment("x");
  std::uint64_t enrolled = 0;
  std::uint64_t stay = 0;
  std::uint64_t held_out = 0;
  for (std::size_t i = 0; i < People().size() && checks->holds(); ++i) {
    const Person& person = People()[i];
    const Visit visit(*rules, person, &beginning.enrollments[i], pause.has_expired);
    const Seen seen = deciding.Decide(visit, flag);
    const std::string& name = pause.source.name;
    if (seen.disagrees) checks->Refute(name + ": " + person.id + kDisagrees);
    if (pause.is_resumed) {
      if (seen.variant != beginning.variants[i]) checks->Refute(name + ": " + person.id + " is elsewhere");
      continue;
    }
    if (!beginning.is_enrolled[i] || experiment.iteration != 1) {
      if (!IsAsNobody(seen, without[i]))
        checks->Refute(name + ": " + person.id + " is not enrolled and told from nobody");
      continue;
    }
    ++enrolled;
    const evaluation::Exposure* exposure = seen.Met(*rules, "x");
    if (exposure == nullptr && !seen.met.empty() && seen.number() == 0) {
      ++held_out;
      continue;
    }
    if (seen.variant < 0 && pause.asks_slots && IsAsNobody(seen, without[i])) continue;
    if (seen.variant != beginning.variants[i] || exposure == nullptr)
      checks->Refute(name + ": " + person.id + " is enrolled and moves");
    ++stay;
  }
  if (!checks->holds()) return;
  if (pause.is_resumed) return checks->Note("running again: all who were in it are in it");
  checks->Note(Line("%s: of %llu enrolled %llu stay and %llu are held out", pause.source.name.c_str(),
                    static_cast<unsigned long long>(enrolled), static_cast<unsigned long long>(stay),
                    static_cast<unsigned long long>(held_out)));
  if (experiment.iteration != 1) return;
  const double cut = pause.asks_slots && pause.source.percent < 60 ? pause.source.percent / 60.0 : 1;
  if (pause.source.holdouts.empty()) {
    checks->Share("  of them in it", stay, enrolled, cut);
  } else {
    checks->Share("  of them held out", held_out, enrolled, 0.1);
  }
}

// The rollout below the experiment, of those who are not enrolled: what they would be in has nothing to do with it.
void CheckRest(const Beginning& beginning, const std::vector<Seen>& without, Checks* checks) {
  std::vector<Counts> served(4, Counts(2, 0));
  Counts all(2, 0);
  for (std::size_t i = 0; i < without.size(); ++i) {
    if (beginning.is_enrolled[i]) continue;
    const bool has_rollout = without[i].number() == 9;
    ++all[has_rollout];
    ++served[beginning.variants[i] < 0 ? 3 : static_cast<std::size_t>(beginning.variants[i])][has_rollout];
  }
  checks->Share("the rollout below, among those not enrolled", all[1], all[0] + all[1], 0.5);
  checks->Independent("the rollout below and the variant by slots, or none", served);
}

}  // namespace

Finding ProvePaused(const Deciding& deciding) {
  Checks checks;
  ExperimentSource before;
  before.is_sticky = false;
  const Beginning beginning = Begin(deciding, before, &checks);
  const Rules empty = Publication().Next(R"("flags":{"f":{"default":0,"rules":[{"percent":50,"serve":9}]}})");
  std::vector<Seen> without;
  for (const Person& person : People()) without.push_back(deciding.Decide(Visit(*empty, person), "f"));
  CheckRest(beginning, without, &checks);
  for (const Pause& pause : Pauses()) {
    if (checks.holds()) CheckPause(deciding, pause, beginning, without, &checks);
  }
  return checks.finding();
}

}  // namespace guidon::property
