#include "sdk/tools/problems.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/json_writer.h"

namespace guidon::tools {
namespace {

std::string_view SeverityName(Severity severity) {
  return severity == Severity::kError ? "error" : severity == Severity::kWarning ? "warning" : "note";
}

}  // namespace

void Problems::Add(Problem problem) {
  const bool is_said = std::any_of(problems_.begin(), problems_.end(), [&](const Problem& other) {
    return other.offset == problem.offset && other.code == problem.code && other.reason == problem.reason;
  });
  if (is_said) return;
  (problem.severity == Severity::kError ? errors_ : problem.severity == Severity::kWarning ? warnings_ : notes_)++;
  if (problems_.size() < kMost) problems_.push_back(std::move(problem));
}

void Problems::AddFaults(const std::vector<JsonFault>& faults) {
  for (const JsonFault& fault : faults) {
    Add({Severity::kError, fault.is_duplicate ? "duplicate-name" : "not-json", fault.pointer, fault.offset,
         fault.reason, fault.advice, ""});
  }
}

void Problems::Error(const char* code, const Located& at, std::string reason, std::string advice) {
  Add({Severity::kError, code, at.pointer, at.offset, std::move(reason), std::move(advice), ""});
}

void Problems::Warning(const char* code, const Located& at, std::string reason, std::string advice) {
  Add({Severity::kWarning, code, at.pointer, at.offset, std::move(reason), std::move(advice), ""});
}

void Problems::Note(const char* code, const Located& at, std::string reason, std::string advice) {
  Add({Severity::kNote, code, at.pointer, at.offset, std::move(reason), std::move(advice), ""});
}

void Problems::ErrorAtName(const char* code, const Located& at, std::string reason, std::string advice) {
  Add({Severity::kError, code, at.pointer, at.name.empty() ? at.offset : at.name_offset, std::move(reason),
       std::move(advice), ""});
}

void Problems::Sort() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
}

std::string Problems::ToText(std::string_view file, std::string_view text, const Style& style) const {
  std::string out;
  for (const Problem& problem : problems_) {
    const LineColumn place = PlaceOf(text, problem.offset);
    const std::string name(SeverityName(problem.severity));
    out += style.Bold(Plain(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column)) + "  ";
    out += problem.severity == Severity::kError     ? style.Red(name)
           : problem.severity == Severity::kWarning ? style.Yellow(name)
                                                    : style.Cyan(name);
    out += "  " + style.Dim(Plain(problem.pointer)) + "\n" + Wrap(Plain(problem.reason), 2);
    std::size_t begin = 0;
    while (begin < problem.excerpt.size()) {
      const std::size_t end = std::min(problem.excerpt.find('\n', begin), problem.excerpt.size());
      out += "      " + Plain(problem.excerpt.substr(begin, end - begin)) + "\n";
      begin = end + 1;
    }
    if (!problem.advice.empty()) out += Wrap("→ " + Plain(problem.advice), 2);
    out += "\n";
  }
  return out;
}

std::string Problems::ToJson(std::string_view file, std::string_view text) const {
  std::string out;
  json::Writer json(&out, 2);
  json.BeginObject().Key("file").String(file);
  json.Key("errors").Uint(errors_).Key("warnings").Uint(warnings_).Key("notes").Uint(notes_);
  json.Key("problems").BeginArray();
  for (const Problem& problem : problems_) {
    const LineColumn place = PlaceOf(text, problem.offset);
    json.BeginObject().Key("severity").String(SeverityName(problem.severity)).Key("code").String(problem.code);
    json.Key("pointer").String(problem.pointer).Key("line").Uint(place.line).Key("column").Uint(place.column);
    json.Key("reason").String(problem.reason).Key("advice").String(problem.advice);
    if (!problem.excerpt.empty()) json.Key("excerpt").String(problem.excerpt);
    json.End();
  }
  json.End().End();
  return out + "\n";
}

std::string Problems::Summary() const {
  std::string out;
  const auto add = [&out](std::size_t count, std::string_view what) {
    if (count > 0) out += (out.empty() ? "" : ", ") + Count(count, what);
  };
  add(errors_, "error");
  add(warnings_, "warning");
  add(notes_, "note");
  return out.empty() ? "no problems" : out;
}

}  // namespace guidon::tools
