// The values of one attribute that matter to the comparisons made with it. The idea: comparisons see a value only
// through what they come out as, and there are finitely many ways for all of them together. `seats >= 5 && seats < 9`
// splits the numbers at 5 and 9; one number of each part stands for the whole part. So with nulls, texts, lists and the
// like, and what no condition of the sample finds, nobody can.
//
// Where the ways cannot be told exactly, more are taken to be possible than are: then somebody may seem possible who is
// not, and nothing is concluded. tests/unit/tools/witness_test.cpp compares with all contexts of a grid.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/value.h"
#include "sdk/tools/judge.h"

namespace guidon::tools {

// One way for an attribute's comparisons to come out.
struct Way {
  std::vector<Truths> truths;  // by comparison, in the order given
  // What is found so; nothing for a missing attribute. Where `is_real` is false nobody knows whether anything is.
  std::optional<Value> value;
  bool is_real = true;
};

// Published conditions are asked of the judge by their numbers.
struct AttributeAtoms {
  std::string name;
  bool is_of_event = false;
  std::vector<const expression::Tree*> leaves;
  std::vector<std::size_t> conditions;
};

// Every way there is, real ones first, the plain ones before the odd.
std::vector<Way> WaysOf(const AttributeAtoms& atoms, const Judge& judge);

// What texts need, sample_texts.cpp. One of the independent questions asked of a text: a way that it can come out for
// each example. What it depends on is a text's beginning, end and inside; or the version in it; and so on.
struct TextFamily {
  std::vector<std::size_t> atoms;     // of AttributeAtoms
  std::vector<std::string> examples;  // none is one of the constants that are compared with as a whole
  bool is_exact = true;               // false: some ways may have no example
};

struct TextSamples {
  std::vector<std::string> constants;  // that are compared with as a whole
  std::string other;                   // a text that is none of them and has nothing that is asked for
  std::vector<TextFamily> families;
  std::vector<std::size_t> patterns;  // atoms about which nothing is known
  bool is_exact = true;               // false: nothing is known of texts at all
};

TextSamples SampleTexts(const AttributeAtoms& atoms);

}  // namespace guidon::tools
