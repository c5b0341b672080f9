#include "samples/terminal/simulate/diary.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace notes::simulate {
namespace {

using guidon::Status;
using guidon::StatusCode;

// Length of the file without a last line that has no newline; -1 on failure.
off_t WholeLines(int fd) {
  off_t end = lseek(fd, 0, SEEK_END);
  char last = 0;
  while (end > 0) {
    if (pread(fd, &last, 1, end - 1) != 1) return -1;
    if (last == '\n') break;
    --end;
  }
  return end;
}

}  // namespace

guidon::Result<LineFile> LineFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const off_t end = fd < 0 ? -1 : WholeLines(fd);
  if (end < 0 || ftruncate(fd, end) != 0) {
    const std::string reason = std::strerror(errno);
    if (fd >= 0) close(fd);
    return Status(StatusCode::kUnavailable, path + ": " + reason);
  }
  return LineFile(fd);
}

LineFile::~LineFile() {
  if (fd_ >= 0) close(fd_);
}

bool LineFile::Append(std::string line) {
  line += '\n';
  return write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

std::string PropertyText(const guidon::EventRecord& event, std::string_view name) {
  for (const auto& property : event.properties) {
    const std::string* text = property.second.AsString();
    if (property.first == name && text != nullptr) return *text;
  }
  return "";
}

std::string LedgerLine(const guidon::EventRecord& event) {
  switch (event.kind) {
    case guidon::EventKind::kTracked: {
      for (const auto& property : event.properties) {
        if (property.first != "n" || property.second.AsInt() == nullptr) continue;
        return event.id + " tracked " + event.name + ":" + std::to_string(*property.second.AsInt());
      }
      return "";
    }
    case guidon::EventKind::kExposure:
    case guidon::EventKind::kHoldoutExposure: {
      constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;
      const char* kind = event.kind == guidon::EventKind::kExposure ? " exposure " : " holdout ";
      return event.id + kind + event.name + ":" + event.variant + ":" +
             std::to_string(guidon::ToMs(event.time) / kDayMs);
    }
    case guidon::EventKind::kPrompt:
      return event.id + " prompt " + event.name + ":" + PropertyText(event, "prompt") + ":" +
             PropertyText(event, "what");
    case guidon::EventKind::kLossReport:
    case guidon::EventKind::kDeletionRequest:
    case guidon::EventKind::kEvaluationSummary: return "";
  }
  return "";
}

Progress Progress::Parse(std::string_view text) {
  Progress progress;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    int day = 0;
    if (verb == "attempt") {
      int attempt = 0;
      if (words >> day >> attempt) progress.attempts[day] = attempt;
    } else if (verb == "done") {
      if (words >> day) progress.last_done = std::max(progress.last_done, day);
    } else if (verb == "prompted") {
      if (words >> day) progress.prompted.insert(day);
    } else if (verb == "arm") {
      std::string campaign, arm;
      if (words >> campaign >> arm) progress.arms.emplace(campaign, arm);
    } else if (verb == "saw") {
      words >> progress.saw_button >> progress.saw_checklist >> progress.device;
    }
  }
  return progress;
}

std::string AttemptLine(int day, int attempt) {
  return "attempt " + std::to_string(day) + " " + std::to_string(attempt);
}
std::string DoneLine(int day) { return "done " + std::to_string(day); }
std::string PromptedLine(int day) { return "prompted " + std::to_string(day); }
std::string ArmLine(std::string_view campaign, std::string_view arm) {
  return "arm " + std::string(campaign) + " " + std::string(arm);
}
std::string SawLine(std::string_view button, bool checklist, std::string_view device) {
  return "saw " + std::string(button) + (checklist ? " 1 " : " 0 ") + std::string(device);
}

}  // namespace notes::simulate
