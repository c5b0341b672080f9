#include "sdk/core/prompts/group_showings.h"

#include <algorithm>

#include "guidon/limits.h"

namespace guidon::prompts {
namespace {

class Sum {
 public:
  explicit Sum(Timestamp lost) : lost_(lost) {}

  void Add(const CampaignShowings& showings) {
    lost_ = std::max(lost_, showings.forgotten_before);
    out_.ever += showings.older;
    for (const Showing& showing : showings.list) {
      if (!showing.counts_ever()) continue;
      ++out_.ever;
      if (showing.counts_in_windows()) out_.began.push_back(showing.began);
      out_.last = std::max({out_.last, showing.began, showing.ended});
    }
  }

  GroupShowings Take() {
    if (lost_ != Timestamp::min()) {
      ++out_.ever;
      out_.began.push_back(lost_);
      out_.last = std::max(out_.last, lost_);
    }
    std::sort(out_.began.begin(), out_.began.end());
    if (out_.began.size() > limits::kCapCount) {
      out_.began.erase(out_.began.begin(), out_.began.end() - static_cast<std::ptrdiff_t>(limits::kCapCount));
    }
    return std::move(out_);
  }

 private:
  GroupShowings out_;
  Timestamp lost_;
};

}  // namespace

std::vector<GroupShowings> ShowingsByGroup(const ruleset::Ruleset& rules, const Showings& showings) {
  std::vector<Sum> sums(rules.groups.size(), Sum(showings.forgotten_before()));
  for (const auto& [key, shown] : showings.all()) {
    const ruleset::Campaign* campaign = rules.FindCampaign(key);
    for (std::size_t group = 0; group < sums.size(); ++group) {
      const bool is_in =
          rules.groups[group].key == ruleset::kGroupOfAll ||
          (campaign != nullptr && std::binary_search(campaign->groups.begin(), campaign->groups.end(), group));
      if (is_in) sums[group].Add(*shown);
    }
  }
  std::vector<GroupShowings> out;
  for (Sum& sum : sums) out.push_back(sum.Take());
  return out;
}

}  // namespace guidon::prompts
