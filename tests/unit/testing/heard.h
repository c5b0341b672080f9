// What the kit says is wrong with a test, heard instead of failing this one.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/testing/framework.h"

namespace guidon::testing {

inline Framework Doctest() {
  return {[](const std::string& what) { FAIL_CHECK(what); },
          [](const std::string& where, const std::function<void()>& body) {
            INFO(where);
            body();
          }};
}

class Heard {
 public:
  Heard() {
    Framework framework;
    framework.fail = [this](const std::string& what) { failures.push_back(what); };
    framework.within = [this](const std::string& where, const std::function<void()>& body) {
      places.push_back(where);
      body();
    };
    (void)UseFramework(std::move(framework));
  }
  ~Heard() { (void)UseFramework(Doctest()); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;

  std::vector<std::string> failures;
  std::vector<std::string> places;
};

inline bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace guidon::testing
