#include "sdk/tools/sample_values.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/sample_numbers.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::size_t kMostWays = 3'000;
constexpr std::size_t kMostNumbers = 64;
constexpr std::size_t kMostLists = 2'000;

bool IsNumber(const Value& value) { return value.AsInt() != nullptr || value.AsDouble() != nullptr; }

// Not several, of which nobody knows which.
bool IsOne(Truths truths) { return truths == kTrue || truths == kFalse || truths == kUnknown; }

// Equal as elements of lists are: 1 and 1.0 are the same.
bool IsSame(const Value& a, const Value& b) { return IsNumber(a) && IsNumber(b) ? CompareNumbers(a, b) == 0 : a == b; }

class Collector {
 public:
  Collector(const AttributeAtoms& atoms, const Judge& judge) : atoms_(atoms), judge_(judge) {}

  std::vector<Way> Run() {
    Offer(std::nullopt);
    AddTexts();
    AddNumbers();
    for (const bool value : {true, false}) Offer(Value(value));
    AddLists();
    Offer(Value(Object()));
    Offer(Value());
    Offer(Value(std::numeric_limits<double>::quiet_NaN()));
    Offer(Value(std::string(limits::kAttributeBytes + 1, 'x')));
    if (is_lost_ || ways_.size() + unreal_.size() > kMostWays) return Anything();
    ways_.insert(ways_.end(), unreal_.begin(), unreal_.end());
    return std::move(ways_);
  }

 private:
  std::vector<Truths> Ask(const std::optional<Value>& value) const {
    Situation situation;
    if (value) (atoms_.is_of_event ? situation.properties : situation.attributes).emplace_back(atoms_.name, *value);
    return judge_.Ask(situation, atoms_.conditions);
  }

  void Offer(const std::optional<Value>& value) {
    if (ways_.size() > kMostWays) return;
    std::vector<Truths> truths = Ask(value);
    AddWithoutPatterns(value, truths);
    const bool is_real = std::all_of(truths.begin(), truths.end(), IsOne);
    if (seen_.insert(truths).second) (is_real ? ways_ : unreal_).push_back({std::move(truths), value, is_real});
  }

  // A device may have nothing that matches patterns: then matches() is unknown.
  void AddWithoutPatterns(const std::optional<Value>& value, std::vector<Truths> truths) {
    if (!value || value->AsString() == nullptr) return;
    bool has_pattern = false;
    for (std::size_t i = 0; i < truths.size(); ++i) {
      if (atoms_.leaves[i]->op != expression::Op::kMatches || atoms_.leaves[i]->kind != Kind::kText) continue;
      truths[i] |= kUnknown;
      has_pattern = true;
    }
    if (has_pattern && seen_.insert(truths).second) unreal_.push_back({std::move(truths), std::nullopt, false});
  }

  // All that is thinkable, for what is too much to look at.
  std::vector<Way> Anything() {
    ways_.push_back({std::vector<Truths>(atoms_.leaves.size(), kAnyTruth), std::nullopt, false});
    return std::move(ways_);
  }

  void AddTexts() {
    const TextSamples texts = SampleTexts(atoms_);
    for (const std::string& constant : texts.constants) Offer(Value(constant));
    Offer(Value(texts.other));
    for (const TextFamily& family : texts.families) {
      for (const std::string& example : family.examples) Offer(Value(example));
    }
    const bool is_simple = texts.families.size() + texts.patterns.size() <= 1 && texts.patterns.empty();
    const bool is_exact = std::all_of(texts.families.begin(), texts.families.end(),
                                      [](const TextFamily& family) { return family.is_exact; });
    is_lost_ |= !texts.is_exact;
    if (!is_lost_ && !(is_simple && is_exact)) AddUnrealTexts(texts);
  }

  // Each family comes out in any of its ways, whatever the others do: more than there is, as a text that ends with a
  // and is the version 4.2 is none.
  void AddUnrealTexts(const TextSamples& texts) {
    std::vector<Truths> truths = Ask(Value(texts.other));
    for (const std::size_t pattern : texts.patterns) truths[pattern] = kAnyTruth;
    std::vector<std::vector<Truths>> all = {std::move(truths)};
    for (const TextFamily& family : texts.families) {
      std::set<std::vector<Truths>> ways;
      for (const std::string& example : family.examples) {
        const std::vector<Truths> asked = Ask(Value(example));
        std::vector<Truths> way;
        for (const std::size_t atom : family.atoms) way.push_back(asked[atom]);
        ways.insert(std::move(way));
      }
      if (!family.is_exact) ways = {std::vector<Truths>(family.atoms.size(), kAnyTruth)};
      if (all.size() * ways.size() > kMostWays) {
        is_lost_ = true;
        return;
      }
      std::vector<std::vector<Truths>> next;
      for (const std::vector<Truths>& base : all) {
        for (const std::vector<Truths>& way : ways) {
          next.push_back(base);
          for (std::size_t i = 0; i < way.size(); ++i) next.back()[family.atoms[i]] = way[i];
        }
      }
      all = std::move(next);
    }
    for (std::vector<Truths>& way : all) {
      if (seen_.insert(way).second) unreal_.push_back({std::move(way), std::nullopt, false});
    }
  }

  void AddNumbers() {
    std::vector<Value> constants = {Value(1)};
    const auto add = [&](const Value& value) {
      if (!IsNumber(value)) return;
      constants.push_back(value);
      // Lists hold them as doubles.
      if (value.AsInt() != nullptr) constants.emplace_back(static_cast<double>(*value.AsInt()));
    };
    std::map<std::string, std::pair<Value, std::vector<std::size_t>>> where;
    bool is_ordered = false;
    for (std::size_t i = 0; i < atoms_.leaves.size(); ++i) {
      const Tree& leaf = *atoms_.leaves[i];
      if (leaf.kind == Kind::kCompare) add(leaf.value);
      is_ordered |= leaf.kind == Kind::kCompare && leaf.op > expression::Op::kNotEqual;
      if (leaf.kind == Kind::kDate) {
        const auto date = text::ParseTimestamp(leaf.value.AsString() != nullptr ? *leaf.value.AsString() : "");
        if (date) constants.emplace_back(ToMs(*date));
        is_lost_ |= !date;
        is_ordered = true;
      }
      if (leaf.kind != Kind::kIn) continue;
      for (const Value& value : leaf.values) {
        if (!IsNumber(value)) continue;
        auto& [first, atoms] = where[json::ToText(value)];
        first = value;
        atoms.push_back(i);
      }
    }
    // Of the numbers of long lists that are in the same comparisons, one stands for all, unless there is an order.
    std::set<std::vector<std::size_t>> seen;
    for (const auto& [text, entry] : where) {
      if (is_ordered || seen.insert(entry.second).second) add(entry.first);
    }
    is_lost_ |= constants.size() > 2 * kMostNumbers;
    if (is_lost_) return;
    for (const Value& value : SampleNumbers(constants)) Offer(value);
  }

  // Elements that are in the same comparisons: none, some or all of them are in a list.
  struct Group {
    std::vector<std::size_t> atoms;
    std::vector<Value> elements;
  };

  std::vector<Group> Groups() const {
    std::vector<Group> elements;
    for (std::size_t i = 0; i < atoms_.leaves.size(); ++i) {
      if (atoms_.leaves[i]->kind != Kind::kList) continue;
      for (const Value& value : atoms_.leaves[i]->values) {
        auto same = std::find_if(elements.begin(), elements.end(),
                                 [&](const Group& group) { return IsSame(group.elements[0], value); });
        if (same == elements.end()) same = elements.insert(elements.end(), Group{{}, {value}});
        if (same->atoms.empty() || same->atoms.back() != i) same->atoms.push_back(i);
      }
    }
    std::vector<Group> groups;
    for (Group& element : elements) {
      const auto same =
          std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.atoms == element.atoms; });
      if (same == groups.end()) {
        groups.push_back(std::move(element));
      } else {
        same->elements.push_back(element.elements[0]);
      }
    }
    return groups;
  }

  void AddLists() {
    const std::vector<Group> groups = Groups();
    std::set<std::size_t> sizes = {0, 1, limits::kAttributeElements};
    for (const Tree* leaf : atoms_.leaves) {
      if (leaf->kind != Kind::kSize || leaf->value.AsInt() == nullptr) continue;
      for (const std::int64_t step : {-1, 0, 1}) {
        const std::int64_t size = *leaf->value.AsInt() + step;
        if (size >= 0 && size <= static_cast<std::int64_t>(limits::kAttributeElements)) {
          sizes.insert(static_cast<std::size_t>(size));
        }
      }
    }
    std::size_t count = sizes.size();
    for (const Group& group : groups) count = std::min(kMostLists + 1, count * (group.elements.size() > 1 ? 3 : 2));
    is_lost_ |= count > kMostLists;
    if (is_lost_) return;
    AddListsOf(groups, 0, List(), sizes);
    Offer(Value(List(limits::kAttributeElements + 1, Value("other"))));
  }

  void AddListsOf(const std::vector<Group>& groups, std::size_t at, const List& begun,
                  const std::set<std::size_t>& sizes) {
    if (at == groups.size()) return AddSizes(begun, sizes);
    const std::vector<Value>& elements = groups[at].elements;
    AddListsOf(groups, at + 1, begun, sizes);
    List more = begun;
    more.push_back(elements[0]);
    if (elements.size() > 1) AddListsOf(groups, at + 1, more, sizes);
    more.insert(more.end(), elements.begin() + 1, elements.end());
    AddListsOf(groups, at + 1, more, sizes);
  }

  // What fills a list up equals nothing.
  void AddSizes(const List& begun, const std::set<std::size_t>& sizes) {
    if (begun.size() > limits::kAttributeElements) return;
    Offer(Value(begun));
    for (const std::size_t size : sizes) {
      if (size <= begun.size()) continue;
      List list = begun;
      list.resize(size, Value());
      Offer(Value(std::move(list)));
    }
  }

  const AttributeAtoms& atoms_;
  const Judge& judge_;
  std::vector<Way> ways_;
  std::vector<Way> unreal_;
  std::set<std::vector<Truths>> seen_;
  bool is_lost_ = false;
};

}  // namespace

std::vector<Way> WaysOf(const AttributeAtoms& atoms, const Judge& judge) { return Collector(atoms, judge).Run(); }

}  // namespace guidon::tools
