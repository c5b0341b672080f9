#include "samples/collector/adoption.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "sdk/collector/record.h"

namespace guidon::collector {
namespace {

constexpr char kOtherValues[] = "other values";
constexpr char kNoValue[] = "not known";

class Computation {
 public:
  Computation(Database* database, Adoption* adoption) : database_(*database), adoption_(*adoption) {}

  void Run(const Published* newest, const People& people) {
    if (!people.last_ms) return;
    ReadActive(*people.last_ms - Adoption::kActiveDays * kDayMs);
    if (newest != nullptr) {
      for (const std::string& attribute : newest->event_attributes) ReadSegments(attribute);
      for (const auto& item : newest->campaigns) AddGoals(item.second.goals);
      for (const auto& item : newest->experiments) AddGoals(item.second.goals);
    }
    ReadUse();
    Order();
  }

 private:
  void ReadActive(std::int64_t after_ms) {
    Statement active =
        database_.Prepare(std::string("SELECT id FROM people AS p WHERE p.last_ms > ? AND ") + kCountedPerson);
    active.Int(after_ms);
    while (active.Row()) segments_of_.try_emplace(active.ColumnInt(0));
    adoption_.people = segments_of_.size();
  }

  void ReadSegments(const std::string& attribute) {
    std::map<std::string, std::vector<std::int64_t>> people_by_value;
    Statement traits = database_.Prepare("SELECT person, value FROM traits WHERE attribute = ?");
    traits.Text(attribute);
    std::uint64_t known = 0;
    while (traits.Row()) {
      if (segments_of_.count(traits.ColumnInt(0)) == 0) continue;
      people_by_value[std::string(traits.ColumnText(1))].push_back(traits.ColumnInt(0));
      ++known;
    }
    std::vector<const std::pair<const std::string, std::vector<std::int64_t>>*> values;
    for (const auto& item : people_by_value) values.push_back(&item);
    std::stable_sort(values.begin(), values.end(),
                     [](const auto* a, const auto* b) { return a->second.size() > b->second.size(); });
    std::size_t others = SIZE_MAX;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i < Adoption::kMostValues) {
        adoption_.segments.push_back({attribute, values[i]->first, Segment::Kind::kValue, 0});
      } else if (i == Adoption::kMostValues) {
        others = adoption_.segments.size();
        adoption_.segments.push_back({attribute, kOtherValues, Segment::Kind::kOther, 0});
      }
      const std::size_t segment = std::min(others, adoption_.segments.size() - 1);
      for (const std::int64_t person : values[i]->second) Put(person, segment);
    }
    if (known == adoption_.people) return;
    const std::size_t none = adoption_.segments.size();
    adoption_.segments.push_back({attribute, kNoValue, Segment::Kind::kNone, 0});
    for (auto& item : segments_of_) {
      // Whoever has no segment of this attribute yet.
      const bool has_one = std::any_of(item.second.begin(), item.second.end(), [&](std::uint32_t segment) {
        return adoption_.segments[segment].attribute == attribute;
      });
      if (!has_one) Put(item.first, none);
    }
  }

  void Put(std::int64_t person, std::size_t segment) {
    segments_of_[person].push_back(static_cast<std::uint32_t>(segment));
    ++adoption_.segments[segment].people;
  }

  void AddGoals(const std::vector<PublishedGoal>& goals) {
    for (const PublishedGoal& goal : goals) {
      if (Find(goal.event) != nullptr) continue;
      adoption_.features.push_back({goal.event, true, {}, {}});
    }
  }

  FeatureAdoption* Find(std::string_view event) {
    for (FeatureAdoption& feature : adoption_.features) {
      if (feature.event == event) return &feature;
    }
    return nullptr;
  }

  // The rows come by name and person, so that each pair's first row is known by the row before.
  void ReadUse() {
    Statement did = database_.Prepare("SELECT name, person FROM daily WHERE kind = ? ORDER BY name, person");
    did.Int(static_cast<int>(RecordKind::kTracked));
    std::string name;
    std::int64_t person = -1;
    FeatureAdoption current;
    while (did.Row()) {
      if (did.ColumnText(0) != name) {
        Take(std::move(current));
        name = did.ColumnText(0);
        current = FeatureAdoption{name, false, {}, std::vector<Used>(adoption_.segments.size())};
        person = -1;
      }
      if (did.ColumnInt(1) == person) continue;
      person = did.ColumnInt(1);
      const auto found = segments_of_.find(person);
      if (found == segments_of_.end()) continue;
      ++current.all.used;
      for (const std::uint32_t segment : found->second) ++current.by_segment[segment].used;
    }
    Take(std::move(current));
  }

  void Take(FeatureAdoption feature) {
    if (feature.event.empty() || feature.all.used == 0) return;
    if (FeatureAdoption* goal = Find(feature.event)) {
      feature.is_goal = true;
      *goal = std::move(feature);
    } else {
      others_.push_back(std::move(feature));
    }
  }

  void Order() {
    std::stable_sort(others_.begin(), others_.end(),
                     [](const auto& a, const auto& b) { return a.all.used > b.all.used; });
    for (FeatureAdoption& feature : others_) adoption_.features.push_back(std::move(feature));
    if (adoption_.features.size() > Adoption::kMostFeatures) {
      adoption_.features_left_out = adoption_.features.size() - Adoption::kMostFeatures;
      adoption_.features.resize(Adoption::kMostFeatures);
    }
    for (FeatureAdoption& feature : adoption_.features) {
      feature.all.people = adoption_.people;
      feature.by_segment.resize(adoption_.segments.size());
      for (std::size_t i = 0; i < adoption_.segments.size(); ++i) {
        feature.by_segment[i].people = adoption_.segments[i].people;
      }
    }
  }

  Database& database_;
  Adoption& adoption_;
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> segments_of_;  // of each person active
  std::vector<FeatureAdoption> others_;
};

}  // namespace

Adoption ComputeAdoption(Database* database, const Published* newest, const People& people) {
  Adoption adoption;
  Computation(database, &adoption).Run(newest, people);
  return adoption;
}

}  // namespace guidon::collector
