#include "sdk/core/logic/cbor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace guidon::logic {
namespace {

constexpr int kMostDepth = 64;

void AppendBytes(std::uint64_t value, unsigned bytes, std::string* out) {
  while (bytes-- > 0) *out += static_cast<char>(value >> 8 * bytes & 0xFF);
}

// A major type with its argument, as short as it can be.
void AppendHead(unsigned major, std::uint64_t argument, std::string* out) {
  const auto first = static_cast<unsigned char>(major << 5);
  if (argument < 24) {
    *out += static_cast<char>(first | argument);
    return;
  }
  const unsigned power = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
  *out += static_cast<char>(first | (24 + power));
  AppendBytes(argument, 1u << power, out);
}

template <class Bits, class Number>
Bits BitsOf(Number number) noexcept {
  Bits bits = 0;
  static_assert(sizeof bits == sizeof number);
  std::memcpy(&bits, &number, sizeof bits);
  return bits;
}

// The half float that is exactly this single one. False: there is none.
bool ToHalf(float number, std::uint16_t* half) noexcept {
  const auto bits = BitsOf<std::uint32_t>(number);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const int exponent = static_cast<int>(bits >> 23 & 0xFF) - 127;
  const std::uint32_t mantissa = bits & 0x7FFFFF;
  if (exponent == 128) {  // infinite, or not a number
    *half = static_cast<std::uint16_t>(sign | 0x7C00 | (mantissa != 0 ? 0x200 : 0));
    return true;
  }
  if (exponent >= -14 && exponent <= 15 && (mantissa & 0x1FFF) == 0) {
    *half = static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent + 15) << 10 | mantissa >> 13);
    return true;
  }
  // Without a leading one: so many places further right.
  const int places = -14 - exponent;
  if (exponent < -24 || places < 1) return false;
  const std::uint32_t whole = (mantissa | 0x800000) >> 13;
  const bool is_exact = (mantissa & 0x1FFF) == 0 && (whole & ((1u << places) - 1)) == 0;
  if (is_exact) *half = static_cast<std::uint16_t>(sign | whole >> places);
  return is_exact;
}

void AppendNumber(double number, std::string* out) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (number == std::floor(number) && number >= -kTwo63 && number < 2 * kTwo63) {
    if (number >= 0) return AppendHead(0, static_cast<std::uint64_t>(number), out);
    return AppendHead(1, static_cast<std::uint64_t>(-1 - static_cast<std::int64_t>(number)), out);
  }
  const auto single = static_cast<float>(number);
  std::uint16_t half = 0;
  if (static_cast<double>(single) != number && !std::isnan(number)) {
    *out += '\xFB';
    AppendBytes(BitsOf<std::uint64_t>(number), 8, out);
  } else if (ToHalf(single, &half)) {
    *out += '\xF9';
    AppendBytes(half, 2, out);
  } else {
    *out += '\xFA';
    AppendBytes(BitsOf<std::uint32_t>(single), 4, out);
  }
}

void AppendText(const std::string& text, std::string* out) {
  AppendHead(3, text.size(), out);
  *out += text;
}

void Append(const Value& value, int depth, std::string* out) {
  if (depth > kMostDepth) {
    *out += '\xF6';
    return;
  }
  switch (value.type()) {
    case Value::Type::kNull: *out += '\xF6'; return;
    case Value::Type::kBool: *out += *value.AsBool() ? '\xF5' : '\xF4'; return;
    case Value::Type::kInt: {
      const std::int64_t number = *value.AsInt();
      return AppendHead(number < 0 ? 1 : 0, static_cast<std::uint64_t>(number < 0 ? -1 - number : number), out);
    }
    case Value::Type::kDouble: return AppendNumber(*value.AsDouble(), out);
    case Value::Type::kString: return AppendText(*value.AsString(), out);
    case Value::Type::kList:
      AppendHead(4, value.AsList()->size(), out);
      for (const Value& item : *value.AsList()) Append(item, depth + 1, out);
      return;
    case Value::Type::kObject: break;
  }
  std::vector<std::pair<std::string, const Value*>> members;
  for (const Member& member : *value.AsObject()) {
    std::string name;
    AppendText(member.name, &name);
    members.emplace_back(std::move(name), &member.value);
  }
  std::sort(members.begin(), members.end());
  AppendHead(5, members.size(), out);
  for (const auto& [name, member] : members) {
    *out += name;
    Append(*member, depth + 1, out);
  }
}

}  // namespace

std::string ToCbor(const Value& value) {
  std::string out;
  Append(value, 0, &out);
  return out;
}

}  // namespace guidon::logic
