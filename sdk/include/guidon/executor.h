// Where the host wants its callbacks run, such as its UI thread. Outlives the subscriptions it was given with.
#pragma once

#include <functional>

namespace guidon {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `task` later, in order, never inside this call. Called on the pump; must not block. May drop tasks once the
  // host is shutting down.
  virtual void Post(std::function<void()> task) = 0;
};

}  // namespace guidon
