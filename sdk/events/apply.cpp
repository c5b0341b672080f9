#include "sdk/events/apply.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/prompts/survey.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::events {
namespace {

// It counts as behavior, and triggers hear of it.
bool IsAnswer(const Fact& fact) { return fact.prompt && fact.prompt->what == prompts::What::kAnswer; }

// Continues the tails, begins chunks, and puts what came of it into the update.
class ChunkWriter {
 public:
  explicit ChunkWriter(Update* update) : update_(update) {
    for (std::size_t i = 0; i < kClasses; ++i) before_[i] = update->tails[i];
  }

  void Append(EventClass event_class, const std::string& encoded) {
    Tail& tail = update_->tails[event_class];
    const bool is_full = tail.events == limits::kBatchEvents || tail.bytes.size() + encoded.size() > kChunkBytes;
    if (tail.chunk != 0 && tail.events > 0 && is_full) {
      Write(event_class);
      tail = Tail();
    }
    if (tail.chunk == 0) tail = {update_->counters.next_chunk++, 0, std::string()};
    AppendToChunk(encoded, &tail.bytes);
    ++tail.events;
    ++update_->counters.queued[event_class].events;
  }

  void End() {
    for (std::size_t i = 0; i < kClasses; ++i) {
      const Tail& tail = update_->tails[i];
      const bool changed = tail.chunk != before_[i].chunk || tail.events != before_[i].events;
      if (tail.chunk != 0 && changed) Write(static_cast<EventClass>(i));
    }
  }

 private:
  // The chunk is written; a small one stays open for the next commit.
  void Write(EventClass event_class) {
    Tail& tail = update_->tails[event_class];
    Counters::Queued& queued = update_->counters.queued[event_class];
    Tail& before = before_[event_class];
    if (before.chunk == tail.chunk) {
      update_->batch.erase.push_back(OneKey(ChunkKey({event_class, before.chunk, before.events})));
      queued.bytes -= before.bytes.size();
    }
    queued.bytes += tail.bytes.size();
    update_->batch.put.push_back({ChunkKey({event_class, tail.chunk, tail.events}), tail.bytes});
    if (tail.bytes.size() >= kTailBytes || tail.events == limits::kBatchEvents) tail = Tail();
  }

  Update* update_;
  std::array<Tail, kClasses> before_;
};

// Exposures of this run over those of the state.
class SeenOverlay {
 public:
  explicit SeenOverlay(const State& state) : state_(state) {}

  const std::uint64_t* Find(const SeenKey& key) const {
    const auto fresh = fresh_.find(key);
    if (fresh != fresh_.end()) return &fresh->second;
    const auto known = state_.seen.find(key);
    return known == state_.seen.end() ? nullptr : &known->second;
  }
  void Set(const SeenKey& key, std::uint64_t repeated) { fresh_[key] = repeated; }

  // Forgets days that no longer matter, then the oldest beyond the bound. Both are thrift: an exposure that is sent
  // again has the same id.
  void End(Update* update) {
    if (fresh_.empty()) return;
    const std::int64_t day = last_day;
    std::size_t count = state_.seen.size();
    for (const auto& entry : fresh_) {
      if (state_.seen.count(entry.first) == 0) ++count;
    }
    std::size_t over = count > limits::kSeenExposures ? count - limits::kSeenExposures : 0;
    const bool all_near = state_.seen.empty() ||
                          (state_.seen.begin()->first.day >= day - 1 && state_.seen.rbegin()->first.day <= day + 1);
    for (const auto& entry : state_.seen) {
      if (all_near && over == 0) break;
      const bool is_near = entry.first.day >= day - 1 && entry.first.day <= day + 1;
      if (fresh_.count(entry.first) != 0 || (is_near && over == 0)) continue;
      if (over > 0) --over;
      update->batch.erase.push_back(OneKey(SeenRowKey(entry.first)));
      update->seen.emplace_back(entry.first, std::nullopt);
    }
    for (const auto& entry : fresh_) update->seen.emplace_back(entry.first, entry.second);
  }

  std::int64_t last_day = 0;

 private:
  const State& state_;
  std::map<SeenKey, std::uint64_t> fresh_;
};

// True when the exposure is to be sent; then its id and count are set.
bool IsNews(std::string_view install_id, Event* event, SeenOverlay* seen) {
  const std::int64_t day = text::UtcDay(event->fact.wall);
  seen->last_day = day;
  event->id = ExposureId(install_id, event->fact, day);
  if (const std::uint64_t* repeated = seen->Find({day, event->id})) {
    seen->Set({day, event->id}, *repeated + 1);
    return false;
  }
  seen->Set({day, event->id}, 0);
  const std::uint64_t* yesterday = seen->Find({day - 1, ExposureId(install_id, event->fact, day - 1)});
  if (yesterday != nullptr) event->repeated = std::max(event->repeated, *yesterday);
  return true;
}

// What this run changes in what is remembered. Copies a scope's behavior or showings once, when they change.
class RememberedFold {
 public:
  RememberedFold(Update* update, bool knows_past) : update_(update), knows_past_(knows_past) {}

  // False when the fact says nothing new, and is not to be reported.
  bool Take(Fact* fact, Timestamp when, Duration utc_offset, std::uint32_t session) {
    switch (fact->kind) {
      case EventKind::kTracked:
        if (fact->is_counted) BehaviorOf(fact->scope)->Add(fact->name, when, utc_offset, fact->looks, session);
        return true;
      case EventKind::kExposure: fact->first = Enroll(*fact) && knows_past_; return true;
      case EventKind::kPrompt:
        if (fact->prompt && !fact->prompt->is_forced && !TakeStep(*fact, when)) return false;
        if (IsAnswer(*fact) && fact->is_counted && !fact->prompt->is_forced) {
          BehaviorOf(fact->scope)->Add(prompts::kAnsweredEvent, when, utc_offset, fact->looks, session);
        }
        return true;
      case EventKind::kHoldoutExposure:
      case EventKind::kLossReport:
      case EventKind::kDeletionRequest:
      case EventKind::kEvaluationSummary: return true;
    }
    return true;
  }

  void Take(const IdentityChange& change) {
    PutBack();
    scopes()->Change(change);
    are_scopes_news_ = true;
    update_->identity = change.number;
    if (change.carry == Carry::kPrevious) CopyEnrollments(change, enrollments());
  }

  void End() {
    PutBack();
    if (are_scopes_news_) update_->scopes = std::move(scopes_);
    if (enrollments_) update_->enrollments = std::move(enrollments_);
  }

 private:
  // What is under way in one scope. Null: nothing changed yet.
  struct Changed {
    std::shared_ptr<behavior::Behavior> behavior;
    std::shared_ptr<prompts::Showings> showings;
    bool are_showings_news = false;
  };

  Scopes* scopes() {
    if (!scopes_) scopes_ = std::make_shared<Scopes>(*update_->scopes);
    return scopes_.get();
  }
  const Scopes& scopes_now() const { return scopes_ ? *scopes_ : *update_->scopes; }
  enrollment::Enrollments* enrollments() {
    if (!enrollments_) enrollments_ = std::make_shared<enrollment::Enrollments>(*update_->enrollments);
    return enrollments_.get();
  }

  Changed* Use(std::uint64_t scope) {
    const auto at = changed_.find(scope);
    const bool is_last = at != changed_.end() && (scope == kThisInstallation || scopes_->accounts().back() == scope);
    if (is_last) return &at->second;
    // Another scope may be erased for this one, with what it has by now.
    if (scopes_now().kept().count(scope) == 0) PutBack();
    if (scopes()->Use(scope)) are_scopes_news_ = true;
    return &changed_[scope];
  }

  behavior::Behavior* BehaviorOf(std::uint64_t scope) {
    Changed* changed = Use(scope);
    if (!changed->behavior) changed->behavior = std::make_shared<behavior::Behavior>(*scopes_->Of(scope).behavior);
    return changed->behavior.get();
  }

  bool Has(std::uint64_t scope, const prompts::Step& step) const {
    const auto at = changed_.find(scope);
    const bool has_changed = at != changed_.end() && at->second.showings != nullptr;
    const auto& all = has_changed ? at->second.showings->all() : scopes_now().Of(scope).showings->all();
    const auto campaign = all.find(step.campaign);
    return campaign != all.end() && campaign->second->Find(step.prompt) != nullptr;
  }

  // The showing may have moved since it began, or its scope is not the current one any more. Nothing: there is none.
  std::optional<std::uint64_t> ScopeOfShowing(const prompts::Step& step, std::uint64_t scope) const {
    if (step.what == prompts::What::kExposure || Has(scope, step)) return scope;
    for (const auto& entry : scopes_now().kept()) {
      if (Has(entry.first, step)) return entry.first;
    }
    return std::nullopt;
  }

  bool TakeStep(const Fact& fact, Timestamp when) {
    prompts::Step step;
    step.what = fact.prompt->what;
    step.campaign = fact.name;
    step.prompt = fact.prompt->id;
    step.is_held_out = fact.variant == ruleset::kHeldOutArm;
    step.when = when;
    step.snooze = fact.prompt->snooze;
    const std::optional<std::uint64_t> scope = ScopeOfShowing(step, fact.scope);
    if (!scope) return false;
    Changed* changed = Use(*scope);
    if (!changed->showings) changed->showings = std::make_shared<prompts::Showings>(*scopes_->Of(*scope).showings);
    const bool is_news = changed->showings->Fold(step);
    if (prompts::IsAside(step.what)) return is_news;
    changed->are_showings_news = changed->are_showings_news || is_news;
    return is_news;
  }

  // Whether it was the first of the unit in this iteration.
  bool Enroll(const Fact& fact) {
    if (fact.forced) return false;
    const enrollment::Enrollment met{fact.iteration, fact.variant, fact.audience, fact.wall, fact.wall};
    const enrollment::Enrollments& now = enrollments_ ? *enrollments_ : *update_->enrollments;
    if (!now.IsNews(fact.unit_kind, fact.unit_id, fact.name, met)) return false;
    const enrollment::Enrollment* known = now.Find(fact.unit_kind, fact.unit_id, fact.name);
    const bool is_first = known == nullptr || known->iteration < fact.iteration;
    enrollments()->Add(fact.unit_kind, fact.unit_id, fact.name, met);
    return is_first;
  }

  void PutBack() {
    for (auto& entry : changed_) {
      if (!entry.second.behavior && !entry.second.are_showings_news) continue;
      Remembered remembered = scopes_->Of(entry.first);
      if (entry.second.behavior) remembered.behavior = std::move(entry.second.behavior);
      if (entry.second.are_showings_news) remembered.showings = std::move(entry.second.showings);
      scopes_->Set(entry.first, std::move(remembered));
      are_scopes_news_ = true;
    }
    changed_.clear();
  }

  Update* update_;
  const bool knows_past_;
  std::shared_ptr<Scopes> scopes_;
  std::shared_ptr<enrollment::Enrollments> enrollments_;
  std::map<std::uint64_t, Changed> changed_;
  bool are_scopes_news_ = false;
};

Applied ApplyAll(const State& state, std::string_view install_id, const std::vector<Event>& events, bool are_folded) {
  Applied applied;
  applied.update = state.Begin();
  Counters& counters = applied.update.counters;
  ChunkWriter chunks(&applied.update);
  SeenOverlay seen(state);
  RememberedFold remembered(&applied.update, state.knows_past);
  for (const Event& given : events) {
    if (given.fact.identity) {
      remembered.Take(*given.fact.identity);
      continue;
    }
    Event event = given;
    const bool is_news =
        are_folded || remembered.Take(&event.fact, TimeOf(state.time, event), event.utc_offset, event.session);
    if (!is_news) continue;
    event.fact.looks.clear();
    if (!event.fact.is_reported) {
      if (event.fact.kind == EventKind::kTracked || IsAnswer(event.fact)) applied.heard.push_back(ToRecord(event));
      continue;
    }
    if (IsExposure(event.fact.kind)) {
      if (!IsNews(install_id, &event, &seen)) continue;
    } else if (event.fact.kind == EventKind::kPrompt) {
      if (event.fact.prompt) event.id = PromptEventId(*event.fact.prompt);
    } else {
      counters.last_id_ms = std::max(counters.last_id_ms, event.id.high >> 16);
    }
    event.sequence = state.is_durable ? counters.next_sequence++ : 0;
    ++counters.accepted;
    chunks.Append(ClassOf(event.fact), EncodeEvent(event));
    applied.records.push_back(ToRecord(event));
  }
  chunks.End();
  seen.End(&applied.update);
  remembered.End();
  return applied;
}

}  // namespace

Timestamp TimeOf(const SteadyTime& time, const Event& event) {
  const Fact& fact = event.fact;
  const bool is_of_boot = fact.boot == time.boot() && (fact.boot != 0 || !event.is_replayed);
  return is_of_boot ? time.Of(fact.wall, fact.mono) : time.OfEarlierBoot(fact.wall);
}

Hash128 ExposureId(std::string_view install_id, const Fact& fact, std::int64_t day) {
  ByteWriter what;
  what.Byte(fact.kind == EventKind::kHoldoutExposure ? 'h' : 'e');
  what.Text(install_id);
  what.Text(fact.unit_kind);
  what.Text(fact.unit_id);
  what.Text(fact.name);
  what.Signed(fact.iteration);
  what.Text(fact.variant);
  what.Signed(day);
  what.Bool(fact.forced);
  return HashId(what.bytes());
}

std::string PromptId(std::string_view install_id, const Fact& fact) {
  ByteWriter what;
  what.Byte('p');
  what.Text(install_id);
  what.Text(fact.unit_kind);
  what.Text(fact.unit_id);
  what.Text(fact.name);
  what.Signed(fact.iteration);
  what.Number(fact.prompt ? fact.prompt->ordinal : 0);
  what.Signed(ToMs(fact.wall));
  what.Bool(fact.forced);
  return IdText(HashId(what.bytes()));
}

std::uint64_t IdTime(Timestamp time) {
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(ToMs(time), 0)), kMostIdMs);
}

Hash128 JournalId(std::uint64_t journal, std::uint64_t place, std::uint64_t id_ms) {
  ByteWriter what;
  what.Byte('j');
  what.Fixed(journal);
  what.Fixed(place);
  const Hash128 hash = HashBytes128(what.bytes());
  Hash128 id;
  id.high = id_ms << 16 | 0x7000 | (hash.high & 0xFFF);
  id.low = (hash.low & 0x3FFF'FFFF'FFFF'FFFFu) | 0x8000'0000'0000'0000u;
  return id;
}

void IdMaker::NotBefore(std::uint64_t ms) {
  if (ms < last_ms_) return;
  last_ms_ = ms;
  within_ms_ = 0xFFF;  // used up, for all that is known
}

// The last millisecond of an earlier maker is taken as used up.
IdMaker::IdMaker(std::string_view seed, std::uint64_t last_ms)
    : seed_(HashBytes128(seed)), last_ms_(last_ms), within_ms_(last_ms > 0 ? 0xFFF : 0) {}

Hash128 IdMaker::Next(Timestamp now) {
  const std::uint64_t now_ms = IdTime(now);
  ++within_ms_;
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    within_ms_ = 0;
  } else if (within_ms_ > 0xFFF) {
    // 4,096 within one millisecond: borrow the next one. At the end of time only the hash is left to tell ids apart.
    last_ms_ = std::min(last_ms_ + 1, kMostIdMs);
    within_ms_ = 0;
  }
  ByteWriter what;
  what.Fixed(seed_.high);
  what.Fixed(seed_.low);
  what.Fixed(++made_);
  Hash128 id;
  id.high = last_ms_ << 16 | 0x7000 | within_ms_;
  id.low = (HashBytes128(what.bytes()).low & 0x3FFF'FFFF'FFFF'FFFFu) | 0x8000'0000'0000'0000u;
  return id;
}

Applied Apply(const State& state, std::string_view install_id, const std::vector<Event>& events) {
  return ApplyAll(state, install_id, events, false);
}

Applied ApplyMoved(const State& state, std::string_view install_id, const std::vector<Event>& events) {
  return ApplyAll(state, install_id, events, true);
}

}  // namespace guidon::events
