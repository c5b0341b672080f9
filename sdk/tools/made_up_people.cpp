#include "sdk/tools/made_up_people.h"

#include <algorithm>
#include <map>
#include <set>

namespace guidon::tools {
namespace {

using Doing = TimelineStep::Kind;

constexpr std::int64_t kOneSecondMs = 1'000;
constexpr std::int64_t kOneMinuteMs = 60 * kOneSecondMs;
constexpr std::int64_t kWakingFrom = 7 * 60 * kOneMinuteMs;
constexpr std::int64_t kWakingFor = 16 * 60;  // minutes
constexpr std::size_t kMostSessions = 8;      // in a day
constexpr std::size_t kMostDeeds = 40;        // in a session

using Values = std::map<std::string, std::vector<Value>, std::less<>>;

void AddValue(std::vector<Value>* out, const Value& value) {
  if (std::find(out->begin(), out->end(), value) == out->end()) out->push_back(value);
}

void AddAround(json::Node constant, std::vector<Value>* out) {
  const Value value = constant.ToValue();
  AddValue(out, value);
  if (const std::int64_t* number = value.AsInt()) {
    const bool may_go_on = *number > INT64_MIN / 2 && *number < INT64_MAX / 2;
    if (may_go_on) AddValue(out, Value(*number - 1));
    if (may_go_on) AddValue(out, Value(*number + 1));
  } else if (const double* real = value.AsDouble()) {
    AddValue(out, Value(*real - 1));
    AddValue(out, Value(*real + 1));
  } else if (const bool* truth = value.AsBool()) {
    AddValue(out, Value(!*truth));
  } else {
    AddValue(out, Value("other"));
  }
}

// What one comparison asks of an attribute.
void AddComparison(json::Node condition, std::vector<Value>* out) {
  for (const char* member : {"value", "version", "date"}) {
    if (condition[member].exists()) AddAround(condition[member], out);
  }
  if (condition["values"].exists() && !condition["hashed"].exists()) {
    for (const json::Node value : condition["values"]) AddAround(value, out);
  }
  if (out->empty()) AddValue(out, Value("other"));
}

// Everything in a published datafile that names an event, or compares an attribute or a property.
class Walk {
 public:
  // `event`: whose properties conditions in here ask; empty: none's.
  void Into(json::Node node, const std::string& event) {
    if (node.type() == json::Type::kArray) {
      for (const json::Node item : node) Into(item, event);
    }
    if (node.type() != json::Type::kObject) return;
    for (const char* member : {"event", "count", "active_days"}) AddEvent(node[member]);
    for (const json::Node name : node["cancel_on"]) AddEvent(name);
    if (const auto screen = node["screen"].AsString()) screens_.emplace(*screen);
    const auto attribute = node["attribute"].AsString();
    const bool is_property = node["kind"].AsString() == "event";
    if (attribute && is_property && !event.empty()) AddComparison(node, &events_[event][std::string(*attribute)]);
    if (attribute && !is_property && !node["kind"].exists()) AddComparison(node, &attributes_[std::string(*attribute)]);
    const auto own = node["op"].exists() ? std::nullopt : node["event"].AsString();
    for (const json::Node member : node) Into(member, own ? std::string(*own) : event);
  }
  void AddEvent(json::Node name) {
    if (const auto text = name.AsString()) events_[std::string(*text)];
  }
  void AddEvent(const std::string& name) { events_[name]; }
  // Nobody tracks what rules call so.
  void Forget(const std::string& name) { events_.erase(name); }

  Repertoire Take() const {
    Repertoire out;
    for (const auto& [name, properties] : events_) out.events.push_back({name, ChoicesOf(properties)});
    out.attributes = ChoicesOf(attributes_);
    out.screens.assign(screens_.begin(), screens_.end());
    return out;
  }

 private:
  static std::vector<Repertoire::Choice> ChoicesOf(const Values& values) {
    std::vector<Repertoire::Choice> out;
    for (const auto& [name, choices] : values) out.push_back({name, choices});
    return out;
  }
  std::map<std::string, Values> events_;
  Values attributes_;
  std::set<std::string> screens_;
};

std::vector<std::pair<std::string, Value>> Draw(const std::vector<Repertoire::Choice>& choices, Dice* dice) {
  std::vector<std::pair<std::string, Value>> out;
  for (const Repertoire::Choice& choice : choices) {
    out.emplace_back(choice.name, choice.values[dice->Below(choice.values.size())]);
  }
  return out;
}

// One person's life with the app.
class Life {
 public:
  Life(const Repertoire& repertoire, Dice dice, std::string person)
      : repertoire_(repertoire), dice_(dice), person_(std::move(person)) {
    // Some look in once a fortnight, some live here.
    static constexpr double kVisits[] = {0.07, 0.15, 0.3, 0.5, 1, 1, 2, 3};
    visits_ = kVisits[dice_.Below(8)];
    for (std::size_t i = 0; i < repertoire_.events.size(); ++i) {
      const std::size_t weight = std::size_t{1} << dice_.Below(5);
      favourites_.insert(favourites_.end(), weight, i);
    }
  }

  std::vector<TimelineStep> Live(int days, Timestamp from, Duration utc_offset) {
    const auto first = static_cast<int>(dice_.Below(static_cast<std::uint64_t>(days + 1) / 2 + 1));
    for (int day = std::min(first, days - 1); day < days; ++day) {
      const Timestamp morning = from + Duration(day * std::int64_t{86'400'000} + kWakingFrom) - utc_offset;
      std::set<std::int64_t> minutes;
      if (out_.empty()) minutes.insert(static_cast<std::int64_t>(dice_.Below(kWakingFor)));
      for (std::size_t i = 0; i < kMostSessions; ++i) {
        if (dice_.Happens(visits_ / kMostSessions)) {
          minutes.insert(static_cast<std::int64_t>(dice_.Below(kWakingFor)));
        }
      }
      for (const std::int64_t minute : minutes) Visit(std::max(morning + Duration(minute * kOneMinuteMs), busy_until_));
    }
    return std::move(out_);
  }

 private:
  TimelineStep& Add(Timestamp at, Doing what) {
    TimelineStep& step = out_.emplace_back();
    step.at = at;
    step.user = person_;
    step.kind = what;
    return step;
  }

  void Track(Timestamp at, const Repertoire::Event& event) {
    TimelineStep& step = Add(at, Doing::kEvent);
    step.name = event.name;
    step.values = Draw(event.properties, &dice_);
  }

  void Visit(Timestamp at) {
    if (out_.empty()) {
      if (!repertoire_.attributes.empty()) Add(at, Doing::kAttributes).values = Draw(repertoire_.attributes, &dice_);
    }
    Add(at, Doing::kForeground);
    const auto opened = std::find_if(repertoire_.events.begin(), repertoire_.events.end(),
                                     [](const Repertoire::Event& event) { return event.name == "app_open"; });
    if (opened != repertoire_.events.end()) Track(at, *opened);
    for (std::size_t i = 0; i < kMostDeeds && dice_.Happens(0.85); ++i) {
      at += Duration(static_cast<std::int64_t>(3 + dice_.Below(60)) * kOneSecondMs);
      if (!repertoire_.screens.empty() && dice_.Happens(0.3)) {
        Add(at, Doing::kScreen).name = repertoire_.screens[dice_.Below(repertoire_.screens.size())];
      } else if (!favourites_.empty()) {
        Track(at, repertoire_.events[favourites_[dice_.Below(favourites_.size())]]);
      }
    }
    at += Duration(static_cast<std::int64_t>(5 + dice_.Below(120)) * kOneSecondMs);
    Add(at, Doing::kBackground);
    busy_until_ = at + Duration(kOneMinuteMs);
  }

  const Repertoire& repertoire_;
  Dice dice_;
  const std::string person_;
  double visits_ = 1;                    // on a day
  std::vector<std::size_t> favourites_;  // events, each as often as it is liked
  Timestamp busy_until_ = Timestamp::min();
  std::vector<TimelineStep> out_;
};

}  // namespace

std::uint64_t Dice::Next() {
  state_ += 0x9E3779B97F4A7C15u;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

Repertoire RepertoireOf(json::Node published, const std::vector<std::string>& more) {
  Walk walk;
  for (const char* member : {"counts", "campaigns", "segments"}) walk.Into(published[member], {});
  for (const json::Node count : published["counts"]) walk.Forget(std::string(count.name()));
  for (const std::string& event : more) walk.AddEvent(event);
  return walk.Take();
}

std::vector<TimelineStep> MakeUp(const Repertoire& repertoire, std::uint64_t seed, std::uint64_t person, int days,
                                 Timestamp from, Duration utc_offset) {
  Dice of_seed(seed);
  const Dice dice(of_seed.Next() ^ (person + 1) * 0xD1342543DE82EF95u);
  std::string digits = std::to_string(person + 1);
  digits.insert(0, 6 - std::min<std::size_t>(6, digits.size()), '0');
  return Life(repertoire, dice, "person-" + digits).Live(days, from, utc_offset);
}

}  // namespace guidon::tools
