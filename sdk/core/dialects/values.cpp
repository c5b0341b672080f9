#include "sdk/core/dialects/values.h"

#include <string>

#include "guidon/limits.h"

namespace guidon::dialects {

json::Limits PayloadLimits() {
  json::Limits limits;
  limits.string_bytes = 2 * limits::kDatafileBytes;  // base64 is longer than what it stands for
  limits.items = limits.nodes;
  limits.is_lenient = true;
  return limits;
}

std::optional<json::Document> ParsePayload(std::string_view payload, Loaded* loaded) {
  if (payload.size() > limits::kDatafileBytes) {
    loaded->problems.push_back({"", "is larger than " + std::to_string(limits::kDatafileBytes) + " bytes", true});
    return std::nullopt;
  }
  json::Error error;
  auto document = json::Document::Parse(payload, &error, PayloadLimits());
  if (!document) loaded->problems.push_back({error.pointer, error.ToText(), true});
  return document;
}

std::uint32_t AddValue(json::Node node, ruleset::Ruleset* rules) {
  ruleset::FlagValue value;
  switch (node.type()) {
    case json::Type::kBool: value.boolean = *node.AsBool(); break;
    case json::Type::kInt:
      value.type = ruleset::ValueType::kInt;
      value.integer = *node.AsInt();
      value.number = *node.AsNumber();
      break;
    case json::Type::kDouble:
      value.type = ruleset::ValueType::kDouble;
      value.number = *node.AsNumber();
      break;
    case json::Type::kString:
      value.type = ruleset::ValueType::kString;
      value.text = std::string(*node.AsString());
      break;
    case json::Type::kNull:
    case json::Type::kArray:
    case json::Type::kObject:
      value.type = ruleset::ValueType::kJson;
      value.text = node.exists() ? node.ToText() : "null";
      break;
  }
  rules->values.push_back(std::move(value));
  return static_cast<std::uint32_t>(rules->values.size() - 1);
}

}  // namespace guidon::dialects
