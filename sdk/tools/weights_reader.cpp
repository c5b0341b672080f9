// Shares of variants, of experiments and campaigns alike.
#include <algorithm>
#include <cmath>

#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

void CheckWeightSum(const Members& members, const Located& weights, double sum, bool is_even) {
  if (sum <= 0) {
    members.problems().Error("weight-sum", weights, "the weights add up to nothing",
                             "give at least two variants a share");
  } else if (!is_even && sum > 50 && sum < 150 && std::fabs(sum - 100) > 1e-9) {
    members.problems().Warning("weight-sum", weights,
                               "the weights add up to " + Shown(Value(sum)) + " and are taken as parts of that",
                               "make them add up to 100 if they are percentages");
  }
}

}  // namespace

std::vector<double> ReadWeights(const Members& members, const Located& of,
                                const std::vector<std::string_view>& variants) {
  const Located* weights = of.Find("weights");
  std::vector<double> out;
  if (weights == nullptr || !members.Want(*weights, json::Type::kObject, "{ \"control\": 80, \"new\": 20 }")) {
    return out;
  }
  out.resize(variants.size(), 1);
  double sum = 0;
  bool is_even = true;
  bool is_complete = true;
  for (const Located& weight : weights->items) {
    const auto variant = std::find(variants.begin(), variants.end(), weight.name);
    if (variant == variants.end()) {
      members.problems().ErrorAtName("unknown-variant", weight, "there is no variant '" + weight.name + "'",
                                     Suggest(weight.name, variants, ""));
    } else if (!weight.IsNumber() || weight.Number() < 0 || weight.Number() > 1'000'000) {
      members.problems().Error("bad-weight", weight, "a weight is a number from 0 up, and this is " + Describe(weight),
                               "write parts such as 50 and 50, or 4 and 1");
      is_complete = false;
    } else {
      out[static_cast<std::size_t>(variant - variants.begin())] = weight.Number();
      is_even = is_even && weight.Number() == weights->items[0].Number();
      if (weight.Number() == 0) {
        members.problems().Warning("zero-weight", weight, "nobody gets this variant",
                                   "give it a share, or remove it in a new iteration");
      }
    }
    if (weight.IsNumber()) sum += weight.Number();
  }
  for (const std::string_view variant : variants) {
    if (weights->Find(variant) != nullptr) continue;
    members.problems().Error("missing-weight", *weights, "the variant '" + std::string(variant) + "' has no weight",
                             "give every variant one, or leave \"weights\" out for equal shares");
    is_complete = false;
  }
  if (is_complete) CheckWeightSum(members, *weights, sum, is_even);
  return is_complete && sum > 0 ? out : std::vector<double>();
}

}  // namespace guidon::tools
