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

HeldOverride OfApi(Override::Kind kind, std::string_view key, std::string_view variant) {
  HeldOverride override;
  override.what.kind = kind;
  override.what.key = std::string(key);
  override.what.variant = std::string(variant);
  return override;
}

Status Prefixed(Source source, const Status& status) {
  return Status(status.code(), OverrideSourceName(source) + (": " + status.message()));
}

}  // namespace

// --- The API's ---

Status Client::Impl::SetOverride(HeldOverride override) {
  if (is_copy()) return Status(StatusCode::kClosed, "the client was closed");
  const Lock lock(writer_mutex_);
  if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
  const Status status = client::CheckOverride(inputs_.datafile.get(), override);
  if (!status.ok()) return status;
  auto& list = inputs_.overrides;
  const auto api_end = std::find_if(list.begin(), list.end(),
                                    [](const HeldOverride& other) { return other.what.source != Source::kApi; });
  const auto same = std::find_if(list.begin(), api_end, [&](const HeldOverride& other) {
    return other.what.kind == override.what.kind && other.what.key == override.what.key;
  });
  if (same == api_end && static_cast<std::size_t>(api_end - list.begin()) >= limits::kOverrides) {
    return Status(StatusCode::kTooLarge, "256 overrides are the most");
  }
  if (override.what.kind == Override::Kind::kPrompt && override.what.variant == "show")
    override.serial = ++prompt_serial_;
  if (same != api_end) {
    *same = std::move(override);
  } else {
    list.insert(api_end, std::move(override));
  }
  Publish(lock);
  return Status();
}

Status Client::Impl::ForceFlag(std::string_view flag, Value value) {
  if (flag.empty() || flag.size() > limits::kKeyBytes) {
    return Status(StatusCode::kInvalidArgument, "a flag's key has 1 to 128 bytes");
  }
  HeldOverride override = OfApi(Override::Kind::kFlag, flag, "");
  override.what.value = std::move(value);
  return SetOverride(std::move(override));
}

Status Client::Impl::ForceExperiment(std::string_view experiment, std::string_view variant) {
  return SetOverride(OfApi(Override::Kind::kExperiment, experiment, variant));
}

Status Client::Impl::ForcePrompt(std::string_view campaign, bool show) {
  return SetOverride(OfApi(Override::Kind::kPrompt, campaign, show ? "show" : "off"));
}

void Client::Impl::RemoveOverrides(const std::function<bool(const Override&)>& doomed) {
  if (is_copy()) return;
  const Lock lock(writer_mutex_);
  auto& list = inputs_.overrides;
  const auto end = std::remove_if(list.begin(), list.end(), [&](const HeldOverride& each) {
    return each.what.source == Source::kApi && doomed(each.what);
  });
  if (end == list.end()) return;
  list.erase(end, list.end());
  Publish(lock);
}

void Client::Impl::ClearFlag(std::string_view flag) {
  RemoveOverrides([flag](const Override& each) { return each.kind == Override::Kind::kFlag && each.key == flag; });
}

void Client::Impl::ClearExperiment(std::string_view experiment) {
  RemoveOverrides([experiment](const Override& each) {
    return each.kind == Override::Kind::kExperiment && each.key == experiment;
  });
}

void Client::Impl::ClearPrompt(std::string_view campaign) {
  RemoveOverrides(
      [campaign](const Override& each) { return each.kind == Override::Kind::kPrompt && each.key == campaign; });
}

void Client::Impl::ClearAll() {
  RemoveOverrides([](const Override&) { return true; });
}

std::vector<Override> Client::Impl::List() const {
  std::vector<Override> list;
  if (is_copy()) return list;
  {
    const Lock lock(writer_mutex_);
    for (const HeldOverride& each : inputs_.overrides) list.push_back(each.what);
  }
  const client::Pins::Pin pin = pins->Acquire();
  const ruleset::Ruleset* rules = pin->rules();
  if (rules == nullptr) return list;
  const Timestamp now = platform.clock->Now();
  const evaluation::Forced unforced = pin->overrides.Unforced();
  for (Override& each : list) {
    if (each.kind == Override::Kind::kExperiment) {
      const ruleset::Experiment* experiment = rules->FindExperiment(each.key);
      if (experiment == nullptr || !experiment->is_valid) continue;
      each.natural_variant = client::NaturalVariant(*rules, *experiment, *pin->prepared, now, unforced);
    } else if (each.kind == Override::Kind::kFlag) {
      const ruleset::Flag* flag = rules->FindFlag(each.key);
      if (flag == nullptr) continue;
      const evaluation::Outcome natural = evaluation::Evaluate(*rules, *flag, *pin->prepared, now, &unforced);
      if (natural.value != nullptr) each.natural_value = ruleset::ToValue(*natural.value);
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
    override_text_problems_[0] = {list.status()};
  }
  LogOverrides();
}

void Client::Impl::ReplaceOverrides(Source source, std::vector<HeldOverride> list, std::vector<Status> problems) {
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    override_text_problems_[source == Source::kFile ? 0 : 1] = std::move(problems);
  }
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return;
    auto& held = inputs_.overrides;
    held.erase(std::remove_if(held.begin(), held.end(), [&](const HeldOverride& e) { return e.what.source == source; }),
               held.end());
    const auto at =
        std::find_if(held.begin(), held.end(), [&](const HeldOverride& e) { return e.what.source > source; });
    held.insert(at, std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
    Publish(lock);
  }
  LogOverrides();
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
  for (Status& each : client::OverrideProblems(pin->inputs.datafile.get(), pin->inputs.overrides)) {
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
