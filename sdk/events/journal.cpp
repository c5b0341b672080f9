#include "sdk/events/journal.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace guidon::events {
namespace {

constexpr std::uint64_t kSlotMask = kJournalSegments - 1;
// Where nobody made the next segment ready before an append gets here, that append does, and not the one that finds no
// room: the others have the rest of this one meanwhile.
constexpr std::size_t kLatestGrowth = kSegmentWords / 4 * 3;
// How often somebody who has no room left looks whether the segment is there that another thread is making. About a
// millisecond: then it is on its own.
constexpr int kPatience = 1 << 18;
static_assert((kJournalSegments & kSlotMask) == 0 && kSegmentWords == std::size_t{1} << kGenerationShift,
              "packed into words");

// Lets go of a flag at the end of the scope. Taking it is never waited for.
class Held {
 public:
  explicit Held(std::atomic<bool>* flag) noexcept : flag_(flag), is_held_(!flag->exchange(true)) {}
  ~Held() {
    if (is_held_) flag_->store(false, std::memory_order_release);
  }
  Held(const Held&) = delete;  // one flag
  Held& operator=(const Held&) = delete;
  explicit operator bool() const noexcept { return is_held_; }

 private:
  std::atomic<bool>* flag_;
  bool is_held_;
};

}  // namespace

std::string JournalName(std::uint64_t birth) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; birth >>= 4) text[i] = "0123456789abcdef"[birth & 15];
  return text;
}

std::optional<std::uint64_t> JournalOf(std::string_view segment) {
  if (segment.size() != 18 || segment[16] != '-' || segment[17] < '0' || segment[17] > '7') return std::nullopt;
  std::uint64_t birth = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const char c = segment[i];
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    birth = birth << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return birth;
}

Status FactJournal::Open(std::shared_ptr<Journal> port, std::uint64_t birth) {
  const Held growing(&growing_);
  if (!growing) return Status(StatusCode::kUnavailable, "the journal is being opened");
  if (lock_ == nullptr) {
    Result<std::shared_ptr<void>> lock = port->TryLock(JournalName(birth));
    if (!lock.ok()) return lock.status();
    const Result<std::vector<std::string>> names = port->List();
    if (!names.ok()) return names.status();
    if (std::any_of(names->begin(), names->end(), [&](const auto& name) { return JournalOf(name) == birth; })) {
      return Status(StatusCode::kUnavailable, "another journal has that name");
    }
    port_ = std::move(port);
    lock_ = std::move(*lock);
    birth_ = birth;
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].name = JournalName(birth) + "-" + std::to_string(i);
  }
  is_blocked_.store(false, std::memory_order_relaxed);
  if (!TryGrow()) return trouble_;
  Go();
  return Status();
}

const FactJournal::Slot* FactJournal::Find(std::uint64_t generation) const noexcept {
  for (const Slot& slot : slots_) {
    if (slot.generation.load(std::memory_order_acquire) == generation) return &slot;
  }
  return nullptr;
}

void FactJournal::MoveEnd(Position to) noexcept {
  Position at = end_.load(std::memory_order_relaxed);
  while (at < to && !end_.compare_exchange_weak(at, to, std::memory_order_acq_rel, std::memory_order_relaxed)) {
  }
}

// From one segment that is full to the next. False when there is none.
bool FactJournal::Advance(std::uint64_t active) noexcept {
  const std::uint64_t generation = (active >> 3) + 1;
  const Slot* next = Find(generation);
  if (next == nullptr) {
    const Held growing(&growing_);
    if (growing && active_.load(std::memory_order_acquire) == active && Find(generation) == nullptr) (void)TryGrow();
    for (int i = 0; !growing && i < kPatience && growing_.load(std::memory_order_acquire); ++i) {
    }
    next = Find(generation);
  }
  if (next == nullptr) return active_.load(std::memory_order_acquire) != active;
  const auto slot = static_cast<std::uint64_t>(next - slots_.data());
  (void)active_.compare_exchange_strong(active, generation << 3 | slot, std::memory_order_acq_rel);
  return true;
}

FactJournal::Took FactJournal::Append(std::string_view bytes) noexcept {
  const std::size_t needed = WordsOf(bytes.size());
  if (bytes.size() > kRecordBytes) return Took::kFull;
  for (;;) {
    const std::uint64_t active = active_.load(std::memory_order_acquire);
    if (active == 0) return Took::kNotNow;
    const SegmentKey key = KeyOf(active >> 3);
    const Words words = slots_[active & kSlotMask].segment.words;
    const std::uint64_t free = FreeTag(key);
    const Position end = end_.load(std::memory_order_acquire);
    std::size_t at = GenerationOf(end) == key.generation ? WordOf(end) : kHeaderWords;
    bool is_stale = false;
    while (!is_stale) {
      // The last word is kept for the seal.
      const bool fits = at + needed < kSegmentWords;
      std::uint64_t tag = free;
      if (words[at].compare_exchange_strong(tag, fits ? BusyTag(key, bytes.size()) : SealedTag(key),
                                            std::memory_order_acq_rel, std::memory_order_acquire)) {
        if (!fits) break;
        StoreBytes(bytes, words + at + 1);
        words[at].store(DoneTag(key, at, bytes), std::memory_order_release);
        MoveEnd(PositionOf(key.generation, at + needed));
        if (at < kLatestGrowth && at + needed >= kLatestGrowth) (void)Grow();
        return Took::kYes;
      }
      const std::size_t taken = TaggedBytes(tag);
      const bool is_taken = tag >> 62 == 1 || tag >> 62 == 2;
      if (!is_taken || at + WordsOf(taken) >= kSegmentWords) {
        // Sealed; or used again by now; or damaged, and then given up as if it were full.
        is_stale = active_.load(std::memory_order_acquire) != active;
        break;
      }
      at += WordsOf(taken);
    }
    if (!is_stale && !Advance(active)) return Took::kFull;
  }
}

bool FactJournal::NeedsRoom() const noexcept {
  const std::uint64_t active = active_.load(std::memory_order_acquire);
  return active != 0 && !is_blocked_.load(std::memory_order_relaxed) && Find((active >> 3) + 1) == nullptr;
}

bool FactJournal::IsHalfFull() const noexcept { return WordOf(end()) > kSegmentWords / 2; }

bool FactJournal::Grow() noexcept {
  const Held growing(&growing_);
  return growing && NeedsRoom() && TryGrow();
}

Status FactJournal::MapSlot(Slot* slot) {
  if (slot->segment.words != nullptr) return Status();
  const Result<std::vector<std::string>> names = port_->List();
  if (!names.ok()) return names.status();
  if (names->size() >= kAllJournalSegments) {
    return Status(StatusCode::kOutOfSpace, "the journals of earlier processes still wait for the store");
  }
  Result<JournalSegment> segment = port_->Create(slot->name, kSegmentWords);
  if (!segment.ok()) return segment.status();
  if (segment->size < kSegmentWords) return Status(StatusCode::kInternal, "the journal's segment is too small");
  slot->segment = std::move(*segment);
  return Status();
}

bool FactJournal::TryGrow() noexcept {
  if (is_blocked_.load(std::memory_order_relaxed)) return false;
  // One that was used before is there already, and mapped.
  Slot* fresh = nullptr;
  for (Slot& slot : slots_) {
    if (slot.generation.load(std::memory_order_acquire) != 0) continue;
    if (fresh == nullptr || (fresh->segment.words == nullptr && slot.segment.words != nullptr)) fresh = &slot;
  }
  trouble_ = fresh == nullptr ? Status(StatusCode::kOutOfSpace, "the journal is full") : MapSlot(fresh);
  if (!trouble_.ok()) {
    is_blocked_.store(true, std::memory_order_relaxed);
    return false;
  }
  const SegmentKey key = KeyOf(++last_generation_);
  Prepare(key, fresh->segment.words);
  fresh->generation.store(key.generation, std::memory_order_release);
  return true;
}

bool FactJournal::Next(JournalRecord* record) {
  record->damaged = 0;
  for (;;) {
    const SegmentKey key = KeyOf(GenerationOf(read_));
    const Slot* slot = Find(key.generation);
    if (key.generation == 0 || slot == nullptr) return false;
    const std::size_t at = WordOf(read_);
    const Look look = LookAt(key, slot->segment.words, at, &record->bytes);
    if (look.found == Found::kBusy || look.found == Found::kFree) return false;
    if (look.found == Found::kDamaged) ++record->damaged;
    const bool is_over = look.next >= kSegmentWords;
    const Position next =
        is_over ? PositionOf(key.generation + 1, kHeaderWords) : PositionOf(key.generation, look.next);
    if (is_over && look.found == Found::kDamaged) {
      // Nobody can have gone on in there; appending goes on elsewhere from now on.
      std::uint64_t active = active_.load(std::memory_order_acquire);
      if (active >> 3 == key.generation && !Advance(active)) return false;
    }
    read_ = next;
    if (look.found != Found::kRecord) continue;
    record->at = PositionOf(key.generation, at);
    record->end = next;
    return true;
  }
}

void FactJournal::Recycle() {
  const SegmentKey key = KeyOf(GenerationOf(read_));
  const Slot* reading = key.generation == 0 ? nullptr : Find(key.generation);
  if (reading != nullptr && reading->segment.words[WordOf(read_)].load(std::memory_order_acquire) == SealedTag(key)) {
    read_ = PositionOf(key.generation + 1, kHeaderWords);
  }
  for (Slot& slot : slots_) {
    const std::uint64_t generation = slot.generation.load(std::memory_order_relaxed);
    if (generation == 0 || generation >= GenerationOf(read_)) continue;
    slot.generation.store(0, std::memory_order_release);
    is_blocked_.store(false, std::memory_order_relaxed);
  }
}

Position FactJournal::CommittedByOwner() const noexcept {
  Position committed = 0;
  for (const Slot& slot : slots_) {
    if (slot.generation.load(std::memory_order_acquire) == 0) continue;
    committed = std::max(committed, ReadCommitted(birth_, slot.segment.words));
  }
  return std::min(committed, end());
}

Status FactJournal::Trouble() const {
  if (!is_blocked_.load(std::memory_order_relaxed)) return Status();
  const Held growing(&growing_);
  return growing ? trouble_ : Status();
}

bool FactJournal::Seal() {
  const Held growing(&growing_);
  if (!growing) return false;
  for (const Slot& slot : slots_) {
    const SegmentKey key = KeyOf(slot.generation.load(std::memory_order_acquire));
    if (key.generation == 0) continue;
    std::string bytes;
    std::size_t at = kHeaderWords;
    while (at < kSegmentWords) {
      std::uint64_t tag = FreeTag(key);
      if (slot.segment.words[at].compare_exchange_strong(tag, SealedTag(key), std::memory_order_acq_rel)) break;
      const Look look = LookAt(key, slot.segment.words, at, &bytes);
      if (look.found == Found::kBusy) return false;
      if (look.found == Found::kFree || look.found == Found::kSealed) break;
      at = look.next;
    }
  }
  return true;
}

void FactJournal::Clear() noexcept {
  const Held growing(&growing_);
  // Headers first: another process that reads along then knows why the rest is gone.
  for (Slot& slot : slots_) {
    slot.generation.store(0, std::memory_order_release);
    if (slot.segment.words == nullptr) continue;
    for (std::size_t i = 0; i < kHeaderWords; ++i) slot.segment.words[i].store(0, std::memory_order_relaxed);
  }
  std::atomic_thread_fence(std::memory_order_release);
  for (Slot& slot : slots_) {
    if (slot.segment.words == nullptr) continue;
    for (std::size_t i = 0; i < kSegmentWords; ++i) slot.segment.words[i].store(0, std::memory_order_relaxed);
  }
  is_blocked_.store(false, std::memory_order_relaxed);
}

Status FactJournal::Refill() {
  const Held growing(&growing_);
  if (!growing) return Status(StatusCode::kUnavailable, "the journal is being made ready");
  is_blocked_.store(false, std::memory_order_relaxed);
  return TryGrow() ? Status() : trouble_;
}

void FactJournal::Go() noexcept {
  const Slot* slot = Find(last_generation_);
  read_ = PositionOf(last_generation_, kHeaderWords);
  MoveEnd(read_);
  active_.store(last_generation_ << 3 | static_cast<std::uint64_t>(slot - slots_.data()), std::memory_order_release);
}

void FactJournal::Close(bool is_committed) {
  Stop();
  if (lock_ == nullptr) return;
  for (const Slot& slot : slots_) {
    if (is_committed && slot.segment.words != nullptr) (void)port_->Remove(slot.name);
  }
  lock_.reset();
}

}  // namespace guidon::events
