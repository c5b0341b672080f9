// Groups of campaigns and `until` in a source: what lint says of typical mistakes, and that good ones pass.
#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string GroupSource(const std::string& groups, const std::string& members) {
  return SourceWith(R"("flags":{},"groups":{)" + groups +
                    R"(},"campaigns":{"c":{"trigger":"e","goals":["g within 1d"],)" + members +
                    R"("show":{"kind":"modal","title":"Hello"}}})");
}

constexpr const char* kNudge = R"("nudge":{"caps":["3 per 7d"],"gap":"90s"})";

}  // namespace

TEST_CASE("a mistake in a group, or in what a campaign says of one, is found where it stands") {
  const struct {
    std::string groups;
    std::string members;
    const char* code;
    const char* pointer;
    const char* says;
  } rows[] = {
      {kNudge, R"("group":"nugde",)", "unknown-group", "/campaigns/c/group", "did you mean 'nudge'?"},
      {kNudge, R"("group":["nudge","sales"],)", "unknown-group", "/campaigns/c/group/1", "there is 'nudge'"},
      {kNudge, R"("group":["nudge","nudge"],)", "listed-twice", "/campaigns/c/group/1", "remove one"},
      {kNudge, R"("group":"all",)", "group-of-all", "/campaigns/c/group", "anyway"},
      {kNudge, R"("group":["a","b","c","d","e"],)", "too-many", "/campaigns/c/group", "more than 4"},
      {kNudge, R"("groups":["nudge"],)", "unknown-member", "/campaigns/c/groups", "write \"group\""},
      {kNudge, R"("gap":"90s",)", "unknown-member", "/campaigns/c/gap", "belongs to a group"},
      {kNudge, "", "unused-group", "/groups/nudge", "no campaign is in this group"},
      {R"("nudge":{})", R"("group":"nudge",)", "empty-group", "/groups/nudge", "limits nothing"},
      {R"("nudge":{"caps":[]})", R"("group":"nudge",)", "empty-group", "/groups/nudge", "limits nothing"},
      {R"("nudge":{"caps":["weekly"]})", R"("group":"nudge",)", "bad-cap", "/groups/nudge/caps/0", "\"1 per 7d\""},
      {R"("nudge":{"caps":"1 per 7d"})", R"("group":"nudge",)", "wrong-type", "/groups/nudge/caps", "[\"1 per 7d\"]"},
      {R"("nudge":{"gap":"2d"})", R"("group":"nudge",)", "bad-time", "/groups/nudge/gap", "1s to 1d"},
      {R"("nudge":{"gap":90})", R"("group":"nudge",)", "wrong-type", "/groups/nudge/gap", "1s to 1d"},
      {R"("nudge":{"frequency":"1 per 7d","gap":"9s"})", R"("group":"nudge",)", "unknown-member",
       "/groups/nudge/frequency", "write \"caps\""},
      {R"("nudge":{"caps":["1 per 7d","5 per 7d"]})", R"("group":"nudge",)", "cap-never-binds", "/groups/nudge/caps/1",
       "never reached"},
      {R"("all":{"caps":["1 per 7d"]})", R"("caps":["2 per 7d"],)", "cap-never-binds", "/campaigns/c/caps/0",
       "of group 'all' stops it before"},
      {R"("a b":{"gap":"90s"})", "", "bad-name", "/groups/a b", "no name for a group"},
      {kNudge, R"("until":"plan == 'pro'",)", "until-passes", "/campaigns/c/until",
       "'plan == 'pro'' may be so and then"},
      {kNudge, R"("until":"count('g', '7d') >= 1",)", "until-passes", "/campaigns/c/until",
       "since the app was installed"},
      {kNudge, R"J("until":"count('g') >= 1 || !(count('h') < 2)",)J", "until-passes", "/campaigns/c/until",
       "once and for all"},
      {kNudge, R"("until":"count('g') == 1",)", "until-passes", "/campaigns/c/until", "once and for all"},
      {kNudge, R"("until":"count('g' >= 1",)", "bad-expression", "/campaigns/c/until", ""},
      {kNudge, R"("days":["mon","tues"],)", "bad-day", "/campaigns/c/days/1", "mon, tue, wed"},
      {kNudge, R"("days":["mon","mon"],)", "listed-twice", "/campaigns/c/days/1", "remove one"},
      {kNudge, R"("days":[],)", "no-days", "/campaigns/c/days", "never shown"},
      {kNudge, R"("days":"mon",)", "wrong-type", "/campaigns/c/days", "[\"mon\", \"tue\"]"},
      {kNudge, R"("hours":"9-18",)", "bad-hours", "/campaigns/c/hours", "two digits each"},
      {kNudge, R"("hours":"09:00-09:00",)", "bad-hours", "/campaigns/c/hours", "are no hours"},
      {kNudge, R"("hours":"09:00-18:00","zone":"Europe/Berlin",)", "bad-zone", "/campaigns/c/zone",
       "the person's own clock"},
      {kNudge, R"("zone":"UTC",)", "zone-without-hours", "/campaigns/c/zone", "there are none"},
      {kNudge, R"("quiet_hours":"21:00-08:00",)", "unknown-member", "/campaigns/c/quiet_hours", "of a group"},
      {kNudge, R"("caps":["2 per day","2 per day"],)", "cap-never-binds", "/campaigns/c/caps/1", "\"2 per day\""},
      {kNudge, R"("caps":["1 per session","3 per session"],)", "cap-never-binds", "/campaigns/c/caps/1", "per session"},
      {R"("all":{"quiet_hours":"night"})", "", "bad-hours", "/groups/all/quiet_hours", "passes midnight"},
      {R"("all":{"gap":"9s","zone":"UTC"})", "", "zone-without-hours", "/groups/all/zone", "quiet_hours"},
      {R"("all":{"quiet_hours":"21:00-08:00","zone":2})", "", "wrong-type", "/groups/all/zone", "+02:00"},
      {kNudge, R"("until":true,)", "wrong-type", "/campaigns/c/until", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.groups);
    CAPTURE(row.members);
    const std::unique_ptr<Workbench> bench = Read(GroupSource(row.groups, row.members));
    const tools::Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    CHECK(problem != nullptr);
    if (problem == nullptr) continue;
    CHECK_MESSAGE((problem->reason + "; " + problem->advice).find(row.says) != std::string::npos, problem->reason);
  }
}

TEST_CASE("groups that are in order have nothing wrong with them") {
  const std::string rows[] = {
      GroupSource(kNudge, R"("group":"nudge",)"),
      GroupSource(kNudge, R"("group":["nudge"],"until":"count('g') >= 1 && active_days('h') > 2",)"),
      GroupSource(R"("all":{"about":"nobody is pestered","caps":["2 per 1d"],"gap":"90s"})", ""),
      GroupSource(R"("all":{"quiet_hours":"21:00-08:00","zone":"+02:00"})", R"("days":["mon","sun"],"zone":"UTC",)"),
      GroupSource(R"("all":{"caps":["1 per session","3 per day","9 per 7d"]})", R"("hours":"22:00-02:00",)"),
      GroupSource(R"("nudge":{"gap":"1d"},"all":{"caps":["9 per 7d"]})", R"("group":"nudge",)"),
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    const std::unique_ptr<Workbench> bench = Read(row);
    for (const tools::Problem& problem : bench->problems.all())
      CHECK_MESSAGE(false, problem.pointer, ": ", problem.reason);
  }
}

TEST_CASE("a campaign that its own event, or its groups' quiet hours, keep from ever being shown is found") {
  const std::string all = R"("all":{"quiet_hours":"21:00-08:00"})";
  const struct {
    std::string groups;
    std::string members;  // without a trigger: that is `e`
    const char* code;
    const char* pointer;
    const char* says;
  } rows[] = {
      {kNudge, R"J("when":"count('e') == 0")J", "when-after-trigger", "/campaigns/c/when", "count('e') == 1"},
      {kNudge, R"J("when":"plan == 'pro' && active_days('e', '7d') < 1")J", "when-after-trigger", "/campaigns/c/when",
       "\"active_days('e', '7d') < 1\" is never true"},
      {kNudge, R"J("when":"since_last('e') >= duration('7d')")J", "when-after-trigger", "/campaigns/c/when",
       "ask another event"},
      {kNudge, R"J("when":"count('e') < 1 || count('e', '7d') <= 0")J", "when-after-trigger", "/campaigns/c/when", ""},
      {kNudge, R"J("until":"count('e') >= 1")J", "until-after-trigger", "/campaigns/c/until",
       "before it was ever shown"},
      {kNudge, R"J("until":"count('g') >= 1 || count('e') > 0")J", "until-after-trigger", "/campaigns/c/until", ""},
      {all, R"("hours":"22:00-07:00")", "never-open", "/campaigns/c/hours", "quiet hours of 'all'"},
      {all + R"(,"day":{"quiet_hours":"08:00-21:00"})", R"("group":"day","hours":"06:00-12:00")", "never-open",
       "/campaigns/c/hours", "quiet hours of 'all' and 'day'"},
      {kNudge, R"("hours":"02:15-02:45")", "hours-skipped", "/campaigns/c/hours", "clocks go forward"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const auto bench = Read(GroupSource(row.groups, row.members + ","));
    CHECK(Errors(bench->problems) == "");
    const tools::Problem* found = FindProblem(bench->problems, row.code, row.pointer);
    REQUIRE(static_cast<bool>(found));
    CHECK((found->reason + " " + found->advice).find(row.says) != std::string::npos);
  }
}

TEST_CASE("what may be shown at some moment is not said to be never shown") {
  const std::string all = R"("all":{"quiet_hours":"21:00-08:00"})";
  const struct {
    std::string groups;
    std::string members;
  } rows[] = {
      {kNudge, R"J("when":"count('e') == 1")J"},
      {kNudge, R"J("when":"count('f') == 0")J"},
      {kNudge, R"J("when":"count('e') == 0 || plan == 'pro'")J"},
      {kNudge, R"J("when":"since_first('e') >= duration('7d')")J"},
      {kNudge, R"J("when":"since_last('e') < duration('7d')")J"},
      {kNudge, R"J("until":"count('e') >= 2")J"},
      {kNudge, R"J("until":"count('e') >= 1 && count('g') >= 1")J"},
      {all, R"("hours":"22:00-08:01")"},
      {all, R"("hours":"22:00-07:00","zone":"UTC")"},
      {R"("night":{"quiet_hours":"21:00-08:00"})", R"("hours":"22:00-07:00")"},
      {kNudge, R"("hours":"02:15-03:15")"},
      {kNudge, R"("hours":"02:15-02:45","zone":"UTC")"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const auto bench = Read(GroupSource(row.groups, row.members + ","));
    CHECK(Errors(bench->problems) == "");
    for (const Problem& problem : bench->problems.all()) {
      CAPTURE(problem.reason);
      const bool is_of_moments = problem.code == "when-after-trigger" || problem.code == "until-after-trigger" ||
                                 problem.code == "never-open" || problem.code == "hours-skipped";
      CHECK_FALSE(is_of_moments);
    }
  }
}

TEST_CASE("an event is counted by the time it starts a campaign, but not where another trigger may") {
  const auto found = [](const std::string& trigger) {
    const auto bench = Read(SourceWith(R"("flags":{},"campaigns":{"c":{"trigger":)" + trigger +
                                       R"J(,"when":"count('e') == 0","goals":["g within 1d"],)J" +
                                       R"("show":{"kind":"modal","title":"Hello"}}})"));
    return FindProblem(bench->problems, "when-after-trigger", "/campaigns/c/when") != nullptr;
  };
  CHECK(found("\"e\""));
  CHECK(found("\"f then e within 5m\""));
  CHECK(found("[\"e where n > 2\",\"e where m > 2\"]"));
  CHECK_FALSE(found("\"e then f within 5m\""));
  CHECK_FALSE(found("[\"e\",\"f\"]"));
  CHECK_FALSE(found("\"session_start\""));
}
