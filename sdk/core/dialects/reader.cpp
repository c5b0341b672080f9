#include "sdk/core/dialects/reader.h"

#include "guidon/limits.h"
#include "sdk/core/base/text.h"

namespace guidon::dialects {

void Problems::Add(Problem problem) {
  if (problem.is_error) ++errors_;
  if (problems_.size() < limits::kProblems) {
    problems_.push_back(std::move(problem));
  } else {
    ++more_;
  }
}

std::optional<Duration> LoadDuration(const Place& place, const Bounds& bounds) {
  const auto text = place.Text();
  if (!text) return std::nullopt;
  const auto time = *text == "0s" ? Duration(0) : text::ParseDuration(*text);
  if (time && *time >= bounds.least && *time <= bounds.most) return time;
  place.Error("must be a time " + std::string(bounds.text) + ", such as \"7d\", not \"" + *text + "\"");
  return std::nullopt;
}

std::optional<std::string> LoadText(const Place& place, std::size_t least, std::size_t most) {
  auto text = place.Text();
  if (!text || (text->size() >= least && text->size() <= most)) return text;
  place.Error("must be " + std::to_string(least) + " to " + std::to_string(most) + " bytes long, not " +
              std::to_string(text->size()));
  return std::nullopt;
}

bool IsName(std::string_view text, std::size_t most) noexcept {
  if (text.empty() || text.size() > most) return false;
  for (const char c : text) {
    const bool is_fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!is_fine) return false;
  }
  return true;
}

Place Place::Member(std::string_view name) const {
  Place member(node_.Find(name), problems_);
  if (!member.exists()) {
    member.parent_ = node_;
    member.missing_name_ = name;
  }
  return member;
}

std::string Place::Pointer() const {
  return exists() ? node_.Pointer() : parent_.Pointer() + json::PointerStep(missing_name_);
}

bool Place::Is(json::Type type) const {
  if (node_.is(type)) return true;
  if (!exists()) {
    Error("is missing");
  } else {
    Error("must be " + std::string(json::TypeName(type)) + ", not " + std::string(json::TypeName(node_.type())));
  }
  return false;
}

bool Place::IsObject() const { return Is(json::Type::kObject); }
bool Place::IsArray() const { return Is(json::Type::kArray); }

std::optional<std::string> Place::Text() const {
  if (!Is(json::Type::kString)) return std::nullopt;
  return std::string(*node_.AsString());
}

std::optional<std::int64_t> Place::Int(std::int64_t least, std::int64_t most) const {
  if (!Is(json::Type::kInt)) return std::nullopt;
  const std::int64_t value = *node_.AsInt();
  if (value >= least && value <= most) return value;
  Error("must be from " + std::to_string(least) + " to " + std::to_string(most) + ", not " + std::to_string(value));
  return std::nullopt;
}

std::optional<bool> Place::Bool() const {
  if (!Is(json::Type::kBool)) return std::nullopt;
  return node_.AsBool();
}

std::optional<Timestamp> Place::Time() const {
  if (!Is(json::Type::kString)) return std::nullopt;
  const auto time = text::ParseTimestamp(*node_.AsString());
  if (!time) Error("must be a time such as 2026-12-01T10:00:00Z, not \"" + std::string(*node_.AsString()) + "\"");
  return time;
}

std::optional<std::string> Place::Name(std::size_t most) const {
  if (!Is(json::Type::kString)) return std::nullopt;
  const std::string_view text = *node_.AsString();
  if (IsName(text, most)) return std::string(text);
  Error("must be 1 to " + std::to_string(most) + " letters, digits, dots, underscores or dashes");
  return std::nullopt;
}

bool Place::HasAtMost(std::size_t most, std::string_view of_what) const {
  if (node_.size() <= most) return true;
  Error("has " + std::to_string(node_.size()) + " " + std::string(of_what) + "; at most " + std::to_string(most) +
        " are allowed");
  return false;
}

}  // namespace guidon::dialects
