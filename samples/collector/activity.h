// What people did, added up as events arrive, so that the results page never reads all of them.
//
// A person is a device: the `device` unit of the event, else the unit it buckets when that is a device, else the
// installation. What the client tells of itself (losses, deletion requests, evaluation
// summaries) is not being active; everything else is.
//
// Whoever was forced once is marked with all units the event named, and results leave the marked out: also with what
// they did before, and did later.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "samples/collector/database.h"
#include "sdk/collector/record.h"

namespace guidon::collector {

// Kind of a row of `forcings` that is an override itself, not what was met. Permanent.
inline constexpr int kOverride = 0;

// Adds up what one request brings, and writes each row once. Within a transaction of the caller's.
class Activity {
 public:
  explicit Activity(Database* database);
  ~Activity();

  void Add(const Record& record);
  void Write();

 private:
  struct Person;
  struct Statements;
  using PersonKey = std::pair<std::string, std::string>;  // unit kind, empty for an installation; id

  void AddForced(const Record& record, Person* person);
  void WritePerson(const PersonKey& key, const Person& person);
  void WriteForced(std::int64_t id, const Person& person);

  std::map<PersonKey, Person> people_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace guidon::collector
