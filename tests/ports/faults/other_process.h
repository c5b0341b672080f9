// Real processes of an app that share a state folder, told what to do by the test, and the collector in front of them.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guidon/ports/journal.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {

// What each process was told survives it: the number of events that it had returned from telling.
class Told {
 public:
  explicit Told(const TempFolder& folder);
  explicit Told(const std::string& folder);  // of another process
  void Store(std::uint32_t process, std::uint32_t events) { Word(process).store(events); }
  std::uint32_t Load(std::uint32_t process) const { return static_cast<std::uint32_t>(Word(process).load()); }

 private:
  std::atomic<std::uint64_t>& Word(std::uint32_t process) const { return segment_.words[process * 16u]; }
  JournalSegment segment_;
};

// An event is told by (process, number); the collector knows from the requests' headers who sends.
class FolderCollector {
 public:
  FolderCollector();
  std::string Url() const { return server_.Url("/v1/logs"); }
  // Its last answer may have come too late.
  void Killed(std::uint32_t process);
  std::set<std::uint32_t> Senders();
  std::size_t received();
  // Each event that was told is there once, what was being told when its process was killed perhaps, nothing else; an
  // id came twice only where its sender was killed; senders took turns. Returns how many events there are.
  std::size_t Check(const std::map<std::uint32_t, std::uint32_t>& told, const std::set<std::uint32_t>& killed);

 private:
  struct Request {
    std::uint32_t sender;
    std::vector<std::string> ids;
  };
  LoopbackAnswer Take(const LoopbackRequest& request);

  std::mutex mutex_;
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> by_id_;
  std::vector<Request> requests_;
  std::set<std::string> may_repeat_;
  std::set<std::uint32_t> killed_;  // senders
  std::size_t bad_repeats_ = 0;
  LoopbackServer server_;  // last: its threads use the others
};

class OtherProcess {
 public:
  OtherProcess(const TempFolder& folder, const std::string& url, std::uint32_t number);
  ~OtherProcess();  // killed, if it lives
  OtherProcess(OtherProcess&& other) noexcept;
  OtherProcess(const OtherProcess&) = delete;  // one process
  OtherProcess& operator=(const OtherProcess&) = delete;

  // What a process can be asked; the answers are numbers.
  enum Ask : char {
    kTell = 't',      // that many events; how many it told by now
    kDurable = 'd',   // one event, and waits; 1: durable
    kFlush = 'f',     // 1: in time
    kRole = 'r',      // of ProcessRole
    kInstall = 'i',   // a hash of the install id
    kForget = 'e',    // RequestDeletion; the status' code
    kKillSoon = 'k',  // in its next commit, after yielding so many times
    kFork = 'F',      // of Fork; 0: the copy did as it should
    kClose = 'c',     // 1; then the process ends
  };
  enum Fork : std::uint32_t { kAnyMoment, kInCommit, kAndExec, kCopyGoesOn };
  void Send(Ask ask, std::uint32_t argument = 0);
  std::uint32_t Answer();
  std::uint32_t Do(Ask ask, std::uint32_t argument = 0) {
    Send(ask, argument);
    return Answer();
  }
  std::uint32_t number() const { return number_; }
  void Signal(int signal);
  // Waits for its end; the signal that killed it, or 0.
  int End();

  // The child's side: does what comes until it is to end.
  [[noreturn]] static void Obey();

 private:
  std::uint32_t number_ = 0;
  pid_t pid_ = 0;
  int asks_ = -1;
  int answers_ = -1;
};

}  // namespace guidon::test
