#include "sdk/events/dead_journal.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace guidon::events {

std::vector<DeadJournal> DeadJournal::Adopt(const std::shared_ptr<Journal>& port,
                                            const std::vector<std::uint64_t>& known,
                                            std::vector<std::uint64_t>* living) {
  std::vector<DeadJournal> dead;
  const Result<std::vector<std::string>> first = port->List();
  if (!first.ok()) return dead;
  std::vector<std::uint64_t> births;
  for (const std::string& name : *first) {
    const std::optional<std::uint64_t> birth = JournalOf(name);
    if (!birth || (!births.empty() && births.back() == *birth)) continue;
    if (std::find(known.begin(), known.end(), *birth) == known.end()) births.push_back(*birth);
  }
  for (const std::uint64_t birth : births) {
    Result<std::shared_ptr<void>> lock = port->TryLock(JournalName(birth));
    if (!lock.ok()) {
      if (living != nullptr) living->push_back(birth);
      continue;
    }
    DeadJournal journal;
    journal.port_ = port;
    journal.lock_ = std::move(*lock);
    journal.birth_ = birth;
    // Once more: another process may have finished with it before the lock was ours.
    const Result<std::vector<std::string>> names = port->List();
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      if (JournalOf(name) != birth) continue;
      journal.names_.push_back(name);
      Result<JournalSegment> segment = port->Map(name);
      // Not all there: the process died while it was made, so nothing was ever in it.
      if (segment.status().code() == StatusCode::kCorrupt || (segment.ok() && segment->size < kSegmentWords)) continue;
      if (!segment.ok()) {
        ++journal.unreadable_;
        continue;
      }
      const std::optional<SegmentKey> key = ReadHeader(segment->words);
      if (key && key->birth == birth) {
        journal.parts_.push_back({key->generation, std::move(*segment)});
        continue;
      }
      if (IsOfLaterVersion(segment->words)) {
        journal.is_of_later_version_ = true;
      } else if (!IsUnused(segment->words)) {
        ++journal.unreadable_;
      }
    }
    for (const Part& part : journal.parts_) {
      journal.Skip(ReadCommitted(birth, part.segment.words));
    }
    std::sort(journal.parts_.begin(), journal.parts_.end(),
              [](const Part& a, const Part& b) { return a.generation < b.generation; });
    if (!journal.names_.empty()) dead.push_back(std::move(journal));
  }
  return dead;
}

void DeadJournal::Skip(Position before) { read_ = std::max(read_, before); }

bool DeadJournal::Next(JournalRecord* record) {
  record->damaged = std::exchange(unreadable_, 0);
  for (const Part& part : parts_) {
    if (part.generation < GenerationOf(read_)) continue;
    if (part.generation > GenerationOf(read_)) read_ = PositionOf(part.generation, kHeaderWords);
    if (ReadPart(part, record)) return true;
    read_ = PositionOf(part.generation + 1, kHeaderWords);
  }
  return false;
}

// After a power cut a page may be missing in the middle, so free room is not the end.
bool DeadJournal::ReadPart(const Part& part, JournalRecord* record) {
  const SegmentKey key{birth_, part.generation};
  const std::uint64_t free = FreeTag(key);
  bool is_missing = false;  // something that was written
  bool is_gap = false;
  for (std::size_t at = std::max(WordOf(read_), kHeaderWords); at < kSegmentWords;) {
    const Look look = LookAt(key, part.segment.words, at, &record->bytes);
    if (look.found == Found::kFree) {
      is_gap = true;
      for (++at; at < kSegmentWords && part.segment.words[at].load(std::memory_order_relaxed) == free;) ++at;
      continue;
    }
    if (look.found == Found::kDamaged) {
      is_missing = is_missing || !is_gap;
    } else if (is_missing || (is_gap && look.found == Found::kRecord)) {
      ++record->damaged;
      is_missing = false;
    }
    if (look.found == Found::kRecord) {
      record->at = PositionOf(part.generation, at);
      read_ = record->end = PositionOf(part.generation, look.next);
      return true;
    }
    at = look.next;
  }
  if (is_missing) ++record->damaged;
  return false;
}

std::uint64_t DeadJournal::Count(bool (*counts)(std::string_view bytes)) const {
  DeadJournal copy = *this;
  std::uint64_t count = 0;
  JournalRecord record;
  while (copy.Next(&record)) {
    count += record.damaged;
    if (counts == nullptr || counts(record.bytes)) ++count;
  }
  return count + record.damaged;
}

Status DeadJournal::Remove() {
  Status status;
  for (const std::string& name : names_) {
    const Status removed = port_->Remove(name);
    if (status.ok() && !removed.ok()) status = removed;
  }
  parts_.clear();
  if (status.ok()) lock_.reset();
  return status;
}

}  // namespace guidon::events
