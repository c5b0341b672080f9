#include "sdk/tools/timeline.h"

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/members.h"
#include "sdk/tools/problems.h"

namespace guidon::tools {
namespace {

using StepKind = TimelineStep::Kind;

constexpr const char* kTimelineLine = R"({ "at": "+2d", "user": "ann", "event": "message_sent" })";

struct Deed {
  std::string_view name;
  StepKind kind;
};
constexpr Deed kDeeds[] = {
    {"dismiss", StepKind::kDismiss},       {"press", StepKind::kPress},       {"snooze", StepKind::kSnooze},
    {"answer", StepKind::kAnswer},         {"complete", StepKind::kComplete}, {"foreground", StepKind::kForeground},
    {"background", StepKind::kBackground}, {"screen", StepKind::kScreen},     {"activity", StepKind::kActivity},
};

class StepReader {
 public:
  StepReader(std::string_view text, Timestamp from, Problems* problems) : members_(text, problems), from_(from) {}

  void Read(const Located& root, TimelineStep* out) const {
    if (!members_.Want(root, json::Type::kObject, kTimelineLine)) return;
    members_.CheckKnown(
        root, {"at", "user", "event", "properties", "attributes", "do", "button", "question", "answer", "screen"},
        "a line", {{"props", "it is called \"properties\""}, {"time", "it is called \"at\""}});
    ReadTime(root, out);
    if (const auto user = members_.Text(root, "user")) {
      if (user->empty() || user->size() > limits::kUnitIdBytes) {
        members_.problems().Error("bad-user", *root.Find("user"), "names nobody", "write 1 to 256 bytes");
      }
      out->user = *user;
    }
    ReadDeed(root, out);
  }

 private:
  void ReadTime(const Located& root, TimelineStep* out) const {
    const Located* at = root.Find("at");
    if (at == nullptr) {
      members_.problems().Error("no-time", root, "the line does not say when", kTimelineLine);
      return;
    }
    const std::string text = members_.Text(root, "at").value_or("");
    if (text.empty()) return;
    if (text.front() == '+') {
      const auto after = text == "+0s" ? Duration(0) : text::ParseDuration(std::string_view(text).substr(1));
      if (after) {
        out->at = from_ + *after;
        return;
      }
    } else if (const std::optional<Timestamp> moment = text::ParseTimestamp(text)) {
      out->at = *moment;
      out->utc_offset = Duration(0);
      // What the clock shows there, read as UTC, is so far ahead as the clock is.
      const std::optional<Timestamp> shown = text::ParseTimestamp(text.substr(0, 19) + "Z");
      const std::size_t seconds = text.find_last_of("+-");
      if (shown && text.back() != 'Z' && seconds != std::string::npos && seconds >= 19) {
        const auto whole = text::ParseTimestamp(text.substr(0, 19) + text.substr(seconds));
        if (whole) out->utc_offset = *shown - *whole;
      }
      return;
    }
    members_.problems().Error("bad-time", *at, "\"" + text + "\" is no time",
                              "write \"2026-02-02T09:00:00-05:00\", or how long after the start: \"+2d\"");
  }

  void ReadDeed(const Located& root, TimelineStep* out) const {
    const Located* event = root.Find("event");
    const Located* attributes = root.Find("attributes");
    const Located* deed = root.Find("do");
    if ((event != nullptr) + (attributes != nullptr) + (deed != nullptr) != 1) {
      members_.problems().Error("no-deed", root, "the line says not one thing that happens",
                                "give it one of \"event\", \"attributes\" and \"do\"");
      return;
    }
    const Located* properties = root.Find("properties");
    if (properties != nullptr && event == nullptr) Misplaced(*properties, "event");
    if (event != nullptr) {
      out->name = members_.Text(root, "event").value_or("");
      if (out->name.empty() || out->name.size() > limits::kEventNameBytes) {
        members_.problems().Error("no-name", *event, "is no event's name", "write \"message_sent\"");
      }
      if (properties != nullptr) ReadValues(*properties, &out->values);
    } else if (attributes != nullptr) {
      out->kind = StepKind::kAttributes;
      ReadValues(*attributes, &out->values);
    } else {
      ReadDo(root, *deed, out);
    }
  }

  void ReadDo(const Located& root, const Located& deed, TimelineStep* out) const {
    const std::string word = members_.Text(root, "do").value_or("");
    const Deed* found = nullptr;
    std::vector<std::string_view> known;
    for (const Deed& one : kDeeds) {
      known.push_back(one.name);
      if (one.name == word) found = &one;
    }
    if (found == nullptr) {
      members_.problems().Error("unknown-deed", deed, "nobody can do '" + word + "'", Suggest(word, known, ""));
      return;
    }
    out->kind = found->kind;
    const Located* button = root.Find("button");
    const Located* screen = root.Find("screen");
    if (button != nullptr && out->kind != StepKind::kPress) Misplaced(*button, "press");
    if (screen != nullptr && out->kind != StepKind::kScreen) Misplaced(*screen, "screen");
    ReadAnswer(root, deed, out);
    if (button != nullptr) out->name = members_.Text(root, "button").value_or("");
    if (out->kind != StepKind::kScreen) return;
    if (screen == nullptr) {
      members_.problems().Error("no-screen", deed, "does not say which screen",
                                R"("do": "screen", "screen": "editor")");
    }
    out->name = members_.Text(root, "screen").value_or("");
  }

  void ReadAnswer(const Located& root, const Located& deed, TimelineStep* out) const {
    const Located* question = root.Find("question");
    const Located* answer = root.Find("answer");
    if (out->kind != StepKind::kAnswer) {
      if (question != nullptr) Misplaced(*question, "answer");
      if (answer != nullptr) Misplaced(*answer, "answer");
      return;
    }
    if (question == nullptr || answer == nullptr) {
      members_.problems().Error("no-answer", deed, "does not say what is answered to which question",
                                R"("do": "answer", "question": "score", "answer": 9)");
      return;
    }
    out->name = members_.Text(root, "question").value_or("");
    out->values.emplace_back("answer", answer->ToValue());
  }

  void ReadValues(const Located& object, std::vector<std::pair<std::string, Value>>* out) const {
    if (!members_.Want(object, json::Type::kObject, "{ \"chars\": 1812 }")) return;
    if (object.items.size() > limits::kEventProperties) {
      members_.problems().Error("too-many", object,
                                "has more than " + std::to_string(limits::kEventProperties) + " members");
      return;
    }
    for (const Located& item : object.items) out->emplace_back(item.name, item.ToValue());
  }

  void Misplaced(const Located& at, const std::string& with) const {
    members_.problems().ErrorAtName("misplaced", at, "goes with \"" + with + "\" alone", "leave it out here");
  }

  const Members members_;
  const Timestamp from_;
};

Status ReadLine(std::string_view text, std::size_t number, Timestamp from, TimelineStep* out) {
  Located root;
  std::vector<JsonFault> faults;
  Problems problems;
  ReadLocated(text, &root, &faults, kTimelineLine);
  problems.AddFaults(faults);
  out->line = number;
  if (faults.empty()) StepReader(text, from, &problems).Read(root, out);
  if (!problems.has_errors()) return Status();
  problems.Sort();
  const Problem& first = problems.all()[0];
  return Status(StatusCode::kInvalidArgument, "line " + std::to_string(number) + ", column " +
                                                  std::to_string(PlaceOf(text, first.offset).column) +
                                                  (first.pointer.empty() ? "" : " (" + first.pointer + ")") + ": " +
                                                  first.reason + (first.advice.empty() ? "" : ": " + first.advice));
}

}  // namespace

Result<std::vector<TimelineStep>> ReadTimeline(std::string_view text, Timestamp from) {
  std::vector<TimelineStep> out;
  std::size_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (out.size() == kTimelineLines) {
      return Status(StatusCode::kTooLarge, "more than " + std::to_string(kTimelineLines) + " lines");
    }
    const Status read = ReadLine(line, number, from, &out.emplace_back());
    if (!read.ok()) return read;
  }
  if (out.empty())
    return Status(StatusCode::kInvalidArgument, std::string("nothing happens; write lines like ") + kTimelineLine);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

}  // namespace guidon::tools
