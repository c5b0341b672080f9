// Bucketing as an argument: the library's, and mutants of it. A proof that no mutant fails would prove nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"

namespace guidon::property {

struct BucketingUnderTest {
  std::string name;
  std::uint64_t (*hash)(char purpose, std::string_view salt, std::string_view id);
  std::uint32_t (*slot_of)(std::uint64_t hash);
  bool (*contains)(std::uint32_t begin, std::uint32_t end, std::uint32_t slot);
  bool is_ours = false;  // then the evaluator itself decides where whole rulesets are proven

  std::uint32_t Slot(char purpose, std::string_view salt, std::string_view id) const {
    return slot_of(hash(purpose, salt, id));
  }
};

const BucketingUnderTest& OurBucketing();
const std::vector<BucketingUnderTest>& Mutants();

}  // namespace guidon::property
