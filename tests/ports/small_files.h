// While it lives no file of this process grows beyond `bytes`: a write fails as on a full disk, if with another error.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

namespace guidon::test {

class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    old_handler_ = signal(SIGXFSZ, SIG_IGN);
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit small = {bytes, old_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  ~SmallFiles() {
    (void)setrlimit(RLIMIT_FSIZE, &old_);
    (void)signal(SIGXFSZ, old_handler_);
  }
  SmallFiles(const SmallFiles&) = delete;  // changes the process
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit old_ = {};
  void (*old_handler_)(int) = nullptr;
};

}  // namespace guidon::test
