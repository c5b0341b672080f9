// Where work of the SDK runs, as the rooms see it; the client's pump implements it. Both lanes run their tasks one at a
// time and in order. Logic never blocks; disk may.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "guidon/time.h"

namespace guidon {

class Lanes {
 public:
  using Task = std::function<void()>;
  virtual ~Lanes() = default;

  // Any thread. After the client closed, tasks are dropped without being run.
  virtual void PostLogic(Task task) = 0;
  virtual void PostDisk(Task task) = 0;

  // Runs `task` on the logic lane at `when` or soon after. Any thread.
  virtual void PostLogicAt(MonoTime when, Task task) = 0;
  // The same for one that is posted again and again: it is made once, by its owner.
  virtual void PostSharedLogicAt(MonoTime when, std::shared_ptr<const Task> task) {
    PostLogicAt(when, [task = std::move(task)] { (*task)(); });
  }
};

}  // namespace guidon
