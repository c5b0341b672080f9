// An experiment that has ended gives its winner to everybody, step by step: who gets it next is drawn by chance alone.
#include <algorithm>

#include "tests/property/checks.h"
#include "tests/property/deciding_under_test.h"

namespace guidon::property {
namespace {

using enrollment::Enrollments;

using Counts = std::vector<std::uint64_t>;

// "x" is what ends and ships "b"; "y" runs beside it; "w" ships, too; "z" has x's layer once x has ended.
std::string Members(const std::string& when, const std::string& ship) {
  const bool has_ended = !ship.empty();
  const std::string end = has_ended ? R"("status":"ended",)" : "";
  std::string text =
      R"("holdouts":{"q":{"percent":10,"experiments":["x"]}},"layers":{"lx":{"unit":"device"},"ly":{"unit":"device"},"lw":{"unit":"device"}},"flags":{
    "fx":{"default":0},"fy":{"default":0},"fw":{"default":0},"fz":{"default":0}},"experiments":{)";
  text += R"("x":{)" + end + (has_ended ? R"("ship":{"variant":"b","percent":)" + ship + "}," : "") +
          R"("sticky":"exposed","layer":"lx","percent":60,"when":")" + when +
          R"(","weights":{"control":50,"b":30,"c":20},
          "audiences":{"high":{"when":"n >= 50","percent":40,"weights":{"control":20,"b":40,"c":40}}},
          "variants":{"control":{"fx":1},"b":{"fx":2},"c":{"fx":3}},"goals":["g"]},)";
  text += R"("w":{)" + end + (has_ended ? R"("ship":{"variant":"b","percent":50},)" : "") +
          R"("layer":"lw","percent":50,"variants":{"control":{"fw":1},"b":{"fw":2}},"goals":["g"]},)";
  text += R"("y":{"layer":"ly","percent":100,"weights":{"control":40,"b":40,"c":20},
          "variants":{"control":{"fy":1},"b":{"fy":2},"c":{"fy":3}},"goals":["g"]})";
  if (has_ended)
    text += R"(,"z":{"layer":"lx","percent":100,"variants":{"control":{"fz":1},"b":{"fz":2}},"goals":["g"]})";
  return text + "}";
}

// What each was in before the end; below 0: nothing.
struct Before {
  std::vector<Enrollments> enrollments;
  std::vector<int> variants;  // of x: 0 control, 1 b, 2 c, 3 not by the layer, 4 not for them
  std::vector<bool> won;      // in b, by enrollment or by slots
};

Before BeforeTheEnd(const Deciding& deciding, Publication* publication, Checks* checks) {
  Before before;
  const Rules first = publication->Next(Members("n < 70", ""));
  const Rules last = publication->Next(Members("n >= 20", ""));
  Counts kept_by(2, 0);
  for (const Person& person : People()) {
    const Visit visit(*first, person);
    const Seen then = deciding.Decide(visit, "fx");
    before.enrollments.push_back(person.meets ? EnrolledBy(visit, then) : Enrollments());
    const Seen now = deciding.Decide(Visit(*last, person), "fx");
    if (then.disagrees || now.disagrees) checks->Refute(person.id + kDisagrees);
    const bool by_enrollment = person.meets && then.variant == 1;
    before.won.push_back(by_enrollment || now.variant == 1);
    if (before.won.back()) ++kept_by[by_enrollment && now.variant != 1];
    const bool is_in = person.meets && then.variant >= 0;
    const int variant = is_in ? then.variant : now.variant;
    before.variants.push_back(variant >= 0 ? variant : person.n >= 20 ? 3 : 4);
  }
  checks->Note(Line("%llu have the winner by slots, %llu more by enrollment alone",
                    static_cast<unsigned long long>(kept_by[0]), static_cast<unsigned long long>(kept_by[1])));
  if (kept_by[1] == 0) checks->Refute("nobody has the winner by enrollment alone");
  return before;
}

// Tables of "has been shipped it" against all else, of those who did not have it before.
struct Tables {
  std::vector<Counts> variants = std::vector<Counts>(5, Counts(2, 0));
  std::vector<Counts> y = std::vector<Counts>(3, Counts(2, 0));
  std::vector<Counts> z = std::vector<Counts>(2, Counts(2, 0));
  std::vector<Counts> w = std::vector<Counts>(2, Counts(2, 0));
};

bool IsHeldOut(const Seen& seen) {
  return !seen.met.empty() && seen.met[0].is_holdout && seen.met[0].variant == evaluation::Exposure::kHeldOut;
}

class Shipping {
 public:
  Shipping(const Deciding& deciding, const Before& before, Checks* checks)
      : deciding_(deciding), before_(before), checks_(*checks), has_(before.won) {}

  void Step(const Rules& rules, int percent) {
    const ruleset::Flag& flag = *rules->FindFlag("fx");
    const std::string name = Line("%d %%", percent);
    const bool asks_others = percent == 20 || percent == 50;
    Tables tables;
    std::uint64_t others = 0;
    std::uint64_t shipped = 0;
    std::uint64_t held_out = 0;
    for (std::size_t i = 0; i < People().size() && checks_.holds(); ++i) {
      const Person& person = People()[i];
      const Visit visit(*rules, person, &before_.enrollments[i]);
      const Seen seen = deciding_.Decide(visit, flag);
      const bool has_winner = seen.number() == 2;
      CheckOne(name, person, seen, has_[i]);
      has_[i] = has_winner;
      held_out += IsHeldOut(seen) ? 1u : 0u;
      if (before_.won[i] || IsHeldOut(seen)) continue;
      ++others;
      shipped += has_winner ? 1u : 0u;
      ++tables.variants[static_cast<std::size_t>(before_.variants[i])][has_winner];
      if (asks_others) Ask(visit, has_winner, &tables);
    }
    if (!checks_.holds()) return;
    checks_.Note(name + ": whoever had the winner has it");
    checks_.Share("  of all others", shipped, others, percent / 100.0);
    if (percent == 0) checks_.Share("  held out, as before", held_out, People().size(), 0.1);
    if (percent == 0 || percent == 100) return;
    tables.variants.erase(tables.variants.begin() + 1);  // those in b have it all
    checks_.Independent("  having it and what they were in, or why in nothing", tables.variants);
    if (!asks_others) return;
    checks_.Independent("  having it and the split of an experiment that runs", tables.y);
    checks_.Independent("  having it and the split of the next one in the layer", tables.z);
    checks_.Independent("  having it and what another one ships", tables.w);
  }

 private:
  void CheckOne(const std::string& name, const Person& person, const Seen& seen, bool had_winner) {
    const bool has_winner = seen.number() == 2;
    const bool is_exposed = std::any_of(seen.met.begin(), seen.met.end(), [](const auto& e) { return !e.is_holdout; });
    const auto refute = [&](const char* why) { checks_.Refute(name + ": " + person.id + why); };
    if (seen.disagrees) refute(kDisagrees);
    if (has_winner != (seen.is_shipped && seen.variant == 1) || !(has_winner || seen.number() == 0))
      refute(" gets something else");
    if (is_exposed) refute(" is exposed to what is over");
    if (had_winner && !has_winner) refute(" had the winner and loses it");
    if (has_winner && IsHeldOut(seen)) refute(" is held out and gets it");
  }

  void Ask(const Visit& visit, bool has_winner, Tables* tables) {
    const int y = deciding_.Decide(visit, "fy").variant;
    if (y >= 0) ++tables->y[static_cast<std::size_t>(y)][has_winner];
    const int z = deciding_.Decide(visit, "fz").variant;
    if (z >= 0) ++tables->z[static_cast<std::size_t>(z)][has_winner];
    ++tables->w[deciding_.Decide(visit, "fw").is_shipped][has_winner];
  }

  const Deciding& deciding_;
  const Before& before_;
  Checks& checks_;
  std::vector<bool> has_;
};

}  // namespace

Finding ProveShip(const Deciding& deciding) {
  Checks checks;
  Publication publication;
  const Before before = BeforeTheEnd(deciding, &publication, &checks);
  Shipping shipping(deciding, before, &checks);
  for (const int percent : {0, 5, 20, 50, 100}) {
    if (!checks.holds()) break;
    shipping.Step(publication.Next(Members("n >= 20", std::to_string(percent))), percent);
  }
  return checks.finding();
}

}  // namespace guidon::property
