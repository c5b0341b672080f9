#include "sdk/events/losses.h"

#include <algorithm>

namespace guidon::events {

void AddAll(const Counts& from, Counts* to) {
  for (const auto& entry : from) Add(to, entry.first, entry.second);
}

std::uint64_t Sum(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const auto& entry : counts) sum += entry.second;
  return sum;
}

std::vector<Ledger::Loss> ToLosses(const Counts& counts) {
  std::vector<Ledger::Loss> losses;
  losses.reserve(counts.size());
  for (const auto& entry : counts) losses.push_back({entry.first, entry.second});
  return losses;
}

Fact MakeLossReport(const Counts& lost, const Counts& refused, const Counts& reported) {
  Counts total = lost;
  total.erase(std::string(kConsentWithdrawn));
  for (const std::string_view cause : {kInboxFull, kInvalid}) {
    const auto found = refused.find(cause);
    if (found != refused.end()) Add(&total, cause, found->second);
  }
  Fact report;
  report.kind = EventKind::kLossReport;
  for (const auto& entry : total) {
    const auto before = reported.find(entry.first);
    const std::uint64_t told = before == reported.end() ? 0 : before->second;
    if (entry.second > told) report.properties.emplace_back(entry.first, Value(entry.second - told));
  }
  if (!report.properties.empty()) report.name = "guidon.loss_report";
  return report;
}

void MarkReported(const Fact& report, Counts* reported) {
  for (const auto& entry : report.properties) {
    const std::int64_t* count = entry.second.AsInt();
    if (count != nullptr && *count > 0) Add(reported, entry.first, static_cast<std::uint64_t>(*count));
  }
}

}  // namespace guidon::events
