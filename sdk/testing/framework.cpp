#include "guidon/testing/framework.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace guidon::testing {
namespace {

Framework& InUse() {
  static Framework framework;  // whoever says which it is may do so before main
  return framework;
}

}  // namespace

bool UseFramework(Framework framework) {
  InUse() = std::move(framework);
  return true;
}

void Fail(const std::string& what) {
  if (InUse().fail) return InUse().fail(what);
  std::fprintf(stderr, "guidon: %s\n  (tell guidon/testing/framework.h which test framework this is)\n", what.c_str());
  if (std::uncaught_exceptions() == 0) std::abort();  // else the test fails anyway, and says why
}

void Within(const std::string& where, const std::function<void()>& body) {
  if (!InUse().within) return body();
  InUse().within(where, body);
}

}  // namespace guidon::testing
