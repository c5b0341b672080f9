#include "sdk/tools/sample_numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace guidon::tools {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

template <class T>
int Order(T a, T b) {
  return a < b ? -1 : static_cast<int>(a > b);
}

int OrderMixed(std::int64_t a, double b) {
  if (b >= kTwo63) return -1;
  if (b < -kTwo63) return 1;
  const double whole = std::floor(b);
  const int order = Order(a, static_cast<std::int64_t>(whole));
  return order != 0 ? order : whole < b ? -1 : 0;
}

double AsDouble(const Value& value) {
  return value.AsInt() != nullptr ? static_cast<double>(*value.AsInt()) : *value.AsDouble();
}

class Samples {
 public:
  // Whatever is offered, also twice: what is of no use is only looked at in vain.
  void Around(const Value& value) {
    const double real = AsDouble(value);
    out_.push_back(value);
    if (real >= -kTwo63 && real < kTwo63) {
      const std::int64_t whole =
          value.AsInt() != nullptr ? *value.AsInt() : static_cast<std::int64_t>(std::floor(real));
      out_.emplace_back(whole);
      if (whole < INT64_MAX) out_.emplace_back(whole + 1);
      if (whole > INT64_MIN) out_.emplace_back(whole - 1);
    }
    // Where the constant has no double, either of its neighbours may be this one.
    double above = real;
    double below = real;
    out_.emplace_back(real);
    for (int i = 0; i < 2; ++i) {
      out_.emplace_back(above = std::nextafter(above, kInfinite));
      out_.emplace_back(below = std::nextafter(below, -kInfinite));
    }
    out_.emplace_back(real + 0.5);
    out_.emplace_back(real - 0.5);
  }

  void Between(const Value& a, const Value& b) {
    const double middle = AsDouble(a) / 2 + AsDouble(b) / 2;
    out_.emplace_back(middle);
    if (middle >= -kTwo63 && middle < kTwo63) out_.emplace_back(static_cast<std::int64_t>(std::floor(middle)));
  }

  std::vector<Value> Take() {
    out_.emplace_back(kInfinite);
    out_.emplace_back(-kInfinite);
    return std::move(out_);
  }

 private:
  std::vector<Value> out_;
};

}  // namespace

int CompareNumbers(const Value& a, const Value& b) {
  if (a.AsInt() != nullptr && b.AsInt() != nullptr) return Order(*a.AsInt(), *b.AsInt());
  if (a.AsInt() != nullptr) return OrderMixed(*a.AsInt(), *b.AsDouble());
  if (b.AsInt() != nullptr) return -OrderMixed(*b.AsInt(), *a.AsDouble());
  return Order(*a.AsDouble(), *b.AsDouble());
}

std::vector<Value> SampleNumbers(const std::vector<Value>& constants) {
  std::vector<Value> sorted = constants;
  std::sort(sorted.begin(), sorted.end(), [](const Value& a, const Value& b) { return CompareNumbers(a, b) < 0; });
  Samples samples;
  for (const Value& value : sorted) samples.Around(value);
  for (std::size_t i = 1; i < sorted.size(); ++i) samples.Between(sorted[i - 1], sorted[i]);
  return samples.Take();
}

}  // namespace guidon::tools
