#include "sdk/events/living_journal.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace guidon::events {

LivingJournal::LivingJournal(std::shared_ptr<Journal> port, std::uint64_t birth, Position committed)
    : port_(std::move(port)), birth_(birth), read_(std::max(committed, PositionOf(1, kHeaderWords))) {}

void LivingJournal::Look() {
  const Result<std::vector<std::string>> names = port_->List();
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const bool is_known =
        std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return part.name == name; });
    if (JournalOf(name) != birth_ || is_known) continue;
    Result<JournalSegment> segment = port_->Map(name);
    // One that is just being made is there the next time.
    if (!segment.ok() || segment->size < kSegmentWords) continue;
    read_ = std::max(read_, ReadCommitted(birth_, segment->words));
    parts_.push_back({name, std::move(*segment)});
  }
  is_missing_ = Find(GenerationOf(read_)) == nullptr;
  may_skip_ = is_missing_ && skips_ == GenerationOf(read_);
}

const LivingJournal::Part* LivingJournal::Find(std::uint64_t generation) const noexcept {
  for (const Part& part : parts_) {
    const std::optional<SegmentKey> key = ReadHeader(part.segment.words);
    if (key && key->birth == birth_ && key->generation == generation) return &part;
  }
  return nullptr;
}

// 0: none.
std::uint64_t LivingJournal::FirstAfter(std::uint64_t generation) const noexcept {
  std::uint64_t first = 0;
  for (const Part& part : parts_) {
    const std::optional<SegmentKey> key = ReadHeader(part.segment.words);
    if (!key || key->birth != birth_ || key->generation <= generation) continue;
    if (first == 0 || key->generation < first) first = key->generation;
  }
  return first;
}

bool LivingJournal::Next(JournalRecord* record) {
  for (;;) {
    const SegmentKey key{birth_, GenerationOf(read_)};
    const Part* part = Find(key.generation);
    is_missing_ = part == nullptr;
    if (part == nullptr) {
      const std::uint64_t later = FirstAfter(key.generation);
      // Generations are made in order. So where a later one was seen before a look, that look has found this one, if it
      // is there at all.
      if (!std::exchange(may_skip_, false) || later == 0) {
        skips_ = later == 0 ? 0 : key.generation;
        return false;
      }
      read_ = PositionOf(later, kHeaderWords);
      continue;
    }
    const std::size_t at = WordOf(read_);
    const events::Look look = LookAt(key, part->segment.words, at, &record->bytes);
    if (look.found == Found::kBusy || look.found == Found::kFree) return false;
    if (look.found == Found::kDamaged) {
      if (Find(key.generation) != part) return false;
      ++damaged_;
    }
    const bool is_over = look.next >= kSegmentWords;
    read_ = is_over ? PositionOf(key.generation + 1, kHeaderWords) : PositionOf(key.generation, look.next);
    if (look.found != Found::kRecord) continue;
    record->at = PositionOf(key.generation, at);
    record->end = read_;
    record->damaged = std::exchange(damaged_, 0);
    return true;
  }
}

void LivingJournal::PassOver() {
  JournalRecord record;
  Position before = 0;
  do {
    before = read_;
    Look();
    while (Next(&record)) {
    }
  } while (read_ != before);
  Tell(read_);
}

void LivingJournal::Tell(Position committed) noexcept {
  if (committed <= told_ || parts_.empty()) return;
  const Part* part = Find(GenerationOf(committed));
  if (part == nullptr) part = &parts_.front();
  StoreCommitted(birth_, committed, part->segment.words);
  told_ = committed;
}

}  // namespace guidon::events
