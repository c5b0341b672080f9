// Overrides: what the API, the overrides file and the environment force, in one list, and what is wrong with it.

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/client/overrides_text.h"
#include "sdk/core/hash/hash.h"

namespace guidon {
namespace {

using client::HeldOverride;
using Source = Override::Source;

constexpr Duration kFileLook = std::chrono::seconds(1);

constexpr Duration kLongestOverride = std::chrono::hours(24 * 7);

bool IsOfApp(const Override& what) noexcept { return what.source == Source::kApi || what.source == Source::kPanel; }

Override Made(Override::Kind kind, std::string_view key, std::string_view variant) {
  Override what;
  what.kind = kind;
  what.key = std::string(key);
  what.variant = std::string(variant);
  return what;
}

Status CheckForm(const Override& what, Timestamp now) {
  const auto wrong = [](const char* reason) { return Status(StatusCode::kInvalidArgument, reason); };
  if (!IsOfApp(what)) return wrong("an override is made by the API or a panel; others have their own ways");
  if (what.kind == Override::Kind::kClock) {
    if (!what.key.empty()) return wrong("a clock has no key");
    if (!client::ParseShift(what.variant))
      return wrong("a clock is moved by up to 366 days, such as +3d, or to a time");
  } else if (what.key.empty() || what.key.size() > limits::kKeyBytes)
    return wrong("a key has 1 to 128 bytes");
  const bool is_prompt = what.kind == Override::Kind::kPrompt;
  if (is_prompt && !client::IsPromptForce(what.variant)) {
    return wrong("a prompt is forced to show, within_caps or off");
  }
  const bool is_holdout = what.kind == Override::Kind::kHoldout;
  if (is_holdout && what.variant != "in" && what.variant != "out") return wrong("a holdout is forced to in or out");
  if (what.until && (*what.until <= now || *what.until > now + kLongestOverride)) {
    return wrong("an override is kept until some time within the next 7 days");
  }
  return Status();
}

Status Prefixed(Source source, const Status& status) {
  return Status(status.code(), OverrideSourceName(source) + (": " + status.message()));
}

}  // namespace

// --- The API's and a panel's ---

Status Overrides::ForceFlag(std::string_view flag, Value value) {
  Override what = Made(Override::Kind::kFlag, flag, "");
  what.value = std::move(value);
  return Force(std::move(what));
}

Status Overrides::ForceExperiment(std::string_view experiment, std::string_view variant) {
  return Force(Made(Override::Kind::kExperiment, experiment, variant));
}

Status Overrides::ForcePrompt(std::string_view campaign, bool show) {
  return Force(Made(Override::Kind::kPrompt, campaign, show ? "show" : "off"));
}

Status Overrides::ForceHoldout(std::string_view holdout, bool is_held_out) {
  return Force(Made(Override::Kind::kHoldout, holdout, is_held_out ? "in" : "out"));
}

Status Overrides::ForceAttribute(std::string_view attribute, Value value) {
  Override what = Made(Override::Kind::kAttribute, attribute, "");
  what.value = std::move(value);
  return Force(std::move(what));
}

Status Overrides::ForceClock(Duration by) { return Force(Made(Override::Kind::kClock, {}, client::ShiftText(by))); }

Status Client::Impl::Force(Override what) {
  if (is_copy()) return Status(StatusCode::kClosed, "the client was closed");
  bool is_kept = what.until.has_value();
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
    const Timestamp now = platform.clock->Now();
    HeldOverride held;
    held.what = std::move(what);
    client::SettleShift(now, &held);
    Status status = CheckForm(held.what, now);
    const client::Datafile* datafile = inputs_.datafile.get();
    if (status.ok()) status = client::CheckOverride(datafile, client::Entitlement(datafile, inputs_.qa, now), held);
    if (!status.ok()) return status;
    const Source source = held.what.source;
    auto& list = inputs_.overrides;
    const auto is_before = [source](const HeldOverride& other) { return other.what.source < source; };
    const auto is_of_it = [source](const HeldOverride& other) { return other.what.source == source; };
    const auto begin = std::find_if_not(list.begin(), list.end(), is_before);
    const auto end = std::find_if_not(begin, list.end(), is_of_it);
    const auto same = std::find_if(begin, end, [&](const HeldOverride& other) {
      return other.what.kind == held.what.kind && other.what.key == held.what.key;
    });
    if (same == end && static_cast<std::size_t>(end - begin) >= limits::kOverrides) {
      return Status(StatusCode::kTooLarge, "256 overrides are the most");
    }
    if (held.what.kind == Override::Kind::kPrompt && held.what.variant != "off") held.serial = ++prompt_serial_;
    if (same != end) {
      is_kept = is_kept || same->what.until.has_value();
      *same = std::move(held);
    } else {
      list.insert(end, std::move(held));
    }
    Publish(lock);
  }
  if (is_kept) KeepQa();
  return Status();
}

void Client::Impl::RemoveOverrides(const std::function<bool(const Override&)>& doomed) {
  if (is_copy()) return;
  bool was_kept = false;
  {
    const Lock lock(writer_mutex_);
    auto& list = inputs_.overrides;
    const auto end = std::remove_if(list.begin(), list.end(), [&](const HeldOverride& each) {
      const bool goes = IsOfApp(each.what) && doomed(each.what);
      was_kept = was_kept || (goes && each.what.until);
      return goes;
    });
    if (end == list.end()) return;
    list.erase(end, list.end());
    Publish(lock);
  }
  if (was_kept) KeepQa();
}

void Client::Impl::Clear(Override::Kind kind, std::string_view key) {
  RemoveOverrides([kind, key](const Override& each) { return each.kind == kind && each.key == key; });
}

void Client::Impl::ClearAll() {
  RemoveOverrides([](const Override&) { return true; });
}

std::vector<Override> Client::Impl::List() const {
  if (is_copy()) return {};
  return ListOf(*pins->Acquire());
}

std::vector<Override> Client::Impl::ListOf(const client::State& state) const {
  std::vector<Override> list;
  for (const HeldOverride& each : state.inputs.overrides) {
    list.push_back(each.what);
    if (each.what.applied) continue;
    const Status status = client::CheckOverride(state.inputs.datafile.get(), state.entitlement, each);
    list.back().why_not = status.ok() ? "another source forces it" : status.message();
  }
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr) return list;
  const Timestamp now = platform.clock->Now();
  const evaluation::Forced unforced = state.overrides.Unforced();
  for (Override& each : list) {
    if (each.kind == Override::Kind::kExperiment) {
      const ruleset::Experiment* experiment = rules->FindExperiment(each.key);
      if (experiment == nullptr || !experiment->is_valid) continue;
      each.natural_variant = client::NaturalVariant(*rules, *experiment, state.natural(), now, unforced);
    } else if (each.kind == Override::Kind::kFlag) {
      const ruleset::Flag* flag = rules->FindFlag(each.key);
      if (flag == nullptr) continue;
      const evaluation::Outcome natural = evaluation::Evaluate(*rules, *flag, state.natural(), now, &unforced);
      if (natural.value != nullptr) each.natural_value = ruleset::ToValue(*natural.value);
    } else if (each.kind == Override::Kind::kAttribute) {
      const Context& natural = state.natural_context ? *state.natural_context : state.context;
      for (const Context::Attribute& attribute : natural.attributes()) {
        if (attribute.kind.empty() && attribute.name == each.key) each.natural_value = attribute.value;
      }
    }
  }
  return list;
}

// --- The file's and the environment's ---

// Before the first State, so that it has them: a first screen can be forced, too.
void Client::Impl::OpenOverrides() {
  if (platform.local_overrides == nullptr) return;
  std::vector<Status> problems;
  auto list = client::ReadEnvironment(platform.local_overrides->Environment(), &problems);
  ReplaceOverrides(Source::kEnvironment, std::move(list), std::move(problems));
  if (!platform.local_overrides->HasFile()) return;
  ReadOverridesFile();
  WatchOverridesFile();
}

void Client::Impl::WatchOverridesFile() {
  pump->PostLogicAt(platform.clock->Monotonic() + kFileLook, [self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->pump->PostDisk([self] {
      const auto reader = self.lock();
      if (reader == nullptr || reader->is_closed()) return;
      reader->ReadOverridesFile();
      reader->WatchOverridesFile();
    });
  });
}

void Client::Impl::ReadOverridesFile() {
  const Result<std::string> read = platform.local_overrides->ReadFile(limits::kOverridesTextBytes);
  const std::string seen = read.ok() ? "+" + *read : "-" + read.status().message();
  const std::uint64_t hash = HashBytes64(seen);
  if (overrides_file_ == hash) return;
  overrides_file_ = hash;
  const auto list = read.ok() ? client::ReadOverridesFile(*read) : read.status();
  if (list.ok()) return ReplaceOverrides(Source::kFile, *list, {});
  if (list.status().code() == StatusCode::kNotFound) return ReplaceOverrides(Source::kFile, {}, {list.status()});
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    ++status_version_;
    override_text_problems_[0] = {list.status()};
  }
  LogOverrides();
}

void Client::Impl::ReplaceOverrides(Source source, std::vector<HeldOverride> list, std::vector<Status> problems) {
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    ++status_version_;
    override_text_problems_[source == Source::kFile ? 0 : 1] = std::move(problems);
  }
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return;
    HoldOverrides(lock, source, std::move(list));
    Publish(lock);
  }
  LogOverrides();
}

void Client::Impl::HoldOverrides(const Lock&, Source source, std::vector<HeldOverride> list) {
  for (HeldOverride& each : list) client::SettleShift(platform.clock->Now(), &each);
  auto& held = inputs_.overrides;
  const auto is_of_it = [source](const HeldOverride& each) { return each.what.source == source; };
  held.erase(std::remove_if(held.begin(), held.end(), is_of_it), held.end());
  const auto at =
      std::find_if(held.begin(), held.end(), [&](const HeldOverride& each) { return each.what.source > source; });
  held.insert(at, std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
}

// --- What is wrong ---

std::vector<Status> Client::Impl::OverrideProblems() const {
  const client::Pins::Pin pin = pins->Acquire();
  std::vector<Status> problems;
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    for (const Status& each : override_text_problems_[0]) problems.push_back(Prefixed(Source::kFile, each));
    for (const Status& each : override_text_problems_[1]) problems.push_back(Prefixed(Source::kEnvironment, each));
  }
  if (const QaToken* token = pin->inputs.qa.token.get()) {
    const Status& status = pin->entitlement.token_status();
    if (!status.ok()) problems.emplace_back(status.code(), "QA token " + token->id + ": " + status.message());
  }
  for (Status& each : client::OverrideProblems(pin->inputs.datafile.get(), pin->entitlement, pin->inputs.overrides)) {
    problems.push_back(std::move(each));
  }
  return problems;
}

Status Client::Impl::OverridesStatus() const {
  const std::vector<Status> problems = OverrideProblems();
  if (problems.empty()) return Status();
  std::string lines;
  for (const Status& problem : problems) lines += (lines.empty() ? "" : "\n") + problem.message();
  return Status(problems.front().code(), std::move(lines));
}

// On the disk lane, because it may take a while to find out what somebody meant.
void Client::Impl::LogOverrides() {
  if (!log.IsOn(LogLevel::kWarning)) return;
  pump->PostDisk([self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr || impl->is_closed()) return;
    std::set<std::string> logged;
    for (const Status& problem : impl->OverrideProblems()) {
      const bool is_new = impl->logged_overrides_.count(problem.message()) == 0;
      if (is_new) impl->log(LogLevel::kWarning, [&] { return "guidon: overrides: " + problem.message(); });
      logged.insert(problem.message());
    }
    impl->logged_overrides_ = std::move(logged);
  });
}

}  // namespace guidon
