// Bytes as the dice that make a context of dotted names and objects within objects: an attribute is found where a plain
// search finds it, and nowhere else.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/evaluation/prepared_context.h"
#include "tests/fuzz/require.h"
#include "tests/unit/core/dice.h"

using namespace guidon;

namespace {

std::string Name(testing::Dice* dice) {
  static const char* const kParts[] = {"a", "b", ".", "..", "", "ab", "a.b", "b.a.", "\xC3\xA9"};
  std::string name = dice->Pick(kParts);
  for (std::size_t i = dice->Below(4); i > 0; --i)
    name += (dice->Chance(80) ? "." : "") + std::string(dice->Pick(kParts));
  return name;
}

Value Thing(testing::Dice* dice, int depth) {
  const std::size_t kind = depth > 4 ? dice->Below(3) : dice->Below(8);
  if (kind == 0) return Value();
  if (kind == 1) return Value(static_cast<std::int64_t>(dice->Below(9)));
  if (kind == 2) return Value("text");
  if (kind == 3) return Value(List{Thing(dice, depth + 1)});
  Object object;
  for (std::size_t i = dice->Below(4); i > 0; --i) {
    std::string name = Name(dice);
    bool is_new = true;
    for (const Member& member : object) is_new = is_new && member.name != name;
    if (is_new) object.push_back({std::move(name), Thing(dice, depth + 1)});
  }
  return Value(std::move(object));
}

const Value* Walk(const Value* value, std::string_view path) {
  if (value == nullptr) return nullptr;
  const std::size_t dot = path.find('.');
  const Value* next = value->Find(path.substr(0, dot));
  return dot == std::string_view::npos ? next : Walk(next, path.substr(dot + 1));
}

// By the full name, else from the longest name that is there and ends before a dot.
const Value* Model(const Context& context, const std::string& kind, const std::string& name) {
  for (std::size_t end = name.size();; --end) {
    if (end == name.size() || name[end] == '.') {
      for (const Context::Attribute& attribute : context.attributes()) {
        if (attribute.kind != kind || attribute.name != name.substr(0, end)) continue;
        return end == name.size() ? &attribute.value : Walk(&attribute.value, std::string_view(name).substr(end + 1));
      }
    }
    if (end == 0) return nullptr;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  testing::Dice dice(std::string_view(reinterpret_cast<const char*>(data), size));
  Context context;
  for (std::size_t i = dice.Below(8); i > 0; --i) {
    std::string name = Name(&dice);
    context.SetFor(dice.Chance(20) ? "team" : "", std::move(name), Thing(&dice, 0));
  }
  for (int i = 0; i < 8; ++i) {
    ruleset::AttributeSlot wanted;
    wanted.kind = dice.Chance(20) ? "team" : "";
    wanted.name = Name(&dice);
    GUIDON_REQUIRE(evaluation::FindAttribute(context, wanted) == Model(context, wanted.kind, wanted.name));
  }
  return 0;
}
