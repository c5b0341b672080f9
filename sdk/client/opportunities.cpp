#include "sdk/client/opportunities.h"

#include <algorithm>

#include "guidon/limits.h"

namespace guidon::client {
namespace {

bool IsBefore(const Opportunity& a, const Opportunity& b) noexcept {
  if (a.is_forced() != b.is_forced()) return a.is_forced();
  return a.priority != b.priority ? a.priority > b.priority : a.order < b.order;
}

}  // namespace

std::string Opportunities::Add(Opportunity opportunity) {
  Remove(opportunity.campaign, opportunity.is_forced());
  opportunity.order = added_++;
  list_.insert(std::upper_bound(list_.begin(), list_.end(), opportunity, IsBefore), std::move(opportunity));
  if (list_.size() <= limits::kOpportunities) return std::string();
  std::string dropped = std::move(list_.back().campaign);
  list_.pop_back();
  return dropped;
}

void Opportunities::Remove(std::string_view campaign, bool is_forced) {
  RemoveIf([&](const Opportunity& one) { return one.campaign == campaign && one.is_forced() == is_forced; });
}

Opportunity* Opportunities::Find(std::string_view campaign, bool is_forced) {
  const auto found = std::find_if(list_.begin(), list_.end(), [&](const Opportunity& one) {
    return one.campaign == campaign && one.is_forced() == is_forced;
  });
  return found == list_.end() ? nullptr : &*found;
}

Opportunity* Opportunities::NextAt(MonoTime now) {
  const auto found =
      std::find_if(list_.begin(), list_.end(), [now](const Opportunity& one) { return one.ask_at <= now; });
  return found == list_.end() ? nullptr : &*found;
}

MonoTime Opportunities::NextMoment(MonoTime now) const {
  MonoTime next = MonoTime::max();
  for (const Opportunity& one : list_) {
    next = std::min(next, one.until);
    if (one.ask_at > now) next = std::min(next, one.ask_at);
  }
  return next;
}

}  // namespace guidon::client
