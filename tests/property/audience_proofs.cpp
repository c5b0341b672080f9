// Audiences: shares of their own, one draw for all of them, and no way from one into another.
#include <array>
#include <cstdlib>

#include "tests/property/checks.h"
#include "tests/property/deciding_under_test.h"

namespace guidon::property {
namespace {

using Counts = std::vector<std::uint64_t>;

// By where they stand in the source; the last is whoever is in none.
constexpr std::size_t kParts = 3;
constexpr const char* kNames[kParts] = {"n < 30", "n < 60", "none"};
constexpr std::array<std::array<double, 3>, kParts> kWeights = {{{20, 50, 30}, {50, 25, 25}, {60, 30, 10}}};

using Percents = std::array<int, kParts>;

std::string Members(const Percents& percents) {
  std::string text = R"("layers":{"lx":{"unit":"device"},"ly":{"unit":"device"}},"flags":{
    "fx":{"default":0},"fy":{"default":0},"fz":{"default":0}},"experiments":{"x":{"layer":"lx",)";
  text += Line("\"percent\":%d,", percents[2]) + R"("weights":{"control":60,"b":30,"c":10},"audiences":{)";
  // Whoever is in the first is in the second, too, and has to be taken for the first.
  text += Line(R"("low":{"when":"n < 30","percent":%d,"weights":{"control":20,"b":50,"c":30}},)", percents[0]);
  text += Line(R"("middle":{"when":"n < 60","percent":%d,"weights":{"control":50,"b":25,"c":25}}},)", percents[1]);
  text += R"("variants":{"control":{"fx":1},"b":{"fx":2},"c":{"fx":3}},"goals":["g"]},
    "y":{"layer":"ly","percent":100,"weights":{"control":50,"b":50},
      "audiences":{"even":{"when":"n >= 20","percent":80,"weights":{"control":40,"b":60}}},
      "variants":{"control":{"fy":1},"b":{"fy":2}},"goals":["g"]},
    "z":{"layer":"lx","percent":10,"variants":{"control":{"fz":1},"b":{"fz":2}},"goals":["g"]}})";
  return text;
}

std::size_t PartOf(const Person& person) {
  if (person.n < 0 || person.n >= 60) return 2;
  return person.n < 30 ? 0 : 1;
}

std::size_t AudienceOf(const evaluation::Exposure& exposure) {
  return exposure.audience == evaluation::Exposure::kNoAudience ? 2 : exposure.audience;
}

struct Tables {
  Counts asked = Counts(kParts, 0);
  std::array<Counts, kParts> variants;
  std::array<std::vector<Counts>, kParts> by_y;                     // variant by variant of y
  std::vector<Counts> in_y = std::vector<Counts>(2, Counts(2, 0));  // in x by in y's b, of those in one part
  std::vector<Counts> slots = std::vector<Counts>(kParts, Counts(10, 0));

  Tables() {
    variants.fill(Counts(3, 0));
    by_y.fill(std::vector<Counts>(3, Counts(2, 0)));
  }
};

void CheckTables(const Tables& tables, const Percents& percents, Checks* checks) {
  for (std::size_t part = 0; part < kParts; ++part) {
    const Counts& variants = tables.variants[part];
    checks->Note(std::string(kNames[part]) + ":");
    checks->Share("  share in it", variants[0] + variants[1] + variants[2], tables.asked[part], percents[part] / 100.0);
    checks->Split("  by variant", variants, {kWeights[part].begin(), kWeights[part].end()});
    checks->Independent("  the variant and the one of another layer's experiment", tables.by_y[part]);
  }
  checks->Independent("the split's slot, in tenths, and the audience", tables.slots);
  checks->Independent("being in it and the variant of the other, of those in none", tables.in_y);
}

// Everybody's variant of x; below 0: not in it.
std::vector<int> DecideAll(const Deciding& deciding, const Rules& rules, Tables* tables, Checks* checks) {
  std::vector<int> all;
  const ruleset::Flag& x = *rules->FindFlag("fx");
  const ruleset::Flag& y = *rules->FindFlag("fy");
  const ruleset::Flag& z = *rules->FindFlag("fz");
  for (const Person& person : People()) {
    const Visit visit(*rules, person);
    const Seen seen = deciding.Decide(visit, x);
    if (seen.disagrees) checks->Refute(person.id + kDisagrees);
    all.push_back(seen.variant);
    const std::size_t part = PartOf(person);
    const evaluation::Exposure* exposure = seen.Met(*rules, "x");
    if (exposure != nullptr && AudienceOf(*exposure) != part)
      checks->Refute(person.id + " is taken for one of another audience");
    if (tables == nullptr) continue;
    ++tables->asked[part];
    const int other = deciding.Decide(visit, y).variant;
    if (part == 2 && other >= 0) ++tables->in_y[seen.variant >= 0][static_cast<std::size_t>(other)];
    if (seen.variant >= 0 && deciding.Decide(visit, z).variant >= 0)
      checks->Refute(person.id + " is in two experiments of a layer");
    if (seen.variant < 0 || exposure == nullptr) continue;
    const auto variant = static_cast<std::size_t>(seen.variant);
    ++tables->variants[part][variant];
    if (other >= 0) ++tables->by_y[part][variant][static_cast<std::size_t>(other)];
    ++tables->slots[part][static_cast<std::size_t>(exposure->slot) / (ruleset::kSlots / 10)];
  }
  return all;
}

struct Ramp {
  std::size_t part;
  int percent;
};

// One part's percentage at a time: it alone moves, one way only, and nobody changes variant.
void CheckRamp(const Ramp& ramp, int before, const std::vector<int>& was, const std::vector<int>& is, Checks* checks) {
  const std::string name = Line("%s from %d %% to %d %%", kNames[ramp.part], before, ramp.percent);
  std::uint64_t moved = 0;
  std::uint64_t asked = 0;
  for (std::size_t i = 0; i < was.size() && checks->holds(); ++i) {
    const Person& person = People()[i];
    const bool is_of_it = PartOf(person) == ramp.part;
    asked += is_of_it ? 1u : 0u;
    if (was[i] == is[i]) continue;
    ++moved;
    const bool may_move = is_of_it && (ramp.percent > before ? was[i] < 0 : is[i] < 0);
    if (!may_move) checks->Refute(name + ": " + person.id + " moves");
  }
  if (checks->holds()) checks->Share("moved: " + name, moved, asked, std::abs(ramp.percent - before) / 100.0);
}

}  // namespace

Finding ProveAudiences(const Deciding& deciding) {
  Checks checks;
  Publication publication;
  Percents percents = {80, 40, 60};
  Tables tables;
  std::vector<int> was = DecideAll(deciding, publication.Next(Members(percents)), &tables, &checks);
  if (checks.holds()) CheckTables(tables, percents, &checks);
  for (const Ramp& ramp : {Ramp{1, 90}, Ramp{1, 20}, Ramp{2, 30}, Ramp{0, 85}}) {
    if (!checks.holds()) break;
    const int before = percents[ramp.part];
    percents[ramp.part] = ramp.percent;
    std::vector<int> is = DecideAll(deciding, publication.Next(Members(percents)), nullptr, &checks);
    CheckRamp(ramp, before, was, is, &checks);
    was = std::move(is);
  }
  return checks.finding();
}

}  // namespace guidon::property
