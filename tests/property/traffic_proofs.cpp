// That nobody moves who need not: ramps, weights, layers and holdouts, through what `guidon build` publishes.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/property/proof.h"
#include "tests/property/rules_under_test.h"
#include "tests/property/statistics.h"
#include "tests/property/units.h"
#include "tests/unit/core/dice.h"

namespace guidon::property {
namespace {

using ruleset::kSlots;

constexpr char kDisagrees[] = "evaluator and formula disagree";

const std::vector<std::string>& Ids() { return Families()[2].ids; }

// How far a count is from a share of all units, in standard deviations. Exact where nothing is left to chance.
double Sigmas(std::size_t count, double share) {
  const auto n = static_cast<double>(Ids().size());
  const double off = static_cast<double>(count) - n * share;
  const double sigma = std::sqrt(n * share * (1 - share));
  if (sigma > 0) return off / sigma;
  return off == 0 ? 0 : 1e9;
}

// Whether two questions to all units are independent; empty when they are.
std::string CheckIndependent(const BucketingUnderTest& bucketing, char purpose, const std::string& salt,
                             char other_purpose, const std::string& other_salt, double* least_p) {
  Table table;
  for (const std::string& id : Ids()) {
    const std::uint32_t a = bucketing.Slot(purpose, salt, id) / (kSlots / 10);
    const std::uint32_t b = bucketing.Slot(other_purpose, other_salt, id) / (kSlots / 10);
    ++table.cells[std::min(a, 9u)][std::min(b, 9u)];
  }
  const double p = table.IndependenceP();
  const double phi = table.Phi();
  *least_p = std::min(*least_p, p);
  if (p > 1e-7 && std::abs(phi) <= 5 / std::sqrt(static_cast<double>(Ids().size()))) return "";
  return Line("%c of %s and %c of %s: p %.3g, phi %.4f", purpose, salt.c_str(), other_purpose, other_salt.c_str(), p,
              phi);
}

std::string RampMembers(int percent, int iteration) {
  const std::string p = std::to_string(percent);
  return R"("flags":{"f":{"default":0},"r":{"default":0,"rules":[{"percent":)" + p +
         R"(,"serve":1}]}},"experiments":{"x":{"percent":)" + p + R"(,"iteration":)" + std::to_string(iteration) +
         R"(,"variants":{"control":{"f":1},"b":{"f":2},"c":{"f":3}},"weights":{"control":50,"b":30,"c":20},"goals":["g"]}})";
}

// Each unit's variant in the experiment and its value of the rollout; below 0 where it has none.
struct Step {
  int percent = 0;
  std::vector<int> variants;
  std::vector<std::int64_t> values;
};

std::string Decide(const BucketingUnderTest& bucketing, const Rules& rules, Step* step) {
  bool disagrees = false;
  const ruleset::Experiment& experiment = *rules->FindExperiment("x");
  const ruleset::Flag& flag = *rules->FindFlag("r");
  std::size_t in = 0;
  std::size_t served = 0;
  for (const std::string& id : Ids()) {
    const Device device(*rules, id);
    const Place place = PlaceOf(bucketing, *rules, experiment, device, &disagrees);
    if (place.is_in && place.variants != 1) return Line("%s has %d variants", id.c_str(), place.variants);
    step->variants.push_back(place.variant);
    step->values.push_back(RolloutOf(bucketing, *rules, flag, device, &disagrees));
    in += place.is_in ? 1u : 0u;
    served += step->values.back() > 0 ? 1u : 0u;
  }
  if (disagrees) return kDisagrees;
  const double share = step->percent / 100.0;
  const double worst = std::max(std::abs(Sigmas(in, share)), std::abs(Sigmas(served, share)));
  return worst <= 5 ? "" : Line("%d %%: %zu and %zu of %zu units", step->percent, in, served, Ids().size());
}

// More keeps everybody, less adds nobody, as many as before are the same ones; and whoever is in has one variant.
template <class T>
std::string CheckNested(const Step& before, const std::vector<T>& was, const Step& after, const std::vector<T>& is) {
  for (std::size_t i = 0; i < was.size(); ++i) {
    const bool left = was[i] >= 0 && is[i] < 0;
    const bool came = was[i] < 0 && is[i] >= 0;
    if ((left && after.percent >= before.percent) || (came && after.percent <= before.percent))
      return Line("%d %% to %d %%: %s moves", before.percent, after.percent, Ids()[i].c_str());
    if (was[i] >= 0 && is[i] >= 0 && was[i] != is[i])
      return Line("%d %% to %d %%: %s changes", before.percent, after.percent, Ids()[i].c_str());
  }
  return "";
}

}  // namespace

Finding ProveRamp(const BucketingUnderTest& bucketing) {
  Publication publication;
  std::vector<Step> steps;
  for (const int percent : {0, 1, 5, 10, 25, 50, 100, 50, 10, 100, 50, 0, 50}) {
    steps.push_back({percent, {}, {}});
    const Rules rules = publication.Next(RampMembers(percent, 1));
    std::string wrong = Decide(bucketing, rules, &steps.back());
    for (std::size_t i = 0; wrong.empty() && i + 1 < steps.size(); ++i) {
      wrong = CheckNested(steps[i], steps[i].variants, steps.back(), steps.back().variants);
      if (wrong.empty()) wrong = CheckNested(steps[i], steps[i].values, steps.back(), steps.back().values);
    }
    if (!wrong.empty()) return {wrong, ""};
  }
  const Rules rules = publication.Next(RampMembers(50, 2));
  double p = 1;
  const std::string wrong = CheckIndependent(bucketing, 's', "x.1", 's', rules->FindExperiment("x")->salt, &p);
  if (!wrong.empty()) return {"the next iteration: " + wrong, ""};
  return {"",
          Line("%zu steps, each against all before it: nobody moves; the next iteration: p %.2g\n", steps.size(), p)};
}

Finding ProveReweighting(const BucketingUnderTest& bucketing) {
  const struct {
    std::string name;
    std::vector<double> before;
    std::vector<double> after;
  } rows[] = {{"thirds to 50/25/25", {33.3333, 33.3333, 33.3333}, {50, 25, 25}},
              {"50/50 to 60/40", {50, 50}, {60, 40}},
              {"20/30/50 to 50/30/20", {20, 30, 50}, {50, 30, 20}},
              {"quarters to 40/30/20/10", {25, 25, 25, 25}, {40, 30, 20, 10}},
              {"90/10 to 10/90", {90, 10}, {10, 90}},
              {"10/10 to 5/40", {10, 10}, {5, 40}}};
  Finding finding;
  for (const auto& row : rows) {
    Publication publication;
    bool disagrees = false;
    std::vector<std::int64_t> served[2];
    for (const bool is_after : {false, true}) {
      std::string parts;
      const std::vector<double>& weights = is_after ? row.after : row.before;
      for (std::size_t i = 0; i < weights.size(); ++i)
        parts += Line("%s{\"percent\":%.4f,\"serve\":%zu}", i == 0 ? "" : ",", weights[i], i + 1);
      const Rules rules = publication.Next(R"("flags":{"r":{"default":0,"rules":[{"split":[)" + parts + R"(]}]}})");
      for (const std::string& id : Ids()) {
        served[is_after].push_back(RolloutOf(bucketing, *rules, *rules->FindFlag("r"), Device(*rules, id), &disagrees));
      }
    }
    if (disagrees) return {row.name + ": " + kDisagrees, ""};
    // Those in no part are a part as well.
    double none = 0;
    double theory = 0;
    for (std::size_t i = 0; i < row.before.size(); ++i) {
      none += row.before[i] - row.after[i];
      theory += std::abs(row.after[i] - row.before[i]) / 200;
    }
    theory += std::abs(none) / 200;
    const auto change = [&](std::int64_t part) {
      const auto i = static_cast<std::size_t>(part - 1);
      return part < 0 ? none : row.after[i] - row.before[i];
    };
    std::size_t moved = 0;
    for (std::size_t i = 0; i < Ids().size(); ++i) {
      const std::int64_t from = served[0][i];
      const std::int64_t to = served[1][i];
      if (from < -1 || to < -1) return {row.name + ": " + Ids()[i] + " is in two parts", ""};
      if (from == to) continue;
      ++moved;
      if (change(from) >= 0 || change(to) <= 0) return {row.name + ": " + Ids()[i] + " moves for nothing", ""};
    }
    const double sigmas = Sigmas(moved, theory);
    if (!(std::abs(sigmas) <= 5)) return {row.name + Line(": %zu move, %.2f sigma off", moved, sigmas), ""};
    finding.statistics += Line("%-24s %.4f move, needed %.4f (%+.2f sigma)\n", row.name.c_str(),
                               static_cast<double>(moved) / static_cast<double>(Ids().size()), theory, sigmas);
  }
  return finding;
}

namespace {

struct RandomLayers {
  std::string members;
  std::map<std::string, int> percents;  // by experiment

  explicit RandomLayers(std::size_t count) {
    testing::Dice dice(kSeed);
    std::string layers;
    std::string flags;
    std::string experiments;
    for (std::size_t layer = 0; layer < count; ++layer) {
      layers += (layer == 0 ? "\"l" : ",\"l") + std::to_string(layer) + R"(":{"unit":"device"})";
      int left = 100;
      for (std::size_t e = 2 + dice.Below(4); e > 0 && left > 0; --e) {
        const std::string name = "x" + std::to_string(percents.size());
        const int percent = 1 + static_cast<int>(dice.Below(static_cast<std::size_t>(left)));
        left -= percent;
        const std::string comma = percents.empty() ? "\"" : ",\"";
        flags += comma + "f-" + name + R"(":{"default":0})";
        experiments += comma + name + R"(":{"layer":"l)" + std::to_string(layer) + R"(","percent":)" +
                       std::to_string(percent) + R"(,"variants":{"control":{"f-)" + name + R"(":1},"b":{"f-)" + name +
                       R"(":2}},"goals":["g"]})";
        percents[name] = percent;
      }
    }
    members = R"("layers":{)" + layers + R"(},"flags":{)" + flags + R"(},"experiments":{)" + experiments + "}";
  }
};

}  // namespace

Finding ProveLayers(const BucketingUnderTest& bucketing) {
  const RandomLayers layers(20);
  const Rules rules = Publication().Next(layers.members);
  std::vector<std::size_t> counts(rules->experiments.size(), 0);
  bool disagrees = false;
  for (const std::string& id : Ids()) {
    const Device device(*rules, id);
    std::vector<int> of_layer(rules->layers.size(), 0);
    for (std::size_t e = 0; e < counts.size(); ++e) {
      const ruleset::Experiment& experiment = rules->experiments[e];
      if (!PlaceOf(bucketing, *rules, experiment, device, &disagrees).is_in) continue;
      ++counts[e];
      if (++of_layer[experiment.layer] > 1)
        return {id + " is in two experiments of layer " + rules->layers[experiment.layer].key, ""};
    }
  }
  if (disagrees) return {kDisagrees, ""};
  double worst = 0;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const double sigmas = Sigmas(counts[e], layers.percents.at(rules->experiments[e].key) / 100.0);
    worst = std::max(worst, std::abs(sigmas));
    if (!(std::abs(sigmas) <= 5)) return {Line("%s: %.2f sigma off", rules->experiments[e].key.c_str(), sigmas), ""};
  }
  return {"", Line("%zu experiments in 20 layers: nobody in two of one; shares at most %.2f sigma off\n", counts.size(),
                   worst)};
}

Finding ProveHoldout(const BucketingUnderTest& bucketing) {
  std::string flags;
  std::string experiments;
  std::string layers;
  for (int i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    const std::string comma = i == 0 ? "\"" : ",\"";
    layers += comma + "l" + n + R"(":{"unit":"device"})";
    flags += comma + "f" + n + R"(":{"default":0})";
    experiments += comma + "x" + n + R"(":{"layer":"l)" + n + R"(","percent":60,"variants":{"control":{"f)" + n +
                   R"(":1},"b":{"f)" + n + R"(":2}},"goals":["g"]})";
  }
  const Rules rules = Publication().Next(R"("holdouts":{"q4":{"percent":10}},"layers":{)" + layers + R"(},"flags":{)" +
                                         flags + R"(},"experiments":{)" + experiments + "}");
  std::size_t held_out = 0;
  std::size_t compared = 0;
  std::size_t in = 0;
  bool disagrees = false;
  for (const std::string& id : Ids()) {
    const Device device(*rules, id);
    const Place first = PlaceOf(bucketing, *rules, rules->experiments[0], device, &disagrees);
    held_out += first.is_held_out ? 1u : 0u;
    compared += first.is_compared ? 1u : 0u;
    for (const ruleset::Experiment& experiment : rules->experiments) {
      const Place place = PlaceOf(bucketing, *rules, experiment, device, &disagrees);
      if (place.is_held_out != first.is_held_out || place.is_compared != first.is_compared)
        return {id + " is held out of some only", ""};
      if (place.is_held_out && (place.is_in || place.variants > 0 || place.is_compared))
        return {id + " is held out and exposed", ""};
      in += place.is_in ? 1u : 0u;
    }
  }
  if (disagrees) return {kDisagrees, ""};
  const double held_sigmas = Sigmas(held_out, 0.1);
  const double compared_sigmas = Sigmas(compared, 0.1);
  if (!(std::abs(held_sigmas) <= 5 && std::abs(compared_sigmas) <= 5))
    return {Line("%zu held out, %zu compared", held_out, compared), ""};
  if (in == 0) return {"nobody is in an experiment", ""};
  double least_p = 1;
  const std::string& salt = rules->holdouts[0].salt;
  for (const ruleset::Experiment& experiment : rules->experiments) {
    std::string wrong = CheckIndependent(bucketing, 'h', salt, 's', experiment.salt, &least_p);
    if (wrong.empty())
      wrong = CheckIndependent(bucketing, 'h', salt, 'l', rules->layers[experiment.layer].salt, &least_p);
    if (!wrong.empty()) return {wrong, ""};
  }
  return {"", Line("%zu held out (%+.2f sigma), %zu compared (%+.2f), 0 of them in 5 experiments; least p %.2g\n",
                   held_out, held_sigmas, compared, compared_sigmas, least_p)};
}

}  // namespace guidon::property
