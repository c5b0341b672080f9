#include "sdk/tools/event_argument.h"

#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"

namespace guidon::tools {
namespace {

Status Bad(const std::string& reason) {
  return Status(StatusCode::kInvalidArgument,
                "--event " + reason + "; it is written like \"message_sent chars=1812 title='long one'\"");
}

// 1812, 2.5, true; everything else is a text.
Value ReadValue(std::string_view word) {
  const auto document = json::Document::Parse(word, nullptr);
  if (!document || document->root().AsString()) return Value(word);
  const Value value = document->root().ToValue();
  const bool is_scalar = value.AsBool() != nullptr || value.AsInt() != nullptr || value.AsDouble() != nullptr;
  return is_scalar ? value : Value(word);
}

// Takes the value off the front of `text`.
Result<Value> TakeValue(std::string_view* text) {
  const char quote = text->empty() ? '\0' : text->front();
  if (quote != '\'' && quote != '"') {
    const std::string_view word = text->substr(0, text->find(' '));
    text->remove_prefix(word.size());
    return ReadValue(word);
  }
  const std::size_t end = text->find(quote, 1);
  if (end == std::string_view::npos) return Bad("has a quote that is not closed");
  Value value(text->substr(1, end - 1));
  text->remove_prefix(end + 1);
  return value;
}

}  // namespace

Result<prompts::TriggerEvent> ReadEventArgument(std::string_view text) {
  prompts::TriggerEvent event;
  event.name = std::string(text.substr(0, text.find(' ')));
  // "screen editor": as the engine calls what it starts by itself.
  if (event.name == "screen" && text.find('=') == std::string_view::npos && text.size() > event.name.size()) {
    event.name = std::string(text.substr(0, text.find_last_not_of(' ') + 1));
    return event;
  }
  if (event.name.empty() || event.name.size() > limits::kEventNameBytes || event.name.find('=') != std::string::npos) {
    return Bad("begins with no name");
  }
  text.remove_prefix(event.name.size());
  while (true) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return event;
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty() || name.find(' ') != std::string::npos) {
      return Bad("has '" + name.substr(0, name.find(' ')) + "' where NAME=VALUE should be");
    }
    text.remove_prefix(equals + 1);
    Result<Value> value = TakeValue(&text);
    if (!value.ok()) return value.status();
    if (!text.empty() && text.front() != ' ') return Bad("has something right behind the value of '" + name + "'");
    if (event.properties.size() == limits::kEventProperties) {
      return Bad("has more than " + std::to_string(limits::kEventProperties) + " properties");
    }
    event.properties.emplace_back(name, std::move(*value));
  }
}

}  // namespace guidon::tools
