// A value while a program runs. Cheap to copy; points into the program, the data, and the arena of the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/value.h"

namespace guidon::logic {

struct Term {
  enum class Kind : std::uint8_t {
    kUndefined,  // an argument that is not there
    kNull,
    kBool,
    kNumber,
    kText,
    kTerms,  // a list that the run made
    kValue,  // a list or an object of the program's or the data's
    kPair,   // {"current": …, "accumulator": …}
    kInput,  // all of the data
  };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::uint32_t count = 0;  // kTerms
  union {
    double number;
    const Term* terms;   // kTerms; kPair: two of them
    const Value* value;  // kValue
  };
  std::string_view text;  // kText

  Term() : number(0) {}
};

Term FromBool(bool value) noexcept;
Term FromNumber(double value) noexcept;
Term FromText(std::string_view value) noexcept;
// Borrows it.
Term FromValue(const Value& value) noexcept;
Value ToValue(const Term& term);

bool IsList(const Term& term) noexcept;
std::size_t SizeOf(const Term& list) noexcept;
Term ItemOf(const Term& list, std::size_t index) noexcept;

// JsonLogic's truth: JavaScript's, but for an empty list, which is false.
bool IsTrue(const Term& term) noexcept;
double NumberOf(const Term& term);
// The number that the term's text begins with; not a number where it begins with none.
double LeadingNumberOf(const Term& term);
std::string TextOf(const Term& term);
bool AreSame(const Term& a, const Term& b) noexcept;  // ===
bool AreEqual(const Term& a, const Term& b);          // ==
// Two texts by their UTF-16 units, all else as numbers. Below, equal, above zero; 2: they have no order.
int OrderOf(const Term& a, const Term& b);

// Room for what a run makes: the first kilobyte costs nothing. Gives nothing beyond its bound.
class Arena {
 public:
  static constexpr std::size_t kMost = 1u << 20;

  Arena() noexcept {}
  Arena(const Arena&) = delete;  // terms point into it
  Arena& operator=(const Arena&) = delete;

  // False when there is no room left for it.
  bool Keep(std::string_view text, Term* out);
  Term* Terms(std::size_t count);  // null likewise

 private:
  void* Take(std::size_t bytes);
  static constexpr std::size_t kFirst = 1'024;
  alignas(Term) char first_[kFirst];
  std::size_t used_ = 0;
  std::size_t total_ = 0;
  std::vector<std::unique_ptr<char[]>> more_;
};

}  // namespace guidon::logic
