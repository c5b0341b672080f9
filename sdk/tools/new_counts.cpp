#include "sdk/tools/new_counts.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "sdk/core/base/text.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using behavior::Measure;
using behavior::Window;
using expression::Kind;
using expression::Op;
using expression::Tree;

constexpr Duration kDay = std::chrono::hours(24);

bool IsNew(const SourceCount& count, const Previous* previous) {
  if (previous == nullptr) return true;
  const auto was = previous->counts.find(count.name);
  return was == previous->counts.end() || was->second != PublishedCount(count);
}

// True for more, the more often it happens; so what was not counted can only be missing.
bool GrowsTrue(const Tree& leaf) { return leaf.op == Op::kGreater || leaf.op == Op::kGreaterEqual; }

Duration LengthOf(Window window) {
  return window.length * (window.unit == Window::Unit::kHours ? Duration(std::chrono::hours(1)) : kDay);
}

// How long nobody at all meets it.
Duration UntilAnybody(const Tree& leaf) {
  if (behavior::IsElapsed(leaf.measure)) {
    const std::string* least = GrowsTrue(leaf) ? leaf.value.AsString() : nullptr;
    return least == nullptr ? Duration(0) : text::ParseDuration(*least).value_or(Duration(0));
  }
  if (leaf.measure != Measure::kActiveDays || !(GrowsTrue(leaf) || leaf.op == Op::kEqual)) return Duration(0);
  const std::int64_t* days = leaf.value.AsInt();
  if (days == nullptr) return Duration(0);
  return kDay * std::clamp<std::int64_t>(leaf.op == Op::kGreater ? *days : *days - 1, 0, 4'000);
}

std::string DayOf(Timestamp time) { return text::FormatTimestamp(time).substr(0, 10); }

// What has to be true for the whole to be.
template <class Visit>
void ForEachNeeded(const Tree& tree, const Visit& visit) {
  if (tree.kind == Kind::kAnd) {
    for (const Tree& part : tree.of) ForEachNeeded(part, visit);
  } else {
    visit(tree);
  }
}

// Empty: nothing is to be said.
std::string Reach(const Tree& leaf, const SourceCount& count, Timestamp now) {
  const std::string asked = expression::ToText(leaf);
  if (const Duration wait = UntilAnybody(leaf); wait > Duration(0)) {
    return "'" + count.name + "' is counted from now on, so " + asked + " reaches nobody before " + DayOf(now + wait);
  }
  if (behavior::IsElapsed(leaf.measure) || GrowsTrue(leaf)) return std::string();
  const std::string whom =
      "'" + count.name + "' is counted from now on, so " + asked + " reaches nobody who did " + count.event + " before";
  if (leaf.window.unit == Window::Unit::kSession) return whom + " in their session";
  return leaf.window.unit == Window::Unit::kEver ? whom : whom + ", until " + DayOf(now + LengthOf(leaf.window));
}

}  // namespace

void CheckNewCounts(const Source& source, const Previous* previous, Timestamp now, Problems* problems) {
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    ForEachNeeded(*condition.tree, [&](const Tree& leaf) {
      if (leaf.kind != Kind::kBehavior) return;
      const auto count = std::find_if(source.counts.begin(), source.counts.end(),
                                      [&](const SourceCount& each) { return each.name == leaf.name; });
      if (count == source.counts.end() || !IsNew(*count, previous)) return;
      const std::string reach = Reach(leaf, *count, now);
      if (reach.empty()) return;
      problems->Note("reaches-nobody-yet", *condition.at, reach,
                     "publish the count first, and what asks it when devices have counted for long enough");
    });
  }
}

}  // namespace guidon::tools
