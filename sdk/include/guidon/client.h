// The client: what an app opens once and asks ever after.
//
// Threads: every method may be called from any thread, also from the client's own callbacks, unless it says otherwise.
// `Get`, `Decide` and `Track` never wait for the disk or the network. Nothing throws.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/consent.h"
#include "guidon/context.h"
#include "guidon/costs.h"
#include "guidon/decision.h"
#include "guidon/event.h"
#include "guidon/executor.h"
#include "guidon/export.h"
#include "guidon/flag.h"
#include "guidon/options.h"
#include "guidon/overrides.h"
#include "guidon/platform.h"
#include "guidon/problem.h"
#include "guidon/prompt.h"
#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon {

// What became of a flag after a datafile, an identity or an override changed.
struct Change {
  std::string flag;
  Value before;  // null when there was none
  Value after;   // null when there is none any more
  std::string variant;
  Reason reason = Reason::kNotReady;
};

// Where the datafile in force came from.
enum class DatafileSource { kNone, kBundle, kCache, kNetwork };

// The facts by what became of them. accepted = delivered + pending + the sum of the losses, at every moment.
struct Ledger {
  // Ever, by this installation: in the journal or committed (in memory only, where there is neither). An exposure that
  // was told before that day is taken off again when that is found out.
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;  // acknowledged by the collector
  std::uint64_t pending = 0;    // not acknowledged yet
  struct Loss {
    std::string cause;  // "expired", "outbox_full", "rejected_by_collector", "consent_withdrawn", …
    std::uint64_t count = 0;
  };
  std::vector<Loss> lost;
  // Never accepted, so not in the sum above: "no_consent", "invalid", "inbox_full", "store_down".
  std::vector<Loss> refused;
};

// Of this process among those that have a client on the same state folder.
enum class ProcessRole {
  kNone,      // it needs no store just now: no consent, in the background, closed; or the host has no journal
  kOwner,     // it opens the store, sends, and shows prompts
  kFollower,  // another process does; what is told here is accepted by this one's journal, and sent by that one
};

struct ClientStatus {
  bool ready = false;  // a datafile is in force
  DatafileSource datafile_source = DatafileSource::kNone;
  std::uint64_t datafile_epoch = 0;
  std::uint64_t datafile_version = 0;
  bool datafile_signed = false;
  Timestamp datafile_issued_at{};
  Timestamp datafile_expires_at{};
  // Past its expiry and still in force, or the clock is more than a day behind its issue and not to be believed: values
  // go on, experiments let nobody new in, no prompt is shown, and flags with "when_expired": "default" are their
  // default.
  bool datafile_expired = false;
  // A newer one waits, as Options::apply says. 0: none.
  std::uint64_t datafile_waiting_epoch = 0;
  std::uint64_t datafile_waiting_version = 0;
  Timestamp last_fetch{};    // when the datafile's server last answered with a datafile or "not modified"
  Status fetch;              // why the last fetch failed
  bool stream_open = false;  // a server says at once when the datafile changes (Options::datafile_stream_url)
  Status stream;             // why the last stream ended, or could not be had
  Status datafile;           // why the last datafile received was refused
  Status overrides;  // what is wrong with the overrides of file and environment, and what a datafile lacks: a line each
  ProcessRole role = ProcessRole::kNone;
  // Of a follower `durability` and `store` say nothing, and `ledger` has what the owner has not committed yet.
  Durability durability = Durability::kNone;
  Status store;                  // why events are not durable
  Status journal;                // ok: what is told survives the process at once. Else why only once it is committed
  std::uint64_t at_risk = 0;     // events that would die with the process just now
  Status sender;                 // why the last batch was not delivered
  bool store_was_reset = false;  // a damaged store was set aside at the start
  Ledger ledger;
  std::uint64_t deletion_requests = 0;  // asked for and not acknowledged yet
  std::string install_id;
  Consents consent = Consent::kUnknown;
  // What the device's clock is ahead of the time that prompts and behavior go by, where it jumped and is not believed.
  Duration clock_ahead{0};
  Status purge;  // ok: nothing is left of what a denied purpose had. Else it is being erased, or why that failed
};

struct FlushReport {
  std::uint64_t delivered = 0;      // by this call
  std::uint64_t kept = 0;           // durable, still to be delivered, now or after the next start
  std::uint64_t volatile_lost = 0;  // in memory only when it ended, and gone
  bool in_time = true;
};

// Ends what it stands for when it goes out of scope: no callback begins after that, and one that is running on another
// thread has ended. Movable. May outlive the client.
class GUIDON_EXPORT Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept : cancel_(std::move(other.cancel_)) { other.cancel_ = nullptr; }
  Subscription& operator=(Subscription&& other) noexcept {
    if (this != &other) {
      Cancel();
      cancel_ = std::move(other.cancel_);
      other.cancel_ = nullptr;
    }
    return *this;
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() { Cancel(); }

  void Cancel() {
    if (cancel_) cancel_();
    cancel_ = nullptr;
  }

  explicit Subscription(std::function<void()> cancel) : cancel_(std::move(cancel)) {}

 private:
  std::function<void()> cancel_;
};

// Whether a recording has the attributes of Options::private_attributes.
enum class PrivateAttributes { kLeftOut, kRecorded };

// What a host turns when it hands in no waker. Prompts and decisions never wait for the disk lane.
enum class Lane {
  kLogic,  // never blocks; safe on a UI thread
  kDisk,   // may block: commits, compression, files
};

class GUIDON_EXPORT Client {
 public:
  // Always returns a client, and quickly: reads the cached datafile, the install id and the overrides file where one is
  // named, and waits for nothing else. What is wrong is in `status()` and `Problems()`; a client without a datafile
  // answers with fallbacks.
  static std::unique_ptr<Client> Open(Options options, Platform platform);

  // As Close(options.close_deadline).
  ~Client();
  Client(const Client&) = delete;  // one client, one state folder
  Client& operator=(const Client&) = delete;

  // --- Deciding ---

  // The value for the current identity, or the flag's fallback. Records the exposures that are due: ask where the value
  // is used. For bool, int and double it neither waits nor allocates, unless an exposure is due.
  bool Get(const Flag<bool>& flag) const noexcept;
  std::int64_t Get(const Flag<std::int64_t>& flag) const noexcept;
  double Get(const Flag<double>& flag) const noexcept;
  std::string Get(const Flag<std::string>& flag) const;
  Value Get(const Flag<Json>& flag) const;

  // The same with variant and reason, and without recording an exposure; the decision's `Expose` does.
  template <class T>
  Decision Decide(const Flag<T>& flag) const {
    return DecideKey(flag.key, FlagKind<T>(), Value(flag.fallback), nullptr);
  }
  // For another context than the current identity's. Records nothing by itself; sticks to nothing.
  template <class T>
  Decision Decide(const Flag<T>& flag, const Context& context) const {
    return DecideKey(flag.key, FlagKind<T>(), Value(flag.fallback), &context);
  }
  // By key, any type.
  Decision Decide(std::string_view flag, Value fallback) const {
    return DecideKey(flag, std::nullopt, std::move(fallback), nullptr);
  }

  // All flags of the datafile in force, sorted by key, all from one moment. Records no exposure.
  std::vector<Decision> DecideAll() const;

  // How the decision came about, step by step, as text for a person or as JSON. Records no exposure.
  std::string Explain(std::string_view flag) const;
  std::string ExplainJson(std::string_view flag) const;

  // --- Who ---

  // Replaces units and attributes. The next `Get` on this thread sees it. The device unit stays.
  //
  // Whose behavior and caps: those of the unit "account" where the context has one, else the device's. Experiments keep
  // variants by unit: what the device was enrolled in stays whoever is here, an account has its own. What becomes of
  // behavior and caps when
  // - somebody logs in (nobody before, an account now): the device's are that account's from now on, and the device
  //   begins anew; with kNothing the account has only its own;
  // - somebody else logs in (another account): that account has its own, or begins anew; with kPrevious, the same
  //   person under another id, all that was the account's before is this one's, with its enrollments where this one
  //   has none of the experiment;
  // - somebody logs out: the account's wait for its return, the device's are back; with kPrevious the account's are the
  //   device's;
  // - the account stays: nothing moves.
  // Until that is done on the disk, what rules ask of behavior is unknown and no prompt is shown. A prompt of the
  // identity before is retracted, and its opportunities end.
  void Identify(Context context, Carry carry = Carry::kAnonymous);
  // Back to the device unit alone, without attributes.
  void Logout();

  // For all purposes (`SetConsent(Consent::kGranted)`), each its own, or one alone; the next call on this thread sees
  // it. What is said of a purpose holds for what is told from then on: what was told without consent is not made up for
  // later. Denied, what is there is erased:
  // - kFunctional: all that Erase erases. A new install id is drawn.
  // - kAnalytics: events that were not delivered, wherever they wait; a request under way is cancelled, or its answer
  //   not looked at. The ledger counts them as lost by "consent_withdrawn".
  // - kPersonalization: what was done, of every account. A prompt on screen that hangs on it is retracted.
  // Returns at once, but where kFunctional is granted for the first time on a device: the file of the install id and
  // the journal are made then, which takes as long as the disk does. status().purge tells what was erased. What cannot
  // be erased now is erased before the store is used again, also by the next process, when it is told so.
  void SetConsent(Consents consents);
  void SetConsent(Purpose purpose, Consent consent);
  // The same, and returns when what is denied is gone from the device, or by `deadline` with the reason why not. Not
  // from the client's own callbacks.
  Status SetConsent(Consents consents, Duration deadline);
  Status SetConsent(Purpose purpose, Consent consent, Duration deadline);
  Consents consent() const noexcept;
  // Erases what the device holds: events, install id, records of exposures; the datafile stays. Returns when it is
  // gone, or by `deadline` with the reason why not. A new install id is drawn. Not from the client's own callbacks.
  // Where another process owns the state folder: erases what waits in this one's journal, and kUnavailable.
  Status Erase(Duration deadline);
  // As Erase, and asks the collector to delete what it has of this installation and of the units of the current
  // identity: one event, guidon.deletion_request, under the old id. Once this returned ok it is kept on the device
  // until the collector acknowledged it; it alone is sent without consent, so withdraw that afterwards. Only where
  // there is a collector, and kAnalytics is granted or an install id is kept (else nothing was sent: kNotFound).
  Status RequestDeletion(Duration deadline);

  // --- Telling ---

  // Something happened. Without kAnalytics it makes no event, and is counted as refused; what it does besides, such as
  // to count as behavior or to start a prompt, it does all the same. Costs an append to the journal, which survives the
  // process (`status().journal` says where it cannot be had); facts are made durable in the background, at the latest
  // after 100 ms, on battery after 2 s; conversions (guidon/costs.h) and what starts prompts at once. What could not be
  // taken is in the ledger under `refused`.
  void Track(std::string_view name, Properties properties = {}) noexcept;
  void Track(std::string_view name, double value, Properties properties = {}) noexcept;

  // The same, and waits until it is committed: ok when it then survives a power cut. Not ok: why not (kPermissionDenied
  // without kAnalytics), or that it was not by `deadline`; it may be later. Not from the client's own callbacks.
  Status TrackDurable(std::string_view name, Properties properties, Duration deadline);

  // Makes everything told so far durable, then delivers what it can until `deadline`. Not from the client's own
  // callbacks.
  FlushReport Flush(Duration deadline);

  // `seen` is called once for every event, in order, once its commit has returned: it is then as durable as
  // `status().durability` says. The place to mirror events into another
  // system, or to check on them. Null executor: on the pump, so be quick.
  Subscription OnEvent(Executor* executor, std::function<void(const EventRecord&)> seen);

  // --- Changes ---

  // True as soon as a datafile is in force and its server has answered once (or there is no server to ask); false when
  // `deadline` passes before, or when the client is closed. Turns the pump while it waits when there is no waker. Not
  // from the client's own callbacks.
  bool WaitUntilReady(Duration deadline);

  // `changed` is called after the flag's value, variant or reason changed. Null executor: on the pump.
  Subscription OnChange(std::string_view flag, Executor* executor, std::function<void(const Change&)> changed);

  // --- Recording ---

  // Writes down decisions and what they rest on, for `guidon replay` (docs/formats/trace.md), until the Subscription
  // ends: every `Get` and `Decide`. `lines` is called with whole lines, each with its end, for the app to append to a
  // file, say; they name units and attributes as they are, so ask before they leave the device. Meanwhile every `Get`
  // takes the long way and allocates; it waits for nobody. What does not fit while lines wait to be taken
  // (1 MiB) is left out, and the trace says how many decisions that were. One at a time: a second one ends
  // the first. Ending it hands over what is left, on that thread. Null executor: on the pump, so be quick.
  Subscription Record(Executor* executor, std::function<void(std::string_view lines)> lines,
                      PrivateAttributes privates = PrivateAttributes::kLeftOut);

  // --- The app's life ---

  // Asks for a newer datafile when one is due, and puts in force what waited for this.
  void OnForeground();
  void OnBackground();  // makes everything durable and lets go of the database

  // What sending costs from now on; until told, the best of each. guidon/costs.h says what is sent when.
  void SetNetwork(NetworkCost network);
  void SetPower(PowerSource power);

  // --- Prompts ---

  // Who draws prompts; null: nobody, and none is shown. Called on `executor`, or on the pump where it is null. Outlives
  // the client or is unset: once this returns no call into the host before it begins, and one that is running on
  // another thread has ended (unless this is called from within it). What that host has on screen is its own to take
  // down; the lease is void.
  void SetPromptHost(PromptHost* host, Executor* executor = nullptr);

  // Which screen is in front, by the app's name for it: at most 128 bytes, more are cut; "" for none. Campaigns may
  // start once it has been there for a while. Any thread; the same name again changes nothing.
  void SetScreen(std::string_view name);

  // The person did something: a key, a tap, a scroll. Campaigns that wait for nothing to happen wait anew; `Track` and
  // `SetScreen` count as well. Cheap enough to be called at each of them, from any thread.
  void NoteActivity();

  // Why a campaign's prompt is or is not shown, gate by gate, for the current identity and the last event of its
  // trigger that this process saw, as text for a person or as JSON. Shows nothing and records nothing.
  std::string ExplainPrompt(std::string_view campaign) const;
  std::string ExplainPromptJson(std::string_view campaign) const;

  Overrides& overrides() noexcept;
  ClientStatus status() const;
  // Of the datafile last received; at most 100.
  std::vector<Problem> Problems() const;
  void SetLogLevel(LogLevel level) noexcept;

  // Does the work that is due in a lane, for about `budget`, and returns when it wants to be turned next. Only for
  // hosts that handed in no waker. Not re-entrant; the two lanes may be turned by two threads.
  MonoTime Pump(Lane lane, Duration budget);

  // Makes everything durable first, then delivers what it can until `deadline`, then ends; it does not wait for the
  // network where only the summary of what was evaluated is left, which is kept. Afterwards nothing of the host's is
  // called, `Get` answers with fallbacks and everything else does nothing. Idempotent.
  FlushReport Close(Duration deadline);

 private:
  class Impl;
  enum class Kind : std::uint8_t { kBool, kInt, kDouble, kString, kJson };
  template <class T>
  static constexpr std::optional<Kind> FlagKind() noexcept;
  Decision DecideKey(std::string_view flag, std::optional<Kind> kind, Value fallback, const Context* context) const;

  friend class Decision;  // comes from an Impl
  friend class Panel;     // shows one
  explicit Client(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

template <class T>
constexpr std::optional<Client::Kind> Client::FlagKind() noexcept {
  if constexpr (std::is_same_v<T, bool>) return Kind::kBool;
  if constexpr (std::is_same_v<T, std::int64_t>) return Kind::kInt;
  if constexpr (std::is_same_v<T, double>) return Kind::kDouble;
  if constexpr (std::is_same_v<T, std::string>) return Kind::kString;
  return Kind::kJson;
}

}  // namespace guidon
