#include "sdk/events/inbox.h"

#include <algorithm>
#include <new>
#include <utility>

namespace guidon::events {
namespace {

std::size_t Weigh(const Value& value) {
  std::size_t sum = sizeof(Value);
  if (const std::string* text = value.AsString()) sum += text->size();
  if (const List* list = value.AsList()) {
    for (const Value& item : *list) sum += Weigh(item);
  }
  if (const Object* object = value.AsObject()) {
    for (const Member& member : *object) sum += sizeof(Member) + member.name.size() + Weigh(member.value);
  }
  return sum;
}

std::size_t Weigh(const Fact& fact) {
  std::size_t sum = sizeof(Fact) + fact.name.size();
  for (const auto& entry : fact.properties) sum += entry.first.size() + Weigh(entry.second);
  for (const auto& entry : fact.attributes) sum += entry.first.size() + Weigh(entry.second);
  for (const Context::UnitId& unit : fact.units) sum += sizeof unit + unit.kind.size() + unit.id.size();
  if (fact.prompt) sum += fact.prompt->id.size() + fact.prompt->button.size() + fact.prompt->trigger.size();
  return sum;
}

}  // namespace

struct Inbox::Node {
  Waiting waiting;
  Node* next = nullptr;
};

Inbox::~Inbox() { Take(); }

bool Inbox::Append(Fact&& fact, bool* was_empty, std::uint64_t after) noexcept {
  const std::size_t weight = fact.identity ? 0 : Weigh(fact);
  const std::size_t most = limits::kInboxFacts + (fact.identity ? kIdentityChanges : 0);
  const bool has_room = facts_.fetch_add(1, std::memory_order_relaxed) < most;
  const bool has_bytes = bytes_.fetch_add(weight, std::memory_order_relaxed) + weight <= kInboxBytes;
  Node* node = has_room && has_bytes ? new (std::nothrow) Node : nullptr;
  if (node == nullptr) {
    Release(1, weight);
    return false;
  }
  node->waiting.fact = std::move(fact);
  node->waiting.weight = weight;
  node->waiting.after = after;
  // Counted before it can be taken, so that nobody takes more than was appended.
  appended_.fetch_add(1, std::memory_order_acq_rel);
  Node* head = head_.load(std::memory_order_relaxed);
  do {
    node->next = head;
  } while (!head_.compare_exchange_weak(head, node, std::memory_order_release, std::memory_order_relaxed));
  *was_empty = head == nullptr;
  return true;
}

std::vector<Inbox::Waiting> Inbox::Take() {
  std::vector<Waiting> taken;
  for (Node* node = head_.exchange(nullptr, std::memory_order_acquire); node != nullptr;) {
    Node* next = node->next;
    taken.push_back(std::move(node->waiting));
    delete node;
    node = next;
  }
  std::reverse(taken.begin(), taken.end());
  return taken;
}

void Inbox::Release(std::size_t facts, std::size_t bytes) noexcept {
  facts_.fetch_sub(facts, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace guidon::events
