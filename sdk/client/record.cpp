// Recording: while it goes on no cell answers, so every decision passes by the recorder.

#include <memory>
#include <string>
#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/client/recorder.h"

namespace guidon {

void Client::Impl::NoteDecision(const client::State& state, std::string_view flag, const Answer& answer,
                                const Context* context) const noexcept {
  if (state.inputs.recorder == nullptr || answer.reason == Reason::kClosed) return;
  client::RecordedDecision decision;
  decision.flag = flag;
  decision.value = answer.value;
  decision.variant = answer.VariantIn(state);
  decision.reason = answer.reason;
  decision.is_held = answer.hold != nullptr;
  decision.is_killed_by_newer = answer.reason == Reason::kKilled && answer.flag != nullptr && !answer.flag->is_killed;
  decision.context = context;
  decision.at = platform.clock->Now();
  state.inputs.recorder->Note(state, decision);
}

Subscription Client::Impl::Record(Executor* executor, std::function<void(std::string_view)> lines,
                                  PrivateAttributes privates) {
  if (!lines || is_closed()) return Subscription();
  const auto recorder = std::make_shared<client::Recorder>(privates, platform.clock->Now(), [self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    for (const auto& watch : impl->recordings.All()) client::CallLater(watch, client::LinesDue(), *impl->pump);
  });
  const auto take = [recorder, lines = std::move(lines)] {
    const std::string text = recorder->Take();
    if (!text.empty()) lines(text);
  };
  auto subscription = std::make_shared<Subscription>(
      recordings.Add(std::string(), executor, [take](const client::LinesDue&) { take(); }));
  {
    const Lock lock(writer_mutex_);
    inputs_.recorder = recorder;
    Publish(lock);
  }
  return Subscription([self = weak(), recorder, take, subscription, copy = presence] {
    if (copy.IsCopy()) return;
    if (const auto impl = self.lock()) {
      const Lock lock(impl->writer_mutex_);
      if (impl->inputs_.recorder == recorder) {
        impl->inputs_.recorder = nullptr;
        if (!impl->is_closed()) impl->Publish(lock);
      }
    }
    subscription->Cancel();
    take();  // what is left
  });
}

}  // namespace guidon
