// What one simulated person's app writes down outside of the client, each line by one write call, so that it survives a
// kill: how far the days have come, and the ledger of events that the client called durable. The ledger is the other
// side of the books: `guidon-collector audit` compares it with what arrived.
//
// Ledger: a line is `id SP kind SP key`. Kind: tracked, exposure, holdout or prompt. Key: what happened, the same for
// no two things; `name:n` of a tracked event, `key:variant:day` of an exposure, `campaign:showing:what` of a prompt.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "guidon/event.h"
#include "guidon/status.h"

namespace notes::simulate {

// A file that only grows, by whole lines; one that a kill cut short is taken off when it is opened again.
class LineFile {
 public:
  static guidon::Result<LineFile> Open(const std::string& path);
  LineFile(LineFile&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  LineFile& operator=(LineFile&&) = delete;
  ~LineFile();

  // False when the disk takes no more.
  bool Append(std::string line);

 private:
  explicit LineFile(int fd) : fd_(fd) {}
  int fd_;
};

// The line without its newline; empty for what the ledger does not hold (loss reports).
std::string LedgerLine(const guidon::EventRecord& event);

// A text among the event's properties; empty when it has none of that name.
std::string PropertyText(const guidon::EventRecord& event, std::string_view name);

// How far a person has come.
struct Progress {
  std::map<int, int> attempts;  // by day; one that was done has its number of attempts, too
  int last_done = -1;
  std::string saw_button;  // on the first day: "label", "icon", "none"
  bool saw_checklist = false;
  std::string device;                       // the install id
  std::set<int> prompted;                   // days on which a prompt was on the screen
  std::map<std::string, std::string> arms;  // by campaign: "prompt" or "held_out", as it was first

  static Progress Parse(std::string_view text);
};

std::string AttemptLine(int day, int attempt);
std::string DoneLine(int day);
std::string PromptedLine(int day);
std::string ArmLine(std::string_view campaign, std::string_view arm);
std::string SawLine(std::string_view button, bool checklist, std::string_view device);

}  // namespace notes::simulate
