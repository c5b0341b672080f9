#include "sdk/core/logic/run.h"

#include <algorithm>
#include <cmath>

#include "sdk/core/base/javascript.h"
#include "sdk/core/base/path_steps.h"
#include "sdk/core/base/text.h"

namespace guidon::logic {
namespace {

using Kind = Term::Kind;

Term Undefined() noexcept {
  Term term;
  term.kind = Kind::kUndefined;
  return term;
}

bool IsNothing(const Term& term) noexcept { return term.kind == Kind::kNull || term.kind == Kind::kUndefined; }

// A step below a list or an object; kUndefined where there is nothing.
Term Below(const Term& term, const std::string& step) {
  if (term.kind == Kind::kPair) {
    if (step == "current") return term.terms[0];
    return step == "accumulator" ? term.terms[1] : Undefined();
  }
  if (IsList(term)) {
    std::size_t index = 0;
    for (const char c : step) {
      if (c < '0' || c > '9' || index > SizeOf(term)) return Undefined();
      index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    const bool is_canonical = !step.empty() && (step.size() == 1 || step[0] != '0');
    return is_canonical && index < SizeOf(term) ? ItemOf(term, index) : Undefined();
  }
  const Value* value = term.kind == Kind::kValue ? term.value->Find(step) : nullptr;
  return value == nullptr ? Undefined() : FromValue(*value);
}

// Where so many UTF-16 units end.
std::size_t OffsetOf(std::string_view text, std::size_t units) noexcept {
  std::size_t offset = 0;
  while (units > 0 && offset < text.size()) {
    const std::size_t length = std::max<std::size_t>(text::Utf8Length(text.substr(offset)), 1);
    const std::size_t taken = length == 4 ? 2 : 1;
    if (taken > units) break;
    units -= taken;
    offset += length;
  }
  return offset;
}

std::size_t UnitsOf(std::string_view text) noexcept {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) == 0x80 ? 0u : byte >= 0xF0 ? 2u : 1u;
  }
  return units;
}

}  // namespace

Term Run::Result() {
  Term root;
  root.kind = Kind::kInput;
  if (input_.context == nullptr) root = input_.root == nullptr ? Term() : FromValue(*input_.root);
  const Term result = Take(0, root);
  return is_over_budget() ? Undefined() : result;
}

void Run::Spend(std::size_t bytes) noexcept {
  constexpr std::size_t kBytesAStep = 64;
  steps_ += static_cast<std::uint32_t>(std::min<std::size_t>(bytes / kBytesAStep, kStepBudget));
}

std::uint32_t Run::ArgumentAt(std::uint32_t index, std::uint32_t number) const noexcept {
  std::uint32_t at = index + 1;
  for (; number > 0; --number) at = program_.nodes[at].end;
  return at;
}

Term Run::Argument(std::uint32_t index, std::uint32_t number, const Term& data) {
  if (number >= program_.nodes[index].children) return Undefined();
  return Take(ArgumentAt(index, number), data);
}

Term Run::Kept(std::string_view text) {
  Term term;
  Spend(text.size());
  return arena_.Keep(text, &term) ? term : Full();
}

Term Run::OfTerms(const std::vector<Term>& terms) {
  Term list;
  list.kind = Kind::kTerms;
  list.count = static_cast<std::uint32_t>(terms.size());
  Term* const room = arena_.Terms(terms.size());
  if (room == nullptr) return Full();
  std::copy(terms.begin(), terms.end(), room);
  list.terms = room;
  return list;
}

Term Run::Take(std::uint32_t index, const Term& data) {
  if (++steps_ > kStepBudget || is_full_) return Undefined();
  const Node& node = program_.nodes[index];
  const auto argument = [&](std::uint32_t number) { return Argument(index, number, data); };
  switch (node.op) {
    case Op::kLiteral: return FromValue(program_.constants[node.index]);
    case Op::kList: return Items(index, data);
    case Op::kVar:
    case Op::kPath: return Variable(node, index, data);
    case Op::kMissing: return MissingOf(index, data);
    case Op::kMissingSome: return MissingSome(index, data);
    case Op::kIf: return If(index, data);
    case Op::kAnd: return AndOr(index, data, false);
    case Op::kOr: return AndOr(index, data, true);
    case Op::kEqual: return FromBool(AreEqual(argument(0), argument(1)));
    case Op::kNotEqual: return FromBool(!AreEqual(argument(0), argument(1)));
    case Op::kSame: return FromBool(AreSame(argument(0), argument(1)));
    case Op::kNotSame: return FromBool(!AreSame(argument(0), argument(1)));
    case Op::kLess: return Between(index, data, false);
    case Op::kLessOrEqual: return Between(index, data, true);
    case Op::kGreater: return FromBool(OrderOf(argument(0), argument(1)) == 1);
    case Op::kGreaterOrEqual: {
      const int order = OrderOf(argument(0), argument(1));
      return FromBool(order == 0 || order == 1);
    }
    case Op::kNot: return FromBool(!IsTrue(argument(0)));
    case Op::kTruth: return FromBool(IsTrue(argument(0)));
    case Op::kAdd:
    case Op::kMultiply:
    case Op::kSubtract:
    case Op::kDivide:
    case Op::kRemainder:
    case Op::kLeast:
    case Op::kMost: return Arithmetic(index, data);
    case Op::kJoin: return Join(index, data);
    case Op::kPart: return Part(argument(0), argument(1), argument(2));
    case Op::kIn: return In(argument(0), argument(1));
    case Op::kMerge: return Merge(index, data);
    case Op::kMap: return MapOrFilter(index, data, false);
    case Op::kFilter: return MapOrFilter(index, data, true);
    case Op::kReduce: return Reduce(index, data);
    case Op::kAll:
    case Op::kNone:
    case Op::kSome: return Quantify(index, data);
    case Op::kLog: return argument(0);
    case Op::kStartsWith:
    case Op::kEndsWith: return Affix(index, data);
    case Op::kVersion: return Version(index, data);
    case Op::kFractional: return Fractional(index, data);
  }
  return Term();
}

// Of the context: its attributes, and what the program adds to them.
Term Run::Root(const std::vector<std::string>& steps, std::size_t* taken) {
  *taken = 1;
  std::string_view key;
  if (steps[0] == kTargetingKey && TargetingKey(&key)) return FromText(key);
  if (steps[0] == program_.extra && steps.size() > 1) {
    *taken = 2;
    if (steps[1] == "flagKey") return FromText(input_.flag);
    if (steps[1] != "timestamp") return Undefined();
    asked_for_time_ = true;
    return FromNumber(std::floor(static_cast<double>(ToMs(input_.now)) / 1'000));
  }
  for (const Context::Attribute& attribute : input_.context->attributes()) {
    if (attribute.name == steps[0] && attribute.kind.empty()) return FromValue(attribute.value);
  }
  return Undefined();
}

Term Run::Lookup(const std::vector<std::string>& steps, const Term& data) {
  std::size_t at = 0;
  Term term = data.kind == Kind::kInput ? Root(steps, &at) : data;
  for (; at < steps.size() && !IsNothing(term); ++at) term = Below(term, steps[at]);
  return at < steps.size() ? Undefined() : term;
}

Term Run::VariableNamed(const Term& name, const Term& data) {
  if (IsNothing(name)) return data;
  const std::string path = TextOf(name);
  Spend(path.size());
  return path.empty() ? data : Lookup(PathSteps(path), data);
}

Term Run::Variable(const Node& node, std::uint32_t index, const Term& data) {
  const bool is_path = node.op == Op::kPath;
  const Term found = is_path ? Lookup(program_.paths[node.index], data) : VariableNamed(Argument(index, 0, data), data);
  if (!IsNothing(found)) return found;
  const Term fallback = Argument(index, is_path ? 0 : 1, data);
  return fallback.kind == Kind::kUndefined ? Term() : fallback;
}

Term Run::Missing(const Term& names, const Term& data) {
  std::vector<Term> missing;
  for (std::size_t i = 0; IsList(names) && i < SizeOf(names) && !is_over_budget(); ++i) {
    ++steps_;
    const Term name = ItemOf(names, i);
    const Term value = VariableNamed(name, data);
    if (IsNothing(value) || (value.kind == Kind::kText && value.text.empty())) missing.push_back(name);
  }
  return OfTerms(missing);
}

// Of a list of names, or of names one by one.
Term Run::MissingOf(std::uint32_t index, const Term& data) {
  const Term first = Argument(index, 0, data);
  return Missing(IsList(first) ? first : Items(index, data), data);
}

Term Run::MissingSome(std::uint32_t index, const Term& data) {
  const double wanted = NumberOf(Argument(index, 0, data));
  const Term names = Argument(index, 1, data);
  if (!IsList(names)) return OfTerms({});
  const Term missing = Missing(names, data);
  if (is_over_budget()) return missing;
  return static_cast<double>(SizeOf(names) - SizeOf(missing)) >= wanted ? OfTerms({}) : missing;
}

Term Run::If(std::uint32_t index, const Term& data) {
  const std::uint32_t count = program_.nodes[index].children;
  std::uint32_t i = 0;
  for (; i + 1 < count; i += 2) {
    if (IsTrue(Argument(index, i, data))) return Argument(index, i + 1, data);
  }
  return i < count ? Argument(index, i, data) : Term();
}

Term Run::AndOr(std::uint32_t index, const Term& data, bool decisive) {
  Term last;
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < program_.nodes[index].children; ++i, at = program_.nodes[at].end) {
    last = Take(at, data);
    if (IsTrue(last) == decisive) return last;
  }
  return last;
}

Term Run::Between(std::uint32_t index, const Term& data, bool or_equal) {
  const auto holds = [or_equal](const Term& a, const Term& b) {
    const int order = OrderOf(a, b);
    return order == -1 || (or_equal && order == 0);
  };
  const Term low = Argument(index, 0, data);
  const Term middle = Argument(index, 1, data);
  if (program_.nodes[index].children < 3) return FromBool(holds(low, middle));
  return FromBool(holds(low, middle) && holds(middle, Argument(index, 2, data)));
}

Term Run::Arithmetic(std::uint32_t index, const Term& data) {
  const Node& node = program_.nodes[index];
  const std::uint32_t count = node.children;
  const auto number = [&](std::uint32_t i) { return NumberOf(Argument(index, i, data)); };
  switch (node.op) {
    case Op::kSubtract: {
      const double first = number(0);
      return FromNumber(count == 1 ? -first : first - number(1));
    }
    case Op::kDivide: {
      const double first = number(0);
      return FromNumber(first / number(1));
    }
    case Op::kRemainder: {
      const double first = number(0);
      return FromNumber(std::fmod(first, number(1)));
    }
    default: break;
  }
  if (node.op == Op::kMultiply && count == 1) return Argument(index, 0, data);
  double result = node.op == Op::kAdd ? 0 : node.op == Op::kMultiply ? 1 : node.op == Op::kLeast ? HUGE_VAL : -HUGE_VAL;
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < count; ++i, at = program_.nodes[at].end) {
    const Term term = Take(at, data);
    if (node.op == Op::kAdd || node.op == Op::kMultiply) {
      const double value = LeadingNumberOf(term);
      result = node.op == Op::kAdd ? result + value : result * value;
      continue;
    }
    const double value = NumberOf(term);
    if (std::isnan(value) || std::isnan(result)) {
      result = std::nan("");
    } else {
      result = node.op == Op::kLeast ? std::min(result, value) : std::max(result, value);
    }
  }
  return FromNumber(result);
}

Term Run::Join(std::uint32_t index, const Term& data) {
  std::string joined;
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < program_.nodes[index].children; ++i, at = program_.nodes[at].end) {
    const Term term = Take(at, data);
    if (!IsNothing(term)) joined += TextOf(term);
    if (joined.size() > Arena::kMost) return Full();
  }
  return Kept(joined);
}

// As String.prototype.substr, in UTF-16 units; of a length below 0 as much is left out at the end.
Term Run::Part(const Term& text, const Term& start, const Term& length) {
  const std::string whole = TextOf(text);
  Spend(whole.size());
  const auto units = static_cast<double>(UnitsOf(whole));
  const double from_number = std::trunc(NumberOf(start));
  double from = std::isnan(from_number) ? 0 : from_number;
  from = from < 0 ? std::max(units + from, 0.0) : std::min(from, units);
  double count = units - from;
  if (length.kind != Kind::kUndefined) {
    const double given = std::trunc(NumberOf(length));
    count = std::isnan(given) ? 0 : given < 0 ? std::max(count + given, 0.0) : std::min(given, count);
  }
  const std::size_t begin = OffsetOf(whole, static_cast<std::size_t>(from));
  const std::size_t end = OffsetOf(whole, static_cast<std::size_t>(from + count));
  return Kept(std::string_view(whole).substr(begin, std::max(begin, end) - begin));
}

Term Run::In(const Term& wanted, const Term& where) {
  if (IsList(where)) {
    const std::size_t size = SizeOf(where);
    Spend(size * 8);
    for (std::size_t i = 0; i < size; ++i) {
      if (AreSame(wanted, ItemOf(where, i))) return FromBool(true);
    }
    return FromBool(false);
  }
  if (where.kind != Kind::kText || where.text.empty()) return FromBool(false);
  if (wanted.kind == Kind::kText) {
    Spend(where.text.size() / 64 * wanted.text.size() / 64);
    Spend(where.text.size());
    return FromBool(where.text.find(wanted.text) != std::string_view::npos);
  }
  return FromBool(where.text.find(TextOf(wanted)) != std::string_view::npos);
}

Term Run::Items(std::uint32_t index, const Term& data) {
  std::vector<Term> items;
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < program_.nodes[index].children; ++i, at = program_.nodes[at].end) {
    items.push_back(Take(at, data));
  }
  return OfTerms(items);
}

Term Run::Merge(std::uint32_t index, const Term& data) {
  std::vector<Term> items;
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < program_.nodes[index].children && !is_over_budget(); ++i, at = program_.nodes[at].end) {
    const Term term = Take(at, data);
    if (!IsList(term)) {
      items.push_back(term);
      continue;
    }
    Spend(SizeOf(term) * 8);
    for (std::size_t k = 0; k < SizeOf(term) && !is_over_budget(); ++k) items.push_back(ItemOf(term, k));
  }
  return OfTerms(items);
}

Term Run::MapOrFilter(std::uint32_t index, const Term& data, bool is_filter) {
  const Term list = Argument(index, 0, data);
  std::vector<Term> items;
  for (std::size_t i = 0; IsList(list) && i < SizeOf(list) && !is_over_budget(); ++i) {
    const Term item = ItemOf(list, i);
    const Term result = Argument(index, 1, item);
    if (!is_filter) items.push_back(result);
    if (is_filter && IsTrue(result)) items.push_back(item);
  }
  return OfTerms(items);
}

Term Run::Reduce(std::uint32_t index, const Term& data) {
  const Term list = Argument(index, 0, data);
  Term start = Argument(index, 2, data);
  if (start.kind == Kind::kUndefined) start = Term();
  for (std::size_t i = 0; IsList(list) && i < SizeOf(list) && !is_over_budget(); ++i) {
    Term pair;
    pair.kind = Kind::kPair;
    Term* const both = arena_.Terms(2);
    if (both == nullptr) return Full();
    both[0] = ItemOf(list, i);
    both[1] = start;
    pair.terms = both;
    start = Argument(index, 1, pair);
  }
  return start;
}

Term Run::Quantify(std::uint32_t index, const Term& data) {
  const Op op = program_.nodes[index].op;
  const Term list = Argument(index, 0, data);
  if (!IsList(list) || SizeOf(list) == 0) return FromBool(op == Op::kNone);
  for (std::size_t i = 0; i < SizeOf(list) && !is_over_budget(); ++i) {
    const bool is_true = IsTrue(Argument(index, 1, ItemOf(list, i)));
    if (op == Op::kAll && !is_true) return FromBool(false);
    if (op != Op::kAll && is_true) return FromBool(op == Op::kSome);
  }
  return FromBool(op != Op::kSome);
}

}  // namespace guidon::logic
