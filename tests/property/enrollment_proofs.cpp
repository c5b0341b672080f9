// Sticky: an experiment changes in every way it can, and whoever met it stays.
#include "tests/property/beginning.h"

namespace guidon::property {
namespace {

constexpr int kAll = 100;

using Counts = std::vector<std::uint64_t>;

// Of those who could have been enrolled and are not, the share in it. Whoever met it is not among them any more.
double ShareOfTheRest(double percent, double began) {
  const double in = percent <= began ? percent * (1 - Beginning::kMeet) : percent - began * Beginning::kMeet;
  return in / (1 - began * Beginning::kMeet);
}

// Counts of those who are not enrolled under a source that came later.
struct Rest {
  std::uint64_t asked[2] = {};  // with an n that the first source was for, and others that this one is for
  std::uint64_t in[2] = {};
  Counts variants = Counts(3, 0);
  std::vector<Counts> by_chance = std::vector<Counts>(2, Counts(3, 0));  // in at the beginning without meeting it; new
};

void CheckSticky(const Deciding& deciding, const ExperimentSource& before, const ExperimentSource& source,
                 const Beginning& beginning, Checks* checks) {
  const Rules rules = source.Publish();
  const ruleset::Flag& flag = *rules->FindFlag("f");
  const bool are_weights_kept = source.weights == before.weights && source.audiences.empty();
  Rest rest;
  std::uint64_t kept = 0;
  for (std::size_t i = 0; i < People().size() && checks->holds(); ++i) {
    const Person& person = People()[i];
    const Seen seen = deciding.Decide(Visit(*rules, person, &beginning.enrollments[i]), flag);
    if (seen.disagrees) checks->Refute(source.name + ": " + person.id + kDisagrees);
    const evaluation::Exposure* exposure = seen.Met(*rules, "x");
    if (beginning.is_enrolled[i]) {
      const bool stays = seen.variant == beginning.variants[i] && exposure != nullptr && exposure->is_sticky;
      if (!stays) checks->Refute(source.name + ": " + person.id + " is enrolled and moves");
      ++kept;
      continue;
    }
    if (!source.IsFor(person)) {
      if (seen.variant >= 0) checks->Refute(source.name + ": " + person.id + " is in, whom it is not for");
      continue;
    }
    const bool is_new = !before.IsFor(person);
    ++rest.asked[is_new];
    if (seen.variant < 0) continue;
    if (exposure == nullptr || exposure->is_sticky)
      checks->Refute(source.name + ": " + person.id + " sticks to nothing");
    if (are_weights_kept && beginning.variants[i] >= 0 && seen.variant != beginning.variants[i])
      checks->Refute(source.name + ": " + person.id + " changes variant");
    ++rest.in[is_new];
    ++rest.variants[static_cast<std::size_t>(seen.variant)];
    ++rest.by_chance[beginning.variants[i] < 0][static_cast<std::size_t>(seen.variant)];
  }
  if (!checks->holds()) return;
  checks->Note(Line("%s: %llu enrolled stay", source.name.c_str(), static_cast<unsigned long long>(kept)));
  const double percent = source.percent / 100.0;
  const double rest_share = ShareOfTheRest(percent, before.percent / 100.0);
  if (rest.asked[0] > 0) checks->Share("  the others of then, share in it", rest.in[0], rest.asked[0], rest_share);
  if (rest.asked[1] > 0) checks->Share("  those it was not for then, share in it", rest.in[1], rest.asked[1], percent);
  if (rest.in[0] + rest.in[1] == 0) return;
  const auto& weights = source.weights;
  if (source.audiences.empty()) {
    checks->Split("  the others by variant", rest.variants,
                  {static_cast<double>(weights[0]), static_cast<double>(weights[1]), static_cast<double>(weights[2])});
  } else {
    checks->Split("  the others by variant, in the audience", rest.variants, {10, 20, 70});
  }
  if (source.percent > before.percent && rest.in[0] > 0)
    checks->Independent("  their variant and whether they were in then", rest.by_chance);
}

// The next iteration draws everybody anew, and what they were enrolled in has no say.
void CheckNextIteration(const Deciding& deciding, const ExperimentSource& source, const Beginning& beginning,
                        Checks* checks) {
  const Rules rules = source.Publish();
  const ruleset::Flag& flag = *rules->FindFlag("f");
  Counts variants(3, 0);
  std::vector<Counts> by_enrolled(4, Counts(3, 0));
  std::vector<Counts> in_by_enrolled(4, Counts(2, 0));
  for (std::size_t i = 0; i < People().size() && checks->holds(); ++i) {
    const Person& person = People()[i];
    if (!source.IsFor(person)) continue;
    const Seen seen = deciding.Decide(Visit(*rules, person, &beginning.enrollments[i]), flag);
    if (seen.disagrees) checks->Refute(source.name + ": " + person.id + kDisagrees);
    const std::size_t enrolled = beginning.is_enrolled[i] ? static_cast<std::size_t>(beginning.variants[i]) : 3;
    if (enrolled < 3) ++in_by_enrolled[enrolled][seen.variant >= 0];
    if (seen.variant < 0) continue;
    ++variants[static_cast<std::size_t>(seen.variant)];
    ++by_enrolled[enrolled][static_cast<std::size_t>(seen.variant)];
  }
  if (!checks->holds()) return;
  checks->Note(source.name + ":");
  checks->Split("  everybody by variant", variants, {50, 30, 20});
  checks->Independent("  the variant and the one enrolled in before, or none", by_enrolled);
  if (source.percent < kAll) return;
  for (const Counts& counts : in_by_enrolled) {
    if (counts[0] > 0) checks->Refute("somebody is enrolled in what is over, and not in what is now for all");
  }
}

}  // namespace

Finding ProveSticky(const Deciding& deciding) {
  Checks checks;
  const ExperimentSource before;
  const Beginning beginning = Begin(deciding, before, &checks);
  std::vector<ExperimentSource> sources(6);
  sources[0].name = "for all of n >= 30";
  sources[0].first = 30;
  sources[0].end = kAll;
  sources[0].percent = 100;
  sources[1].name = "5 %";
  sources[1].percent = 5;
  sources[2].name = "for others altogether, 80 %";
  sources[2].first = 70;
  sources[2].end = kAll;
  sources[2].percent = 80;
  sources[3].name = "weights of 10/20/70, 40 %";
  sources[3].percent = 40;
  sources[3].weights = {10, 20, 70};
  sources[4].name = "an audience with weights of 10/20/70";
  sources[4].audiences = R"("all":{"when":"n >= 0","percent":60,"weights":{"control":10,"b":20,"c":70}})";
  sources[5].name = "0 %";
  sources[5].percent = 0;
  for (const ExperimentSource& source : sources) {
    if (checks.holds()) CheckSticky(deciding, before, source, beginning, &checks);
  }
  ExperimentSource next;
  next.name = "the next iteration, 100 %";
  next.iteration = 2;
  next.percent = 100;
  if (checks.holds()) CheckNextIteration(deciding, next, beginning, &checks);
  return checks.finding();
}

}  // namespace guidon::property
