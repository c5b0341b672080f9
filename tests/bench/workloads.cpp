#include "tests/bench/workloads.h"

#include <cstdint>
#include <cstdio>
#include <utility>

namespace guidon::bench {
namespace {

const char kCountries[] = R"(["FR","IT","ES","PT","NL","BE","AT","PL","CZ","DE"])";
const char kPlatforms[] = R"(["ios","windows","macos","linux","web","tvos","tizen","webos","fireos","roku"])";

std::string In(const char* attribute, const char* values) {
  return std::string(R"({"op":"in","attribute":")") + attribute + R"(","values":)" + values + "}";
}
std::string Is(const char* attribute, const char* value) {
  return std::string(R"({"op":"==","attribute":")") + attribute + R"(","value":")" + value + "\"}";
}
std::string FromVersion(const char* version) {
  return std::string(R"({"op":">=","attribute":"appVersion","version":")") + version + "\"}";
}
std::string Rule(int id, const std::string& a, const std::string& b) {
  return R"({"id":"r)" + std::to_string(id) + R"(","when":{"op":"and","of":[)" + a + "," + b + R"(]},"serve":true})";
}

std::string FiveRules() {
  return Rule(1, In("platform", kPlatforms), FromVersion("5.0.0")) + "," +
         Rule(2, Is("plan", "pro"), FromVersion("5.0.0")) + "," +
         Rule(3, In("country", kCountries), R"({"op":"<","attribute":"age","value":30})") + "," +
         Rule(4, Is("platform", "ios"), In("country", kCountries)) + "," +
         Rule(5, In("country", kCountries), FromVersion("4.10.0"));
}

std::string Split(const std::string& key) {
  return R"("rollout":{"unit":"account","salt":")" + key +
         R"(.1","split":[)"
         R"({"slots":[[0,330000]],"serve":"control"},{"slots":[[330000,660000]],"serve":"variant-one"},)"
         R"({"slots":[[660000,1000000]],"serve":"variant-two"}]})";
}

std::string FlagOf(std::size_t index) {
  const std::string key = FlagKey(index);
  const std::string head = "\"" + key + R"(":{"type":)";
  switch (index % 4) {
    case 0: return head + R"("bool","default":true})";
    case 1: return head + R"("bool","default":false,"rules":[)" + FiveRules() + "]}";
    case 2: return head + R"("string","default":"none","rules":[{"id":"r1",)" + Split(key) + "}]}";
    default:
      return head + R"("string","default":"none","rules":[{"id":"r1","when":{"op":"and","of":[)" +
             In("country", kCountries) + "," + FromVersion("4.10.0") +
             R"(,{"op":">","attribute":"age","value":18},{"op":"segment","segment":"staff"}]},)" + Split(key) + "}]}";
  }
}

}  // namespace

std::string FlagKey(std::size_t flag) {
  char key[32];
  std::snprintf(key, sizeof key, "checkout-redesign-%06zu", flag);
  return key;
}

std::vector<std::string> ShuffledKeys() {
  std::vector<std::string> keys;
  std::uint64_t state = 1;
  std::vector<std::size_t> order(kFlagCount);
  for (std::size_t i = 0; i < kFlagCount; ++i) order[i] = i;
  for (std::size_t i = kFlagCount - 1; i > 0; --i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::swap(order[i], order[(state >> 33) % (i + 1)]);
  }
  for (const std::size_t i : order) keys.push_back(FlagKey(i));
  return keys;
}

std::string Datafile() {
  std::string text =
      R"({"format":"guidon/1","project":"bench","environment":"test","epoch":1,"version":1,)"
      R"("issued_at":"2026-11-18T10:00:00Z","layers":{"l":{"unit":"account","salt":"l.1"}},)"
      R"("segments":{"staff":{"op":"ends_with","attribute":"email","value":"@example.com"}},)"
      R"("experiments":{"e":{"iteration":1,"status":"running","layer":"l","slots":[[0,1000000]],"salt":"e.1",)"
      R"("variants":{"a":{"slots":[[0,500000]],"flags":{"experiment":true}},)"
      R"("b":{"slots":[[500000,1000000]],"flags":{"experiment":false}}}}},)"
      R"("flags":{"experiment":{"type":"bool","default":false,"rules":[{"id":"r","experiment":"e"}]})";
  for (std::size_t i = 0; i < kFlagCount; ++i) text += "," + FlagOf(i);
  return text + "}}";
}

std::vector<Context> People() {
  std::vector<Context> people;
  for (std::size_t i = 0; i < kPeople; ++i) {
    char id[32];
    std::snprintf(id, sizeof id, "person-%017zu", i * 7'919);
    people.push_back(Context()
                         .Unit("account", id)
                         .Set("country", "DE")
                         .Set("platform", "android")
                         .Set("appVersion", "4.12.3")
                         .Set("plan", "pro")
                         .Set("age", 34)
                         .Set("build", 41'203)
                         .Set("email", "jane.doe@example.com"));
  }
  return people;
}

std::string CampaignDatafile(bool is_in_groups) {
  constexpr const char* kTrigger = R"({"event":"message_sent","where":)"
                                   R"({"op":">=","attribute":"chars","kind":"event","value":1500}})";
  std::string text = R"({"format":"guidon/1","project":"bench","environment":"bench","epoch":1,"version":1,)"
                     R"("issued_at":"2026-11-18T10:00:00Z",)";
  if (is_in_groups) {
    text += R"("groups":{"all":{"caps":[{"count":90,"per":"1d"}],"gap":"90s","quiet_hours":"22:00-06:00"},)"
            R"("nudge":{"caps":[{"count":1,"per":"7d"}]}},)";
  }
  text += R"("campaigns":{)";
  for (std::size_t i = 0; i < kCampaignCount; ++i) {
    const std::string number = std::to_string(i);
    text += (i == 0 ? "\"" : ",\"") + ("campaign-" + number) +
            R"(":{"iteration":1,"status":"running","unit":"device",)" + R"("salt":"campaign-)" + number +
            R"(.1","holdout":100000,"priority":)" + std::to_string(i % 5) +
            (is_in_groups ? R"(,"triggers":[)" + std::string(kTrigger) +
                                R"(,{"then":[{"event":"message_sent"},{"event":"file_opened"}],"within":"10m"},)"
                                R"({"event":"message_sent","and_not":{"event":"file_shared"},"within":"20s"}])"
                          : R"(,"trigger":)" + std::string(kTrigger)) +
            R"(,"when":{"op":"and","of":[)"
            R"({"op":">=","count":"app_open","window":"14d","value":5},)"
            R"({"op":"==","count":"feature_)" +
            std::to_string(i % 10) + R"(","window":"28d","value":0},)" +
            R"({"op":"!=","attribute":"plan","value":"none"}]},)" +
            (is_in_groups ? R"("caps":[{"count":9},{"hours":"08:00-20:00"},{"group":"nudge"}])"
                          : R"("caps":[{"count":1,"per":"7d"},{"count":3}])") +
            R"(,"show":{"kind":"modal","title":"Try it"}})";
  }
  return text + "}}";
}

}  // namespace guidon::bench
