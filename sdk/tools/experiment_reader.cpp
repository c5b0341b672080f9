#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr const char* kAudiencesExample =
    "{ \"power-users\": { \"when\": \"segment('power-users')\", \"percent\": 100 } }";

class ExperimentReader {
 public:
  ExperimentReader(const Members& members, const Located& at, Timestamp now) : members_(members), at_(at), now_(now) {}

  SourceExperiment Run() {
    experiment_.name = at_.name;
    experiment_.at = &at_;
    if (!members_.Want(at_, json::Type::kObject, "{ \"percent\": 50, \"variants\": { … } }"))
      return std::move(experiment_);
    members_.CheckKnown(at_,
                        {"about",     "hypothesis", "owner",     "decide_by", "status",    "layer",     "iteration",
                         "percent",   "when",       "starts_at", "ends_at",   "protected", "variants",  "weights",
                         "audiences", "sticky",     "ship",      "kpi",       "goals",     "guardrails"},
                        "an experiment",
                        {{"audience", "write \"audiences\": { \"name\": { \"when\": …, \"percent\": 100 } }"},
                         {"segments", "write \"audiences\": { \"name\": { \"when\": …, \"percent\": 100 } }"},
                         {"winner", "write \"status\": \"ended\", \"ship\": { \"variant\": …, \"percent\": 20 }"},
                         {"guardrail", "write \"guardrails\": [\"no more error_shown within 10m\"]"},
                         {"persistent", "write \"sticky\": \"exposed\""}});
    ReadRun(members_, at_, now_, "an experiment", "nobody is in it", &experiment_);
    experiment_.layer = members_.Text(at_, "layer").value_or("default");
    if (const Located* percent = at_.Find("percent")) {
      experiment_.size = members_.Percent(*percent).value_or(0);
    } else if (experiment_.IsLive()) {
      problems().ErrorAtName("missing-member", at_, "\"percent\" is missing",
                             "write \"percent\": the share of the layer that takes part");
    }
    ReadVariants();
    const std::vector<double> weights = ReadWeights(members_, at_, VariantNames());
    for (std::size_t i = 0; i < weights.size(); ++i) experiment_.variants[i].weight = weights[i];
    if (const Located* audiences = at_.Find("audiences")) ReadAudiences(*audiences);
    ReadSticky();
    if (const Located* ship = at_.Find("ship")) ReadShip(*ship);
    ReadExperimentGoals();
    ReadGuardrails(members_, at_, &experiment_);
    return std::move(experiment_);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadVariants() {
    const Located* variants = at_.Find("variants");
    if (variants == nullptr) {
      problems().ErrorAtName("missing-member", at_, "\"variants\" is missing",
                             "write \"variants\": { \"control\": { \"flag\": … }, \"new\": { \"flag\": … } }");
      return;
    }
    if (!members_.Want(*variants, json::Type::kObject, "{ \"control\": { \"flag\": … }, \"new\": { \"flag\": … } }"))
      return;
    if (variants->items.size() > limits::kVariants) {
      problems().Error("too-many", *variants, "more than 32 variants", "test fewer at once");
    }
    for (const Located& item : variants->items) {
      members_.CheckName(item.name, item, true, "variant");
      if (item.name == "off" || item.name == "unassigned") {
        problems().ErrorAtName("reserved-name", item, "'" + item.name + "' is what QA forces to be in no variant",
                               "give the variant another name, such as 'control'");
      }
      if (!members_.Want(item, json::Type::kObject, "{ \"flag\": value }")) continue;
      experiment_.variants.push_back({item.name, 1, &item});
    }
    CheckVariantCount(*variants);
    // What others are compared with comes first, wherever it stands in the source.
    std::stable_partition(experiment_.variants.begin(), experiment_.variants.end(),
                          [](const SourceVariant& variant) { return variant.name == "control"; });
  }

  void CheckVariantCount(const Located& variants) {
    if (variants.items.size() < 2) {
      problems().Error("one-variant", variants,
                       variants.items.empty() ? "the experiment has no variants"
                                              : "the experiment has one variant, so there is nothing to compare",
                       "add a variant; to give one value to a share of people use a rule with \"percent\"");
    } else if (variants.Find("control") == nullptr) {
      problems().Warning(
          "no-control", variants,
          "no variant is called 'control', so the others are compared with the first, '" + variants.items[0].name + "'",
          "name the variant that changes nothing 'control'");
    }
  }

  std::vector<std::string_view> VariantNames() const {
    std::vector<std::string_view> names;
    for (const SourceVariant& variant : experiment_.variants) names.push_back(variant.name);
    return names;
  }

  void ReadAudiences(const Located& at) {
    if (!members_.Want(at, json::Type::kObject, kAudiencesExample)) return;
    if (at.items.size() > limits::kAudiences) {
      problems().Error("too-many", at, std::to_string(at.items.size()) + " audiences, and at most 16 are allowed",
                       "join some; what suits only a few is a rule of the flag");
    }
    for (const Located& item : at.items) {
      members_.CheckName(item.name, item, true, "audience");
      if (!members_.Want(item, json::Type::kObject, "{ \"when\": \"segment('power-users')\", \"percent\": 100 }"))
        continue;
      members_.CheckKnown(item, {"about", "when", "percent", "weights"}, "an audience",
                          {{"segment", "write \"when\": \"segment('power-users')\""},
                           {"share", "write \"percent\""},
                           {"variants", "an audience has \"weights\"; what variants do is the same for all"}});
      members_.Text(item, "about");
      SourceAudience audience;
      audience.name = item.name;
      audience.at = &item;
      audience.size = experiment_.size;
      if (const Located* when = item.Find("when")) {
        audience.when = members_.Condition(*when);
      } else {
        problems().ErrorAtName("missing-member", item, "\"when\" is missing, so nobody knows who is in this audience",
                               "write \"when\": \"segment('power-users')\"");
      }
      if (const Located* percent = item.Find("percent")) audience.size = members_.Percent(*percent).value_or(0);
      audience.weights = ReadWeights(members_, item, VariantNames());
      experiment_.audiences.push_back(std::move(audience));
    }
  }

  void ReadSticky() {
    const Located* at = at_.Find("sticky");
    if (at == nullptr) return;
    experiment_.is_sticky = at->Text() == "exposed";
    if (experiment_.is_sticky || at->Text() == "none") return;
    const bool is_none = at->is(json::Type::kBool) && !*at->value.AsBool();
    problems().Error("unknown-sticky", *at, "there is no way to be sticky called " + Describe(*at),
                     is_none ? "write \"none\", or leave it out"
                             : "write \"exposed\": whoever was exposed keeps the variant; or leave it out");
  }

  void ReadShip(const Located& at) {
    const std::string variant = at.is(json::Type::kString) ? std::string(at.Text()) : "labelled";
    if (!members_.Want(at, json::Type::kObject, "{ \"variant\": \"" + variant + "\", \"percent\": 20 }")) return;
    members_.CheckKnown(at, {"about", "variant", "percent"}, "what ships",
                        {{"winner", "write \"variant\""}, {"to", "write \"percent\""}});
    members_.Text(at, "about");
    SourceShip ship;
    ship.at = &at;
    if (experiment_.status != RunStatus::kEnded) {
      problems().Error("ship-before-end", at,
                       "the experiment is " + std::string(StatusName(experiment_.status)) +
                           ", and only one that has ended ships its winner",
                       "write \"status\": \"ended\", or remove \"ship\" until then");
    }
    for (const char* member : {"variant", "percent"}) {
      if (at.Find(member) != nullptr) continue;
      problems().Error("missing-member", at, std::string("\"") + member + "\" is missing",
                       "write both: the winner, and the percentage of all others that gets it, 100 for everybody");
    }
    if (const std::optional<std::string> name = members_.Text(at, "variant")) {
      ship.variant = *name;
      if (experiment_.FindVariant(*name) == nullptr) {
        problems().Error("unknown-variant", *at.Find("variant"), "there is no variant '" + *name + "'",
                         Suggest(*name, VariantNames(), "write one of its variants"));
      }
    }
    if (const Located* percent = at.Find("percent")) ship.size = members_.Percent(*percent).value_or(0);
    experiment_.ship = std::move(ship);
  }

  void ReadExperimentGoals() {
    const Located* goals = at_.Find("goals");
    if (goals != nullptr && !(goals->is(json::Type::kArray) && goals->items.empty())) {
      ReadGoals(members_, *goals, &experiment_);
      for (const SourceGoal& goal : experiment_.goals) CheckGoalIsDirect(members_, goal);
    } else if (experiment_.IsLive()) {
      problems().Warning("no-goal", at_, "the experiment has no goal, so nothing says who won",
                         "write \"goals\": [\"file_shared within 7d\"]");
    }
  }

  const Members& members_;
  const Located& at_;
  Timestamp now_;
  SourceExperiment experiment_;
};

}  // namespace

void ReadExperiments(const Members& members, const Located& at, Timestamp now, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"my-test\": { \"percent\": 50, \"variants\": { … } } }")) return;
  for (const Located& item : at.items) out->experiments.push_back(ExperimentReader(members, item, now).Run());
}

}  // namespace guidon::tools
