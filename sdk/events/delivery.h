// The way out of the device: facts are taken from any thread, made durable, and delivered to the collector; or their
// loss is counted. Composes the rest of this room for the client.
//
// Any thread may call any method. Callbacks come on the logic lane.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/client.h"
#include "guidon/consent.h"
#include "guidon/costs.h"
#include "guidon/options.h"
#include "guidon/platform.h"
#include "sdk/core/base/lanes.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/events/fact.h"
#include "sdk/events/fates.h"
#include "sdk/events/ownership.h"
#include "sdk/events/purge.h"
#include "sdk/events/scopes.h"

namespace guidon::events {

struct DeliverySettings {
  std::string collector_url;  // empty: events are kept on the device, within the bounds
  EventSink sink = EventSink::kOtlp;
  std::string collector_key;  // where it stands in the body
  HttpHeaders headers;
  Duration batch_interval = std::chrono::seconds(10);
  std::uint64_t outbox_events = limits::kOutboxEvents;
  std::uint64_t outbox_bytes = limits::kOutboxBytes;
  std::string app_name;
  std::string app_version;
  std::string os_name;
  std::string install_id;
  std::string session;     // of this process's events
  std::uint64_t boot = 0;  // likewise, as of Fact
  std::string unit_key;    // empty: unit ids leave as they are
};

// What the device remembers, besides events that wait to be sent. Both null: not read yet, or erased.
struct Memory {
  std::shared_ptr<const Scopes> scopes;
  std::shared_ptr<const enrollment::Enrollments> enrollments;
  // Number of the last identity change that is in it; 0: of none yet. While that is not the one made last, what is here
  // is not yet what the current identity has.
  std::uint64_t identity = 0;
  behavior::Session session;  // whose events the scopes know of

  // Null when nothing is known.
  const Remembered* Of(std::uint64_t scope) const noexcept { return scopes == nullptr ? nullptr : &scopes->Of(scope); }
};

class Delivery {
 public:
  // `accepted` is called once for every event, in order, once its commit has returned. `lanes` is kept until the last
  // port has called back, which may be after this object is gone; so what holds this object must not be what `lanes`
  // holds. Nothing happens before `Start`, and nothing is stored before consent is granted.
  Delivery(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes,
           std::function<void(const EventRecord&)> accepted);
  ~Delivery();
  Delivery(const Delivery&) = delete;  // one store, one owner
  Delivery& operator=(const Delivery&) = delete;

  // Before `Start`. Called on the logic lane once the store was read, after each commit that changed any of it, before
  // `accepted` of that commit's events, and with nulls as soon as there is nothing to be remembered any more.
  void SetRemembered(std::function<void(const Memory&)> remembered);
  // Before `Start`. Called as `accepted` is, for what was tracked and makes no event for want of consent.
  void SetHeard(std::function<void(const EventRecord&)> heard);
  // At any time. Called with each commit that ends events' waiting, but for what EventFate leaves out.
  void SetToldFates(ToldFates told);

  // Never blocks. False when the fact was refused; the ledger says why, also where it is taken without making an event
  // for want of consent. Otherwise it survives the process, unless
  // `journal_status` says that it is in memory only until its commit.
  bool Append(Fact fact) noexcept;
  // The same for an event that is checked and encoded, as PreparedFact does: into the journal, or nowhere. When it
  // returns false nothing has happened, and the fact is for `Append`. No lock, no allocation.
  bool AppendRecord(std::string_view record, Timestamp wall, bool is_urgent) noexcept;
  // The same as `Append`, and `done` once its commit has returned: ok when it survives the machine. Refused: `done` at
  // once, here.
  void AppendDurable(Fact fact, std::function<void(Status)> done);

  // Takes its turn among the facts, and is durable with its commit, at once. Never blocks. Without consent it waits for
  // it, and of more than kIdentityChanges that do the first are passed over. False when it was refused, as facts are.
  bool ChangeIdentity(IdentityChange change);

  // Opens the store once there is consent; goes on in memory, and keeps trying, while it cannot be opened.
  void Start();
  // What is pending is sent under the new id; where that must not be, `Erase` comes first.
  void SetInstallId(std::string install_id);
  // Without kFunctional facts are refused, and what waits for its commit is dropped and erased from the journal;
  // without kAnalytics they make no events. Without either nothing leaves the device any more. Granted for the first
  // time, it makes the journal, which may take a millisecond. What is denied is not erased by this.
  void SetConsent(Consents consents);
  // What these had of what was told before is not used any more, and gone from the store, memory and journals when
  // `done` is called with ok. When that fails `done` says why, and it is tried again before the store is used.
  void Purge(Purposes purposes, std::function<void(Status)> done);

  // Nothing appended before is sent or kept, here, in the store or in a journal. When it fails, `done` says why, and it
  // is tried again before the store is used.
  void Erase(std::function<void(Status)> done);
  // Everything appended before is durable, or known not to be (see `durability`), when `done` is called.
  void Commit(std::function<void()> done);
  // Sends until nothing is pending or the sender has to wait.
  void Deliver(std::function<void()> done);

  // What may be sent from now on: guidon/costs.h. On mains facts are committed after 100 ms, on battery after 2 s.
  void SetNetwork(NetworkCost network);
  void SetPower(PowerSource power);

  // What is told from `began` on is of another session than what was told before; of this process, if of any. On the
  // logic lane, or before Start: at once, so that no commit that is asked for after it knows the session before only.
  void BeginSession(MonoTime began);
  // The `Date` of an answer by any server that is trusted with it, to a request that took so long.
  void NoteDate(std::string date, MonoTime sent, MonoTime received);
  // What prompts and behavior go by: core/base/steady_time.h. The wall clock's until the store was read.
  Timestamp SteadyNow() const;
  // What the wall clock is ahead of that; 0 while it is believed.
  Duration ClockAhead() const;

  void Foreground();
  // Commits, then closes the store, so that no lock is held; then `done`. Sends nothing. Facts that come meanwhile open
  // it for as long as their commit takes.
  void Background(std::function<void()> done);

  // Before `Close`: commits are not waited for any more where another process makes them.
  void Leave();
  // Stops sending and closes the store, then `done`, which is the last callback; the others do not come any more once
  // this returned, but for one that is running just now.
  void Close(std::function<void()> done = nullptr);

  // After `Close`, once no lane is turned any more, even if that cut it short: another client may own the store now.
  void LetGo();

  // kNone: nothing was to be stored yet, or the app is in the background.
  Role role() const;
  // Of a follower: what is in its journal and not committed yet; all else is in the owner's.
  Ledger ledger() const;
  Durability durability() const;
  Status store_status() const;
  Status sender_status() const;
  bool store_was_reset() const;
  Status purge_status() const;  // ok: nothing that was to be erased is left
  // Not ok: why what is told now is in memory only until its commit.
  Status journal_status() const;
  // How many facts would die with the process.
  std::uint64_t at_risk() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace guidon::events
