#include "sdk/core/logic/compile.h"

#include <optional>
#include <utility>

#include "sdk/core/base/javascript.h"
#include "sdk/core/base/path_steps.h"

namespace guidon::logic {
namespace {

std::optional<Op> OpOf(std::string_view name) noexcept {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {"var", Op::kVar},
      {"missing", Op::kMissing},
      {"missing_some", Op::kMissingSome},
      {"if", Op::kIf},
      {"?:", Op::kIf},
      {"and", Op::kAnd},
      {"or", Op::kOr},
      {"==", Op::kEqual},
      {"!=", Op::kNotEqual},
      {"===", Op::kSame},
      {"!==", Op::kNotSame},
      {"<", Op::kLess},
      {"<=", Op::kLessOrEqual},
      {">", Op::kGreater},
      {">=", Op::kGreaterOrEqual},
      {"!", Op::kNot},
      {"!!", Op::kTruth},
      {"+", Op::kAdd},
      {"*", Op::kMultiply},
      {"-", Op::kSubtract},
      {"/", Op::kDivide},
      {"%", Op::kRemainder},
      {"min", Op::kLeast},
      {"max", Op::kMost},
      {"cat", Op::kJoin},
      {"substr", Op::kPart},
      {"in", Op::kIn},
      {"merge", Op::kMerge},
      {"map", Op::kMap},
      {"filter", Op::kFilter},
      {"reduce", Op::kReduce},
      {"all", Op::kAll},
      {"none", Op::kNone},
      {"some", Op::kSome},
      {"log", Op::kLog},
      {"starts_with", Op::kStartsWith},
      {"ends_with", Op::kEndsWith},
      {"sem_ver", Op::kVersion},
      {"fractional", Op::kFractional},
  };
  for (const auto& [known, op] : kOps) {
    if (known == name) return op;
  }
  return std::nullopt;
}

class Compiler {
 public:
  explicit Compiler(const std::function<json::Node(std::string_view)>& reference) : reference_(reference) {}

  Result<Program> Run(json::Node rule) {
    Take(rule, 0, false);
    if (problem_.empty()) return std::move(program_);
    return Status(StatusCode::kInvalidArgument, std::move(problem_));
  }

 private:
  void Fail(json::Node at, const std::string& why) {
    if (problem_.empty()) problem_ = at.Pointer() + " " + why;
  }

  void Take(json::Node rule, std::size_t depth, bool is_referred) {
    if (depth > kDepth || program_.nodes.size() >= kNodes) {
      return Fail(rule, depth > kDepth ? "is nested too deeply" : "has too many parts");
    }
    if (!problem_.empty()) return;
    if (rule.is(json::Type::kArray) && HasLogic(rule)) {
      Group(Op::kList, rule, depth);
    } else if (rule.is(json::Type::kObject) && rule.size() == 1) {
      Operator(rule.First(), depth, is_referred);
    } else {
      Literal(rule);
    }
  }

  // Lists of literals stay one literal.
  static bool HasLogic(json::Node rule) {
    if (rule.is(json::Type::kObject)) return rule.size() == 1;
    if (!rule.is(json::Type::kArray)) return false;
    for (const json::Node item : rule) {
      if (HasLogic(item)) return true;
    }
    return false;
  }

  void Literal(json::Node rule) {
    Node node;
    node.index = static_cast<std::uint32_t>(program_.constants.size());
    node.end = static_cast<std::uint32_t>(program_.nodes.size()) + 1;
    program_.constants.push_back(rule.ToValue());
    program_.nodes.push_back(node);
  }

  // One argument needs no list around it.
  std::size_t Group(Op op, json::Node arguments, std::size_t depth) {
    const std::size_t at = program_.nodes.size();
    program_.nodes.emplace_back().op = op;
    std::uint32_t children = 0;
    if (arguments.is(json::Type::kArray)) {
      for (const json::Node argument : arguments) {
        Take(argument, depth + 1, false);
        ++children;
      }
    } else {
      Take(arguments, depth + 1, false);
      children = 1;
    }
    program_.nodes[at].children = children;
    program_.nodes[at].end = static_cast<std::uint32_t>(program_.nodes.size());
    return at;
  }

  void Operator(json::Node arguments, std::size_t depth, bool is_referred) {
    const std::string_view name = arguments.name();
    if (name == "$ref" && reference_) {
      const std::string wanted(arguments.AsString().value_or(""));
      const json::Node rule = is_referred ? json::Node() : reference_(wanted);
      if (!rule.exists()) return Fail(arguments, "names no evaluator there is: \"" + wanted + "\"");
      return Take(rule, depth + 1, true);
    }
    const auto op = OpOf(name);
    if (!op) return Fail(arguments, "is no operator");
    const json::Node first = arguments.is(json::Type::kArray) ? arguments.First() : arguments;
    const bool is_path = *op == Op::kVar && (first.AsString() || first.AsNumber());
    if (!is_path || javascript::ToText(first.ToValue()).empty()) {
      Group(*op, arguments, depth);
      return;
    }
    const std::size_t at = program_.nodes.size();
    program_.nodes.emplace_back().op = Op::kPath;
    program_.nodes[at].index = static_cast<std::uint32_t>(program_.paths.size());
    program_.paths.push_back(PathSteps(javascript::ToText(first.ToValue())));
    const json::Node fallback = arguments.is(json::Type::kArray) ? first.Next() : json::Node();
    if (fallback.exists()) Take(fallback, depth + 1, false);
    program_.nodes[at].children = fallback.exists() ? 1 : 0;
    program_.nodes[at].end = static_cast<std::uint32_t>(program_.nodes.size());
  }

  const std::function<json::Node(std::string_view)>& reference_;
  Program program_;
  std::string problem_;
};

}  // namespace

Result<Program> Compile(json::Node rule, const std::function<json::Node(std::string_view)>& reference) {
  return Compiler(reference).Run(rule);
}

}  // namespace guidon::logic
