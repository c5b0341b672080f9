// What a test client decides by: values that the test writes down, or the app's own datafile with some of it set. Read
// by the real loader and decided by the real evaluator, so what is decided has its natural reason, and whoever is in a
// variant is exposed to it as people are.
//
//   Datafile().Flag("file-sharing", true).Variant("attach-button", "labelled", {{"composer", "icon-and-text"}})
//   Datafile::FromBytes(bytes).Variant("attach-button", "labelled").Prompt("try-file-share")
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "guidon/flag.h"
#include "guidon/survey.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon::testing {

struct TestVariant {
  std::string name;
  Object flags;  // what it sets
};

// A campaign of the test's own.
struct TestPrompt {
  std::string trigger;  // the event that starts it; empty: one by the campaign's name
  std::string kind = "modal";
  std::string title = "A prompt";
  std::string body;
  std::vector<std::string> buttons{"ok"};  // ids, which are their labels, too; each opens app://<id>
  std::vector<SurveyQuestion> questions;
};

// A plain value: copying copies. What cannot be set is a problem, which fails the test that opens a client on it.
class Datafile {
 public:
  Datafile();  // has nothing but what is set
  // What `guidon build` wrote, signed or not. The signature is looked at where TestClient has keys to look with.
  static Datafile FromBytes(std::string bytes);
  // The same, of a file; one that cannot be read is a problem.
  static Datafile FromFile(const std::string& path);

  // Everybody has this value, whatever rules and kill switches said. By key alone, a flag that the app's datafile has.
  Datafile& Flag(const std::string& key, Value value);
  template <class T>
  Datafile& Flag(const guidon::Flag<T>& flag, typename FlagTraits<T>::Result value) {
    return SetFlag(std::string(flag.key), TypeOf<T>(), Value(std::move(value)));
  }
  // There is no such flag, and the app may ask for it: it gets its fallback.
  Datafile& Missing(const std::string& flag);

  // Everybody is in this variant of the experiment, or of the campaign's contents, whatever targeting, slots, holdouts,
  // dates and kill switches said. "unassigned": nobody is in the experiment. `flags` is what the variant sets; needed
  // where the datafile does not say.
  Datafile& Variant(const std::string& experiment, const std::string& variant, const Object& flags = {});
  // Writes an experiment with all its variants, the first of which everybody is in until `Variant` says otherwise.
  Datafile& Experiment(const std::string& key, const std::vector<TestVariant>& variants);

  // The campaign's trigger shows its prompt to everybody, whatever audience, holdouts, hours, caps and waits said.
  // Where the datafile has no such campaign it writes one.
  Datafile& Prompt(const std::string& campaign);
  // Writes one, in place of the datafile's.
  Datafile& Prompt(const std::string& campaign, const TestPrompt& prompt);

  // Of an experiment, or of a campaign's contents, in the datafile's order; empty when there is none.
  std::vector<std::string> VariantsOf(std::string_view experiment) const;

  // --- For whoever opens a client on it: TestClient ---

  // The bytes that were handed in, where nothing was set; else an unsigned datafile. `newer`: how much its version is
  // above the one handed in, 0 for the first.
  std::string Bytes(std::uint64_t newer, const std::string& project, const std::string& environment) const;
  bool is_signed() const noexcept { return is_signed_; }
  bool is_changed() const noexcept { return is_changed_; }
  const std::string& original() const noexcept { return original_; }
  // When a test on it begins: an hour after it was issued.
  Timestamp StartTime() const;
  const std::vector<std::string>& problems() const noexcept { return problems_; }
  const std::set<std::string>& missing() const noexcept { return missing_; }

 private:
  template <class T>
  static constexpr const char* TypeOf() {
    if constexpr (std::is_same_v<T, bool>) return "bool";
    if constexpr (std::is_same_v<T, std::int64_t>) return "int";
    if constexpr (std::is_same_v<T, double>) return "double";
    if constexpr (std::is_same_v<T, std::string>) return "string";
    return "json";
  }
  // An empty type: the datafile's, or the value's own.
  Datafile& SetFlag(const std::string& key, std::string type, Value value);
  Datafile& Problem(std::string what);
  bool SetSplit(const std::string& kind, const std::string& key, const std::string& variant);

  std::string original_;  // empty: of the test's own
  Value root_;
  bool is_signed_ = false;
  bool is_changed_ = false;
  std::vector<std::string> problems_;
  std::set<std::string> missing_;
  std::map<std::string, std::string> decided_by_;  // flags, by the experiment whose variant was set
};

}  // namespace guidon::testing
