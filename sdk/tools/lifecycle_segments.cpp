// Segments that nobody has to declare: where people are with the app, by its event app_open. Whoever opened it at all
// is in one of them, and in no two.
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "sdk/core/expression/parser.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

struct ReadyMade {
  std::string_view name;
  std::string_view when;
};

constexpr ReadyMade kLifecycle[] = {
    {"lifecycle.new", "since_first('app_open') < duration('7d')"},
    {"lifecycle.active", "since_first('app_open') >= duration('7d') && active_days('app_open', '8cd') >= 2"},
    {"lifecycle.back", "since_first('app_open') >= duration('7d') && active_days('app_open', '8cd') == 1"},
    {"lifecycle.lapsed", "since_first('app_open') >= duration('7d') && active_days('app_open', '8cd') == 0"},
};

const ReadyMade* FindReadyMade(std::string_view name) {
  for (const ReadyMade& segment : kLifecycle) {
    if (segment.name == name) return &segment;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> ReadyMadeSegments() {
  std::vector<std::string_view> names;
  for (const ReadyMade& segment : kLifecycle) names.push_back(segment.name);
  return names;
}

void AddReadyMadeSegments(Source* source) {
  std::vector<SourceSegment> added;
  std::set<std::string_view> names;
  for (const PlacedCondition& condition : ConditionsOf(*source)) {
    expression::ForEachLeaf(*condition.tree, [&](const expression::Tree& leaf) {
      if (leaf.kind != expression::Kind::kSegment || FindNamed(source->segments, leaf.name) != nullptr) return;
      const ReadyMade* found = FindReadyMade(leaf.name);
      if (found == nullptr || !names.insert(found->name).second) return;
      expression::Error error;
      SourceSegment segment;
      segment.name = std::string(found->name);
      segment.at = condition.at;  // what is wrong with it, such as an event that is not declared, is wrong there
      segment.when = expression::Parse(found->when, &error);
      added.push_back(std::move(segment));
    });
  }
  for (SourceSegment& segment : added) source->segments.push_back(std::move(segment));
}

}  // namespace guidon::tools
