#include "sdk/client/overrides_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/base/text.h"

namespace guidon::client {
namespace {

using Kind = Override::Kind;
using Source = Override::Source;

struct KindName {
  Kind kind;
  std::string_view one;   // in the environment
  std::string_view many;  // in the file
};
constexpr KindName kKinds[] = {{Kind::kFlag, "flag", "flags"},
                               {Kind::kExperiment, "experiment", "experiments"},
                               {Kind::kPrompt, "prompt", "prompts"},
                               {Kind::kHoldout, "holdout", "holdouts"},
                               {Kind::kAttribute, "attribute", "attributes"},
                               {Kind::kClock, "clock", "clock"}};

bool HasValue(Kind kind) noexcept { return kind == Kind::kFlag || kind == Kind::kAttribute; }

// Empty when the key, and the variant of what has one, may stand in an override.
std::string CheckNames(const HeldOverride& override) {
  const Override& what = override.what;
  if (what.kind == Kind::kClock) {
    if (!what.key.empty()) return "a clock has no key";
    if (ParseShift(what.variant) || text::ParseTimestamp(what.variant)) return std::string();
    return "a clock is moved by up to 366 days, such as +3d or -36h, or to a time, not to \"" +
           what.variant.substr(0, 40) + "\"";
  }
  if (what.key.empty() || what.key.size() > limits::kKeyBytes) return "a key has 1 to 128 bytes";
  if (what.kind == Kind::kPrompt && !IsPromptForce(what.variant)) {
    return "a prompt is forced to show, within_caps or off, not to \"" + what.variant + "\"";
  }
  if (what.kind == Kind::kHoldout && what.variant != "in" && what.variant != "out") {
    return "a holdout is forced to in or out, not to \"" + what.variant + "\"";
  }
  if (what.kind == Kind::kExperiment && (what.variant.empty() || what.variant.size() > limits::kKeyBytes)) {
    return "an experiment is forced to a variant, off or unassigned";
  }
  return std::string();
}

bool IsThere(const std::vector<HeldOverride>& list, const HeldOverride& wanted) {
  return std::any_of(list.begin(), list.end(), [&](const HeldOverride& each) {
    return each.what.kind == wanted.what.kind && each.what.key == wanted.what.key;
  });
}

// Where the entry that begins at `begin` ends: at a semicolon that is in no JSON text, list or object. Only a value
// that begins as one of these is taken for JSON that may have semicolons in it.
std::size_t EntryEnd(std::string_view text, std::size_t begin) {
  const std::size_t semicolon = std::min(text.find(';', begin), text.size());
  const std::size_t equals = text.find('=', begin);
  if (equals == std::string_view::npos || equals > semicolon) return semicolon;
  std::size_t at = text.find_first_not_of(" \t\r\n", equals + 1);
  if (at == std::string_view::npos || std::string_view("\"[{").find(text[at]) == std::string_view::npos) {
    return semicolon;
  }
  bool is_text = false;
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_text) {
      if (c == '\\') ++at;
      if (c == '"') is_text = false;
    } else if (c == '"') {
      is_text = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ';' && depth <= 0) {
      return at;
    }
  }
  return text.size();
}

// JSON, or a bare text. Empty when it is well.
std::string ReadValue(std::string_view text, HeldOverride* out) {
  json::Error error;
  const auto document = json::Document::Parse(text, &error);
  if (document) {
    out->what.value = document->root().ToValue();
    if (text.front() != '"') out->bare = std::string(text);
    return std::string();
  }
  if (std::string_view("\"[{").find(text.front()) != std::string_view::npos) {
    return "the value is not JSON: " + error.reason;
  }
  if (text.size() > limits::kJsonStringBytes) return "the value has more than 16 KiB";
  out->what.value = Value(text);
  return std::string();
}

// Empty when it is well. `entry` is trimmed.
std::string ReadEntry(std::string_view entry, HeldOverride* out) {
  const std::size_t equals_first = entry.find('=');
  if (text::Trim(entry.substr(0, equals_first)) == "clock" && equals_first != std::string_view::npos) {
    out->what.kind = Kind::kClock;
    out->what.source = Source::kEnvironment;
    out->what.variant = std::string(text::Trim(entry.substr(equals_first + 1)));
    return CheckNames(*out);
  }
  const std::size_t colon = entry.find(':');
  const std::string_view word = text::Trim(entry.substr(0, colon));
  const auto kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindName& k) { return k.one == word; });
  if (colon == std::string_view::npos || kind == std::end(kKinds) || kind->kind == Kind::kClock) {
    return "an entry begins with flag:, experiment:, prompt:, holdout:, attribute: or clock=, not with \"" +
           std::string(word.substr(0, 40)) + "\"";
  }
  out->what.kind = kind->kind;
  out->what.source = Source::kEnvironment;
  const std::string_view rest = entry.substr(colon + 1);
  const std::size_t equals = rest.find('=');
  out->what.key = std::string(text::Trim(rest.substr(0, equals)));
  const bool has_value = equals != std::string_view::npos;
  const std::string_view value = has_value ? text::Trim(rest.substr(equals + 1)) : std::string_view();
  if (kind->kind == Kind::kPrompt) {
    out->what.variant = has_value ? std::string(value) : "show";
    if (out->what.variant != "off") out->serial = kTextSerial;
  } else if (value.empty()) {
    return std::string(word) + " \"" + out->what.key + "\" lacks what it is forced to, after =";
  } else if (!HasValue(kind->kind)) {
    out->what.variant = std::string(value);
  } else if (std::string wrong = ReadValue(value, out); !wrong.empty()) {
    return wrong;
  }
  return CheckNames(*out);
}

std::size_t Characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Status BadPlace(json::Node node, const std::string& reason) {
  return Status(StatusCode::kInvalidArgument, node.Pointer() + ": " + reason);
}

Status ReadMember(Kind kind, json::Node node, std::vector<HeldOverride>* list) {
  HeldOverride read;
  read.what.kind = kind;
  read.what.source = Source::kFile;
  if (kind != Kind::kClock) read.what.key = std::string(node.name());
  if (HasValue(kind)) {
    if (kind == Kind::kFlag && node.is(json::Type::kNull))
      return BadPlace(node, "a flag is forced to a value, not to null");
    read.what.value = node.ToValue();
  } else {
    if (!node.AsString()) return BadPlace(node, "expected a string, not " + std::string(json::TypeName(node.type())));
    read.what.variant = std::string(*node.AsString());
    if (kind == Kind::kPrompt && read.what.variant != "off") read.serial = kTextSerial;
  }
  const std::string wrong = CheckNames(read);
  if (!wrong.empty()) return BadPlace(node, wrong);
  if (list->size() >= limits::kOverrides) return Status(StatusCode::kTooLarge, "256 overrides are the most");
  list->push_back(std::move(read));
  return Status();
}

}  // namespace

std::string EntryText(const Override& override) {
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const KindName& each) { return each.kind == override.kind; });
  if (override.kind == Kind::kClock) return "clock=" + override.variant;
  const std::string what = HasValue(override.kind) ? json::ToText(override.value) : override.variant;
  return std::string(kind->one) + ":" + override.key + "=" + what;
}

std::optional<Duration> ParseShift(std::string_view text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const std::optional<Duration> by = text::ParseDuration(text.substr(1));
  if (!by || *by > kMostShift) return std::nullopt;
  return text.front() == '-' ? -*by : *by;
}

std::string ShiftText(Duration shift) {
  return (shift < Duration(0) ? "-" : "+") + text::FormatDuration(shift < Duration(0) ? -shift : shift);
}

void SettleShift(Timestamp now, HeldOverride* held) {
  if (held->what.kind != Kind::kClock) return;
  const auto shown = text::ParseTimestamp(held->what.variant);
  if (!shown) return;
  const std::int64_t ms = ToMs(*shown) - ToMs(SteadyTime::Bounded(now));
  held->what.variant = ShiftText(Duration(ms / 1000 * 1000));
}

std::vector<HeldOverride> ReadEnvironment(std::string_view text, std::vector<Status>* problems) {
  std::vector<HeldOverride> list;
  if (text.size() > limits::kOverridesTextBytes) {
    problems->emplace_back(StatusCode::kTooLarge, "it has more than 64 KiB");
    return list;
  }
  if (!text::IsUtf8(text)) {
    problems->emplace_back(StatusCode::kInvalidArgument, "it is not UTF-8");
    return list;
  }
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = EntryEnd(text, begin);
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n", begin), end);
    const std::string_view entry = text::Trim(text.substr(first, end - first));
    if (entry.empty()) continue;
    HeldOverride read;
    std::string wrong = ReadEntry(entry, &read);
    if (wrong.empty() && IsThere(list, read)) {
      const bool is_clock = read.what.kind == Kind::kClock;
      wrong = (is_clock ? "the clock" : "\"" + read.what.key + "\"") + std::string(" is forced a second time");
    }
    if (wrong.empty() && list.size() >= limits::kOverrides) wrong = "256 overrides are the most";
    if (wrong.empty()) {
      list.push_back(std::move(read));
    } else if (problems->size() < limits::kProblems) {
      problems->emplace_back(StatusCode::kInvalidArgument,
                             "character " + std::to_string(Characters(text.substr(0, first)) + 1) + ": " + wrong);
    }
  }
  return list;
}

Result<std::vector<HeldOverride>> ReadOverridesFile(std::string_view text) {
  json::Error error;
  const auto document = json::Document::Parse(text, &error);
  if (!document) return Status(StatusCode::kInvalidArgument, error.ToText());
  const json::Node root = document->root();
  if (!root.is(json::Type::kObject)) {
    return Status(StatusCode::kInvalidArgument, "expected an object, not " + std::string(json::TypeName(root.type())));
  }
  std::vector<HeldOverride> list;
  for (const json::Node member : root) {
    if (member.name() == "$schema") continue;
    const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const KindName& each) { return each.many == member.name(); });
    if (kind == std::end(kKinds))
      return BadPlace(member, "is none of flags, experiments, prompts, holdouts, attributes and clock");
    if (kind->kind == Kind::kClock) {
      const Status status = ReadMember(kind->kind, member, &list);
      if (!status.ok()) return status;
      continue;
    }
    if (!member.is(json::Type::kObject)) {
      return BadPlace(member, "expected an object, not " + std::string(json::TypeName(member.type())));
    }
    for (const json::Node each : member) {
      const Status status = ReadMember(kind->kind, each, &list);
      if (!status.ok()) return status;
    }
  }
  return list;
}

}  // namespace guidon::client
