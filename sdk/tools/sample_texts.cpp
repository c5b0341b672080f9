// Texts that are not compared with as a whole. Their beginnings, ends and insides: put between others with a sign that
// stands in no constant, a constant brings nothing along but what is part of itself. So what a text has of each is the
// longest beginning, the longest end, and a set of insides, and a text can be put together for every choice of them.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "guidon/limits.h"
#include "sdk/core/base/network.h"
#include "sdk/core/base/text.h"
#include "sdk/core/ruleset/version.h"
#include "sdk/tools/sample_networks.h"
#include "sdk/tools/sample_values.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Op;
using expression::Tree;

constexpr std::size_t kMostConstants = 64;
constexpr std::size_t kMostExamples = 600;
constexpr std::size_t kMostInsides = 6;

class Sampler {
 public:
  explicit Sampler(const AttributeAtoms& atoms) : atoms_(atoms) {}

  TextSamples Run() {
    CollectConstants();
    out_.constants.assign(constants_.begin(), constants_.end());
    if (!FindSeparator() || constants_.size() > kMostConstants) {
      out_.is_exact = false;
      out_.other = "?";
      return std::move(out_);
    }
    FindOther();
    AddParts(false);
    AddParts(true);
    AddFamily(Kind::kVersion, [this](TextFamily* family) { AddVersions(family); });
    AddFamily(Kind::kDate, [this](TextFamily* family) { AddDates(family); });
    AddFamily(Kind::kCidr, [this](TextFamily* family) { AddAddresses(family); });
    return std::move(out_);
  }

 private:
  static bool IsPattern(const Tree& leaf) {
    return leaf.kind == Kind::kText && leaf.op != Op::kContains && leaf.op != Op::kStartsWith &&
           leaf.op != Op::kEndsWith;
  }
  // Comparisons with whole texts, capitals not folded, tell constants from all other texts.
  static bool IsWhole(const Tree& leaf) { return leaf.kind == Kind::kCompare || leaf.kind == Kind::kIn; }

  void Note(const Value& value, bool is_constant) {
    const std::string* text = value.AsString();
    if (text == nullptr) return;
    all_.push_back(*text);
    if (is_constant) constants_.insert(*text);
  }

  // Of the texts of long lists that are in the same comparisons, one stands for all.
  void CollectConstants() {
    const bool only_whole = std::all_of(atoms_.leaves.begin(), atoms_.leaves.end(), [](const Tree* leaf) {
      return (IsWhole(*leaf) && !leaf->lower) || leaf->kind == Kind::kExists || leaf->kind == Kind::kType;
    });
    std::map<std::string, std::vector<std::size_t>> where;
    for (std::size_t i = 0; i < atoms_.leaves.size(); ++i) {
      const Tree& leaf = *atoms_.leaves[i];
      if (IsPattern(leaf)) {
        out_.patterns.push_back(i);
        continue;
      }
      if (leaf.kind == Kind::kText) Note(leaf.value, false);
      if (!IsWhole(leaf)) continue;
      if (leaf.lower) {
        Note(leaf.value, false);
        for (const Value& value : leaf.values) Note(value, false);
        continue;
      }
      const auto note = [&](const Value& value) {
        Note(value, !only_whole);
        if (const std::string* text = value.AsString(); text != nullptr && only_whole) where[*text].push_back(i);
      };
      note(leaf.value);
      for (const Value& value : leaf.values) note(value);
    }
    std::set<std::vector<std::size_t>> seen;
    for (const auto& [text, atoms] : where) {
      if (seen.insert(atoms).second) constants_.insert(text);
    }
  }

  bool Holds(char c) const {
    return std::any_of(all_.begin(), all_.end(),
                       [c](const std::string& text) { return text.find(c) != std::string::npos; });
  }

  bool FindSeparator() {
    for (const char c : std::string_view("~_ ;#|!%^xzqjkwv7394150268")) {
      if (Holds(c)) continue;
      separator_ = std::string(1, c);
      return true;
    }
    return false;
  }

  void FindOther() {
    for (const char* word : {"other", "something", "any"}) {
      const std::string text = word;
      const bool is_free = std::none_of(all_.begin(), all_.end(), [&](const std::string& constant) {
        return constant == text || (!constant.empty() && text.find(constant) != std::string::npos);
      });
      if (!is_free) continue;
      out_.other = text;
      return;
    }
    out_.other = separator_;
  }

  bool IsFree(const std::string& text) const { return constants_.count(text) == 0; }

  void AddExample(TextFamily* family, std::string text) {
    if (text.size() > limits::kAttributeBytes / 4 || family->examples.size() >= kMostExamples) {
      family->is_exact = false;
    } else if (IsFree(text)) {
      family->examples.push_back(std::move(text));
    }
  }

  // Beginnings, ends and insides, either of the text as it is or of what is left of it without capitals.
  void AddParts(bool lower) {
    TextFamily family;
    std::set<std::string> begins = {""};
    std::set<std::string> ends = {""};
    std::set<std::string> insides;
    std::set<std::string> wholes;
    for (std::size_t i = 0; i < atoms_.leaves.size(); ++i) {
      const Tree& leaf = *atoms_.leaves[i];
      if (leaf.lower != lower) continue;
      const bool is_part = leaf.kind == Kind::kText && !IsPattern(leaf);
      if (!is_part && !(lower && IsWhole(leaf))) continue;
      family.atoms.push_back(i);
      const auto add = [&](const Value& value) {
        const std::string* text = value.AsString();
        if (text == nullptr) return;
        (!is_part                     ? wholes
         : leaf.op == Op::kStartsWith ? begins
         : leaf.op == Op::kEndsWith   ? ends
                                      : insides)
            .insert(*text);
      };
      add(leaf.value);
      for (const Value& value : leaf.values) add(value);
    }
    if (family.atoms.empty()) return;
    for (const std::string& whole : wholes) AddCapitals(&family, whole);
    Assemble(&family, begins, ends, {insides.begin(), insides.end()});
    out_.families.push_back(std::move(family));
  }

  // A text that is `whole` once it has no capitals: itself, unless that is a constant, or else the first that is none.
  void AddCapitals(TextFamily* family, const std::string& whole) {
    std::vector<std::size_t> letters;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (whole[i] >= 'a' && whole[i] <= 'z') letters.push_back(i);
    }
    // One more than there are constants suffices.
    const std::size_t most = constants_.size() + 1;
    for (std::size_t set = 0; set < most; ++set) {
      if (letters.size() < 32 && set >> letters.size() != 0) return;  // all of them are constants
      std::string text = whole;
      for (std::size_t i = 0; i < letters.size() && i < 32; ++i) {
        if ((set >> i & 1) != 0) text[letters[i]] = static_cast<char>(text[letters[i]] - 'a' + 'A');
      }
      if (!IsFree(text)) continue;
      AddExample(family, text);
      return;
    }
  }

  void Assemble(TextFamily* family, const std::set<std::string>& begins, const std::set<std::string>& ends,
                const std::vector<std::string>& insides) {
    // The plain ones: they read best.
    for (const std::string& begin : begins) {
      for (const std::string& end : ends) AddExample(family, begin + end);
    }
    for (const std::string& inside : insides) AddExample(family, inside);
    AddExample(family, out_.other);
    if (insides.size() > kMostInsides || begins.size() * ends.size() > kMostExamples >> insides.size()) {
      family->is_exact = false;
      return;
    }
    for (const std::string& begin : begins) {
      for (const std::string& end : ends) {
        for (std::size_t set = 0; set < std::size_t{1} << insides.size(); ++set) {
          std::string text = begin + separator_;
          for (std::size_t i = 0; i < insides.size(); ++i) {
            if ((set >> i & 1) != 0) text += insides[i] + separator_;
          }
          AddExample(family, text + end);
        }
      }
    }
  }

  void AddFamily(Kind kind, const std::function<void(TextFamily*)>& add) {
    TextFamily family;
    for (std::size_t i = 0; i < atoms_.leaves.size(); ++i) {
      if (atoms_.leaves[i]->kind == kind) family.atoms.push_back(i);
    }
    if (family.atoms.empty()) return;
    add(&family);
    AddExample(&family, out_.other);  // none at all
    AddExample(&family, separator_);
    out_.families.push_back(std::move(family));
  }

  // In several spellings, of which one is no constant.
  void AddFirstFree(TextFamily* family, const std::vector<std::string>& spellings) {
    for (const std::string& spelling : spellings) {
      if (!IsFree(spelling)) continue;
      AddExample(family, spelling);
      return;
    }
    family->is_exact = false;
  }

  static std::string VersionText(const ruleset::VersionView& version) {
    std::string out;
    for (const std::uint32_t part : version.parts) out += (out.empty() ? "" : ".") + std::to_string(part);
    return version.prerelease.empty() ? out : out + "-" + std::string(version.prerelease);
  }

  // Each constant, and what comes next behind it: behind 4.2.0 that is 4.2.1-0, behind 4.2.0-a it is 4.2.0-a.0.
  void AddVersions(TextFamily* family) {
    std::vector<ruleset::Version> versions;
    for (const std::size_t atom : family->atoms) {
      const std::string* text = atoms_.leaves[atom]->value.AsString();
      std::optional<ruleset::Version> version;
      if (text != nullptr && text->size() <= 200) version = ruleset::ParseVersion(*text);
      if (!version) {
        family->is_exact = false;
        continue;
      }
      versions.push_back(*std::move(version));
    }
    const auto add = [&](const ruleset::VersionView& version) {
      const std::string text = VersionText(version);
      AddFirstFree(family, {text, text + "+1", text + "+2", text + "+other"});
    };
    for (const ruleset::Version& version : versions) {
      add(version);
      const bool is_release = version.prerelease.empty();
      if (is_release && version.parts[2] == UINT32_MAX) {
        family->is_exact = false;
        continue;
      }
      const std::string dot_zero = version.prerelease + ".0";
      ruleset::VersionView next = version;
      if (is_release) ++next.parts[2];
      if (is_release) add(next);  // reads better, where it does
      next.prerelease = is_release ? std::string_view("0") : std::string_view(dot_zero);
      add(next);
      if (!is_release) add({version.parts, {}});
    }
    add({{0, 0, 0}, {}});
    add({{0, 0, 0}, "0"});
  }

  void AddDates(TextFamily* family) {
    for (const std::size_t atom : family->atoms) {
      const std::string* text = atoms_.leaves[atom]->value.AsString();
      const std::optional<Timestamp> date = text != nullptr ? text::ParseTimestamp(*text) : std::nullopt;
      if (!date) {
        family->is_exact = false;
        continue;
      }
      for (const std::int64_t step : {0, -1000, 1000, -1, 1}) {
        const Timestamp moment = *date + Duration(step);
        if (ToMs(moment) < 0) continue;
        const std::string spelled = text::FormatTimestamp(moment);
        std::string unzoned = spelled.substr(0, spelled.size() - 1);
        AddFirstFree(family, {spelled, unzoned + "+00:00"});
      }
    }
  }

  void AddAddresses(TextFamily* family) {
    std::vector<network::Network> networks;
    for (const std::size_t atom : family->atoms) {
      for (const Value& value : atoms_.leaves[atom]->values) {
        const std::string* text = value.AsString();
        const std::optional<network::Network> network =
            text != nullptr ? network::ReadNetwork(*text, nullptr) : std::nullopt;
        if (network) {
          networks.push_back(*network);
        } else {
          family->is_exact = false;
        }
      }
    }
    if (networks.size() > limits::kNetworks) family->is_exact = false;
    for (const network::Address& address : SampleAddresses(networks)) AddFirstFree(family, Spellings(address));
  }

  const AttributeAtoms& atoms_;
  TextSamples out_;
  std::set<std::string> constants_;
  std::vector<std::string> all_;  // texts that stand in any comparison
  std::string separator_;
};

}  // namespace

TextSamples SampleTexts(const AttributeAtoms& atoms) { return Sampler(atoms).Run(); }

}  // namespace guidon::tools
