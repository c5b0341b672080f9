#include "tests/property/units.h"

#include <cstdlib>

#include "tests/property/line.h"
#include "tests/unit/core/dice.h"

namespace guidon::property {
namespace {

using Wide = unsigned long long;

std::string Uuid(std::uint64_t high, std::uint64_t low) {
  return Line("%08llx-%04llx-4%03llx-%04llx-%012llx", static_cast<Wide>(high >> 32),
              static_cast<Wide>((high >> 16) & 0xFFFF), static_cast<Wide>(high & 0xFFF),
              static_cast<Wide>(0x8000 | ((low >> 48) & 0x3FFF)), static_cast<Wide>(low & 0xFFFF'FFFF'FFFFu));
}

std::string Upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::vector<Family> MakeFamilies() {
  std::vector<Family> families = {{"numbers", {}},        {"padded numbers", {}}, {"UUIDs", {}},
                                  {"mail addresses", {}}, {"advertising", {}},    {"device", {}}};
  testing::Dice dice(kSeed);
  for (std::size_t i = 0; i < UnitCount(); ++i) {
    const std::uint64_t high = dice.Next();
    const std::uint64_t low = dice.Next();
    families[0].ids.push_back(std::to_string(i));
    families[1].ids.push_back(Line("%010zu", i));
    families[2].ids.push_back(Uuid(high, low));
    families[3].ids.push_back("user" + std::to_string(i) + "@example.com");
    families[4].ids.push_back(Upper(Uuid(low, dice.Next())));
    families[5].ids.push_back(Line("%016llx", static_cast<Wide>(dice.Next())));
  }
  return families;
}

}  // namespace

std::size_t UnitCount() {
  if (const char* units = std::getenv("GUIDON_UNITS")) return std::strtoul(units, nullptr, 10);
  return std::getenv("GUIDON_LONG") != nullptr ? 1'000'000 : 100'000;
}

const std::vector<Family>& Families() {
  static const std::vector<Family> families = MakeFamilies();
  return families;
}

const std::vector<std::string>& Salts() {
  static const std::vector<std::string> salts = [] {
    std::vector<std::string> made;
    for (int i = 0; i < 50; ++i) made.push_back("exp-" + std::to_string(i));
    return made;
  }();
  return salts;
}

}  // namespace guidon::property
