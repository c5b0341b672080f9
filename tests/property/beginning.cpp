#include "tests/property/beginning.h"

namespace guidon::property {

Rules ExperimentSource::Publish() const {
  std::string text = holdouts.empty() ? "" : R"("holdouts":{)" + holdouts + "},";
  text += R"("flags":{"f":{"default":0,"rules":[{"experiment":"x"},{"percent":50,"serve":9}]}},"experiments":{"x":{)";
  text += R"("status":")" + status + R"(","iteration":)" + std::to_string(iteration);
  if (is_sticky) text += R"(,"sticky":"exposed")";
  if (first > 0 || end < 100) text += Line(",\"when\":\"n >= %d && n < %d\"", first, end);
  if (!audiences.empty()) text += R"(,"audiences":{)" + audiences + "}";
  text += Line(",\"percent\":%d,\"weights\":{\"control\":%d,\"b\":%d,\"c\":%d}", percent, weights[0], weights[1],
               weights[2]);
  text += R"(,"variants":{"control":{"f":1},"b":{"f":2},"c":{"f":3}},"goals":["g"]}})";
  return Publication().Next(text);
}

Beginning Begin(const Deciding& deciding, const ExperimentSource& source, Checks* checks) {
  Beginning beginning;
  const Rules rules = source.Publish();
  const ruleset::Flag& flag = *rules->FindFlag("f");
  std::vector<std::uint64_t> met(3, 0);
  for (const Person& person : People()) {
    const Visit visit(*rules, person);
    const Seen seen = deciding.Decide(visit, flag);
    if (seen.disagrees) checks->Refute(person.id + kDisagrees);
    beginning.variants.push_back(seen.variant);
    beginning.is_enrolled.push_back(seen.variant >= 0 && person.meets);
    beginning.enrollments.push_back(beginning.is_enrolled.back() ? EnrolledBy(visit, seen) : enrollment::Enrollments());
    if (beginning.is_enrolled.back()) ++met[static_cast<std::size_t>(seen.variant)];
  }
  checks->Split("the enrolled by variant", met, {50, 30, 20});
  return beginning;
}

}  // namespace guidon::property
