// A child process lives the lives of a group of people one after another, and writes its stages into a pipe, a byte
// each. A victim has a process of its own. When it says that its day has come, it gets a few milliseconds, drawn at
// random, and then SIGKILL: while it opens, tells, commits or sends, as it happens. A new process takes over where the
// diary ends.
#include "samples/terminal/simulate/crowd.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>
#include <set>

#include "samples/terminal/simulate/dice.h"

namespace notes::simulate {
namespace {

using guidon::Status;
using guidon::StatusCode;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kGroup = 12;  // people a process
constexpr double kLongestRespiteMs = 80;

struct Group {
  std::vector<int> people;
  bool is_victim = false;
};

struct Child {
  pid_t pid = -1;
  int pipe = -1;
  Group group;
  Stage stage = Stage::kOpening;
  std::optional<SteadyClock::time_point> kill_at;
  bool killed = false;
};

volatile std::sig_atomic_t g_stop = 0;

// While it lives, a signal to end is noted instead of obeyed, so that no process is left behind.
class StopSignals {
 public:
  StopSignals() {
    struct sigaction action {};
    action.sa_handler = [](int) { g_stop = 1; };
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < 2; ++i) sigaction(kSignals[i], &action, &before_[i]);
  }
  ~StopSignals() {
    for (std::size_t i = 0; i < 2; ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  StopSignals(const StopSignals&) = delete;

  // For a child, which is to be ended by any signal.
  static void Default() {
    for (int number : kSignals) std::signal(number, SIG_DFL);
  }

 private:
  static constexpr int kSignals[2] = {SIGINT, SIGTERM};
  struct sigaction before_[2];
};

// Does not return.
[[noreturn]] void LiveGroup(const Simulation& simulation, const Group& group, int pipe) {
  const std::function<void(Stage)> at = [pipe](Stage stage) {
    // Nobody left to tell: the simulation was stopped.
    const char byte = static_cast<char>(stage);
    if (write(pipe, &byte, 1) != 1) _exit(2);
  };
  for (int number : group.people) {
    const Status lived = Live(simulation, number, at);
    if (!lived.ok()) {
      std::fprintf(stderr, "person %d: %s\n", number, lived.message().c_str());
      _exit(1);
    }
  }
  _exit(0);
}

class Crowd {
 public:
  Crowd(const Simulation& simulation, const std::function<void(int)>& progress)
      : simulation_(simulation), progress_(progress), respite_(simulation.seed, 0, "respite") {
    Group group;
    for (int number = 1; number <= simulation.people; ++number) {
      if (simulation.IsVictim(number)) {
        waiting_.push_back({{number}, true});
        continue;
      }
      group.people.push_back(number);
      if (group.people.size() == kGroup) waiting_.push_back(std::exchange(group, Group()));
    }
    if (!group.people.empty()) waiting_.push_back(group);
  }
  ~Crowd() {
    for (Child& child : children_) {
      kill(child.pid, SIGKILL);
      Reap(child);
    }
  }

  guidon::Result<CrowdResult> Run() {
    const StopSignals signals;
    while (!waiting_.empty() || !children_.empty()) {
      if (g_stop != 0) return Status(StatusCode::kClosed, "stopped");
      while (!waiting_.empty() && children_.size() < static_cast<std::size_t>(simulation_.jobs)) {
        const Status begun = Begin();
        if (!begun.ok()) return begun;
      }
      Wait();
      KillWhoseTimeHasCome();
      const Status ended = ReapEnded();
      if (!ended.ok()) return ended;
    }
    result_.victims = static_cast<int>(killed_people_.size());
    return result_;
  }

 private:
  Status Begin() {
    int fds[2];
    if (pipe(fds) != 0) return Status(StatusCode::kUnavailable, std::string("pipe: ") + std::strerror(errno));
    std::fflush(nullptr);
    Child child;
    child.group = std::move(waiting_.front());
    waiting_.pop_front();
    child.pid = fork();
    if (child.pid < 0) return Status(StatusCode::kUnavailable, std::string("fork: ") + std::strerror(errno));
    if (child.pid == 0) {
      StopSignals::Default();
      close(fds[0]);
      for (const Child& sibling : children_) close(sibling.pipe);
      LiveGroup(simulation_, child.group, fds[1]);
    }
    close(fds[1]);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    child.pipe = fds[0];
    children_.push_back(std::move(child));
    return Status();
  }

  // Until a child has said something or ended, or one is to be killed.
  void Wait() {
    std::vector<pollfd> polls;
    int timeout = -1;
    for (const Child& child : children_) {
      polls.push_back({child.pipe, POLLIN, 0});
      if (!child.kill_at) continue;
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(*child.kill_at - SteadyClock::now()).count();
      const int wait = static_cast<int>(std::max<std::int64_t>(left, 0));
      timeout = timeout < 0 ? wait : std::min(timeout, wait);
    }
    poll(polls.data(), polls.size(), timeout);
    for (Child& child : children_) Listen(&child);
  }

  // The pipe's end closes it: -1.
  void Listen(Child* child) {
    char bytes[256];
    for (;;) {
      const ssize_t count = read(child->pipe, bytes, sizeof bytes);
      if (count < 0) return;  // nothing more for now
      if (count == 0) {
        close(child->pipe);
        child->pipe = -1;
        return;
      }
      for (ssize_t i = 0; i < count; ++i) Hear(static_cast<Stage>(bytes[i]), child);
    }
  }

  void Hear(Stage stage, Child* child) {
    if (stage == Stage::kKillMe) {
      const auto respite = std::chrono::microseconds(static_cast<int>(respite_.Uniform() * kLongestRespiteMs * 1000));
      if (!child->kill_at) child->kill_at = SteadyClock::now() + respite;
      return;
    }
    child->stage = stage;
    if (stage == Stage::kPersonDone) progress_(++done_);
  }

  void KillWhoseTimeHasCome() {
    for (Child& child : children_) {
      if (!child.kill_at || *child.kill_at > SteadyClock::now()) continue;
      child.kill_at.reset();
      if (child.pipe < 0) continue;  // it was faster
      kill(child.pid, SIGKILL);
      child.killed = true;
    }
  }

  Status ReapEnded() {
    for (std::size_t i = 0; i < children_.size();) {
      Child& child = children_[i];
      if (child.pipe >= 0) {
        ++i;
        continue;
      }
      const int status = Reap(child);
      if (child.killed && WIFSIGNALED(status)) {
        ++result_.killed_while[child.stage];
        killed_people_.insert(child.group.people.front());
        // Killed right behind its last word: it has nothing left to do, and a new process finds that out.
        if (child.stage == Stage::kPersonDone) --done_;
        waiting_.push_front(std::move(child.group));
      } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Status(StatusCode::kInternal, "a process with person " + std::to_string(child.group.people.front()) +
                                                 " failed; what it said is above");
      }
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return Status();
  }

  static int Reap(Child& child) {
    if (child.pipe >= 0) close(child.pipe);
    child.pipe = -1;
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  const Simulation& simulation_;
  const std::function<void(int)>& progress_;
  Dice respite_;
  std::deque<Group> waiting_;
  std::vector<Child> children_;
  std::set<int> killed_people_;
  CrowdResult result_;
  int done_ = 0;
};

}  // namespace

guidon::Result<CrowdResult> RunCrowd(const Simulation& simulation, const std::function<void(int)>& progress) {
  return Crowd(simulation, progress).Run();
}

}  // namespace notes::simulate
