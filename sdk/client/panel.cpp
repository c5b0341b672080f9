// The panel: what a client is at this moment, and its events with what became of them.

#include "guidon/panel.h"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "guidon/version.h"
#include "sdk/client/client_impl.h"
#include "sdk/events/event.h"

namespace guidon {
namespace client {

constexpr std::size_t kPanelEvents = 500;

using events::EventFate;

// The last events, oldest first. Written on the logic lane, read from any thread.
class PanelEvents {
 public:
  void Add(const EventRecord& record) {
    const std::lock_guard<std::mutex> lock(mutex_);
    list_.push_back({record, PanelEvent::State::kWaiting, {}});
    by_id_.emplace(record.id, &list_.back());
    ++added_;
    if (record.kind == EventKind::kExposure) ++exposures_[record.name];
    if (list_.size() > kPanelEvents) DropOldest();
    version_.fetch_add(1, std::memory_order_release);
  }

  void Settle(const std::vector<EventFate>& fates) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const EventFate& fate : fates) {
      const auto found = by_id_.equal_range(events::IdText(fate.id));  // an exposure has one however often it is met
      for (auto each = found.first; each != found.second; ++each) {
        each->second->state = fate.what == EventFate::What::kDelivered  ? PanelEvent::State::kDelivered
                              : fate.what == EventFate::What::kDoubtful ? PanelEvent::State::kDoubtful
                                                                        : PanelEvent::State::kLost;
        each->second->cause = std::string(fate.cause);
      }
    }
    version_.fetch_add(1, std::memory_order_release);
  }

  // How many there ever were.
  std::uint64_t added() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return added_;
  }
  // Nothing waits any more of the first `settled` there ever were: what nobody told of is gone.
  std::vector<PanelEvent> Copy(std::uint64_t settled) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<PanelEvent> copy(list_.begin(), list_.end());
    std::uint64_t number = added_ - list_.size();
    for (PanelEvent& event : copy) {
      if (++number > settled) break;
      if (event.state == PanelEvent::State::kWaiting) event.state = PanelEvent::State::kLost;
    }
    return copy;
  }
  std::uint64_t ExposuresOf(const std::string& experiment) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = exposures_.find(experiment);
    return found == exposures_.end() ? 0 : found->second;
  }
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

 private:
  void DropOldest() {
    const auto found = by_id_.equal_range(list_.front().record.id);
    for (auto each = found.first; each != found.second; ++each) {
      if (each->second != &list_.front()) continue;
      by_id_.erase(each);
      break;
    }
    list_.pop_front();
  }

  mutable std::mutex mutex_;  // nothing is locked under it
  std::deque<PanelEvent> list_;
  std::multimap<std::string, PanelEvent*> by_id_;
  std::map<std::string, std::uint64_t> exposures_;  // by experiment
  std::uint64_t added_ = 0;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace client

namespace {

Status Closed() { return Status(StatusCode::kClosed, "the client was closed"); }

}  // namespace

const char* PanelEventStateName(PanelEvent::State state) noexcept {
  switch (state) {
    case PanelEvent::State::kWaiting: return "waiting";
    case PanelEvent::State::kDelivered: return "delivered";
    case PanelEvent::State::kDoubtful: return "doubtful";
    case PanelEvent::State::kLost: return "lost";
  }
  return "";
}

class GUIDON_HIDDEN Panel::Impl {
 public:
  explicit Impl(const std::shared_ptr<Client::Impl>& of) : presence(of->presence), client(of) {
    if (presence.IsCopy()) return;
    event = of->events.Add({}, nullptr, [list = list](const EventRecord& record) { list->Add(record); });
    fate = of->fates.Add({}, nullptr, [list = list](const auto& fates) { list->Settle(fates); });
    of->TellFates();
  }
  // Null when it is gone.
  std::shared_ptr<Client::Impl> Alive() const {
    auto alive = client.lock();
    return alive == nullptr || alive->is_closed() ? nullptr : alive;
  }

  const client::Presence presence;
  const std::weak_ptr<Client::Impl> client;
  const std::shared_ptr<client::PanelEvents> list = std::make_shared<client::PanelEvents>();
  Subscription event;
  Subscription fate;
};

Panel::Panel(Client& client) : impl_(std::make_unique<Impl>(client.impl_)) {}
Panel::~Panel() = default;

std::uint64_t Panel::version() const noexcept {
  const auto client = impl_->Alive();
  return impl_->list->version() + (client == nullptr ? 0 : client->PanelVersion());
}

PanelSnapshot Panel::Snapshot() const {
  PanelSnapshot snapshot;
  if (impl_->presence.IsCopy()) {  // of a parent that may have been in the middle of anything
    snapshot.may_force = Closed();
    return snapshot;
  }
  const std::uint64_t seen = version();  // first: what changes meanwhile is drawn again
  const std::uint64_t added = impl_->list->added();
  if (const auto client = impl_->Alive()) {
    snapshot = client->TakeSnapshot();
  } else {
    snapshot.may_force = Closed();
  }
  snapshot.version = seen;
  snapshot.sdk_version = GUIDON_VERSION;
  const bool is_all_settled = snapshot.status.role != ProcessRole::kFollower && snapshot.status.ledger.pending == 0;
  snapshot.events = impl_->list->Copy(is_all_settled ? added : 0);
  for (PanelExperiment& each : snapshot.experiments) each.exposures = impl_->list->ExposuresOf(each.key);
  return snapshot;
}

Status Panel::Force(Override what) {
  const auto client = impl_->Alive();
  if (client == nullptr) return Closed();
  what.source = Override::Source::kPanel;
  return client->Force(std::move(what));
}

void Panel::Clear(Override::Kind kind, std::string_view key) {
  if (const auto client = impl_->Alive()) client->Clear(kind, key);
}
void Panel::ClearAll() {
  if (const auto client = impl_->Alive()) client->ClearAll();
}
void Panel::Refetch() {
  if (const auto client = impl_->Alive()) client->Refetch();
}
void Panel::Deliver() {
  if (const auto client = impl_->Alive()) client->Deliver();
}

}  // namespace guidon
