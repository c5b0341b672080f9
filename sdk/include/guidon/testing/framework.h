// Who hears of what is wrong with a test besides what it looks at: a flag that is asked for and that no datafile has,
// a variant that there is not. Say once, in any file of the test program and outside of functions, which framework it
// is:
//
//   GUIDON_TESTING_WITH_DOCTEST();   or GUIDON_TESTING_WITH_CATCH2(), GUIDON_TESTING_WITH_GTEST()
//
// Without it the kit writes to stderr and ends the program, so that nothing that is wrong passes.
#pragma once

#include <functional>
#include <string>

namespace guidon::testing {

struct Framework {
  // Fails the test that runs, which goes on.
  std::function<void(const std::string& what)> fail;
  // Runs `body`; whatever fails in it is told with `where`. Null: `where` is not told.
  std::function<void(const std::string& where, const std::function<void()>& body)> within;
};

// Instead of the one before. Before the tests run.
bool UseFramework(Framework framework);

// What the kit calls, for helpers of your own.
void Fail(const std::string& what);
void Within(const std::string& where, const std::function<void()>& body);

}  // namespace guidon::testing

#define GUIDON_TESTING_WITH_DOCTEST()                                                                                  \
  [[maybe_unused]] static const bool guidon_testing_framework =                                                        \
      ::guidon::testing::UseFramework({[](const std::string& guidon_what) { FAIL_CHECK(guidon_what); },                \
                                       [](const std::string& guidon_where, const std::function<void()>& guidon_body) { \
                                         INFO(guidon_where);                                                           \
                                         guidon_body();                                                                \
                                       }})

#define GUIDON_TESTING_WITH_CATCH2() GUIDON_TESTING_WITH_DOCTEST()

#define GUIDON_TESTING_WITH_GTEST()                                                                                    \
  [[maybe_unused]] static const bool guidon_testing_framework =                                                        \
      ::guidon::testing::UseFramework({[](const std::string& guidon_what) { ADD_FAILURE() << guidon_what; },           \
                                       [](const std::string& guidon_where, const std::function<void()>& guidon_body) { \
                                         SCOPED_TRACE(guidon_where);                                                   \
                                         guidon_body();                                                                \
                                       }})
