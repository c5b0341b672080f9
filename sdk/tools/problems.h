// What is wrong with a source: all of it, each with its place, the reason, and what to do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/tools/located_json.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

enum class Severity { kError, kWarning, kNote };

struct Problem {
  Severity severity = Severity::kError;
  std::string code;     // stable, for tools: "unknown-member"
  std::string pointer;  // RFC 6901
  std::size_t offset = 0;
  std::string reason;
  std::string advice;   // may be empty
  std::string excerpt;  // lines with a caret, or empty
};

class Problems {
 public:
  // More than these are counted only.
  static constexpr std::size_t kMost = 1000;

  // What was said of the same place already is not said again: variants of a campaign share what they do not say
  // themselves.
  void Add(Problem problem);
  void AddFaults(const std::vector<JsonFault>& faults);
  void Error(const char* code, const Located& at, std::string reason, std::string advice = "");
  void Warning(const char* code, const Located& at, std::string reason, std::string advice = "");
  void Note(const char* code, const Located& at, std::string reason, std::string advice = "");
  // The place is the member's name, not its value.
  void ErrorAtName(const char* code, const Located& at, std::string reason, std::string advice = "");

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  const std::vector<Problem>& all() const { return problems_; }

  // In the order of the file.
  void Sort();
  // `file` is its name for people, `text` its content, in which places are counted.
  std::string ToText(std::string_view file, std::string_view text, const Style& style) const;
  std::string ToJson(std::string_view file, std::string_view text) const;
  // "2 errors, 1 warning".
  std::string Summary() const;

 private:
  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  std::size_t notes_ = 0;
};

}  // namespace guidon::tools
