// A collector in a folder of its own, without HTTP, and a way to say events in one line each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/archive.h"
#include "samples/collector/ingest.h"
#include "samples/collector/results.h"
#include "samples/collector/store.h"

namespace guidon::collector {

inline constexpr std::int64_t kNow = 1'790'000'000'000;
inline constexpr std::int64_t kDay = 86'400'000;

// A datafile with the experiment "button" (iteration 2, a over the first half of the split and b over the second, goals
// "shared" within 7d and "opened" without an end), the holdout "quiet" over a tenth, and the campaign "try-share"
// (iteration 3, a fifth held out, goal "shared" within 7d), which asks score (nps), stars (csat), plan (choice of free
// and pro), like (choices of speed and price) and why (text).
std::string Datafile(int version = 1, std::string_view replace = {}, std::string_view by = {});

// The variant of "button" that the datafile gives a unit.
std::string ArmOf(const std::string& unit);
// "unit-N" for the first N from `from` on that meets that arm.
std::string UnitIn(const std::string& arm, int from = 0);

// The arm of "try-share" that the datafile gives a unit, and the first units of the form "unit-N" that reach an arm.
std::string CampaignArmOf(const std::string& unit);
std::vector<std::string> UnitsReaching(const std::string& arm, std::size_t count);

struct Event {
  std::string id;
  std::string event_name = "guidon.event";
  std::int64_t time_ms = kNow;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<std::pair<std::string, std::int64_t>> ints;
  std::vector<std::pair<std::string, std::string>> values;  // as OTLP writes them, in JSON
  bool is_forced = false;
  bool is_sticky = false;
  bool is_first = false;
  std::optional<double> propensity;
  std::optional<double> number;

  Event& Text(std::string name, std::string value);
  Event& Int(std::string name, std::int64_t value);
  Event& At(std::int64_t ms);
  Event& Forced(std::string by = {});
  Event& Sticky();
  Event& First();
  Event& Propensity(double of_variant);
  Event& Value(double of_event);
  Event& Sequence(std::int64_t n) { return Int("guidon.seq", n); }
};

Event Tracked(std::string id, const std::string& unit, std::string name);
// In the arm that the datafile gives the unit, or in the one named.
Event Exposure(std::string id, const std::string& unit, std::string arm = {});
Event HoldoutExposure(std::string id, const std::string& unit, std::string variant);

// A step of a showing of "try-share", in the arm that the datafile gives the unit.
Event Step(std::string id, const std::string& unit, std::string what, std::string prompt_id = {});

// An answer in a unit's showing, as OTLP writes it in JSON, or a free text.
Event AnswerTo(std::string id, const std::string& unit, std::string question, std::string value, int number = 1);
std::string ScoreValue(int score);
std::string OptionValue(std::string_view id);
std::string OptionsValue(const std::vector<std::string>& ids);

struct Got {
  std::string flag, variant, reason;  // without a variant: the fallback
};
Event Summary(std::string id, const std::vector<Got>& evaluations);
// The OTLP value of its list.
std::string EvaluationsValue(const std::vector<Got>& evaluations);

std::string Body(const std::vector<Event>& events, std::string_view installation = "install-1");

class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  void Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

class World {
 public:
  explicit World(bool any_time = false);

  Answer Post(const std::vector<Event>& events, std::string_view installation = "install-1") {
    return ingest->Receive(Body(events, installation), false, kNow);
  }
  Results Count();
  // The first row's first column.
  std::int64_t Ask(std::string_view sql);
  std::string AskText(std::string_view sql);

  Folder folder;
  std::unique_ptr<Store> store;
  std::unique_ptr<Database> reader;
  std::unique_ptr<Archive> archive;
  std::unique_ptr<Ingest> ingest;
};

}  // namespace guidon::collector
