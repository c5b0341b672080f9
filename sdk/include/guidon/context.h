// What is known of the unit at hand: its ids, which bucketing hashes, and its attributes, which rules read. A plain
// value type: build one, hand it to `Client::Identify`. Attributes stay on the device unless the datafile lists them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "guidon/value.h"

namespace guidon {

class Context {
 public:
  struct UnitId {
    std::string kind;  // "account", "device" or the app's own
    std::string id;
  };
  struct Attribute {
    std::string kind;  // empty: of the context as a whole
    std::string name;
    Value value;
  };

  // The id of a unit kind, hashed byte by byte as given: 1 to 256 bytes of UTF-8, no trimming, no case folding. Setting
  // a kind again replaces it. An id out of range is kept, and decisions that need it say `invalid_unit`. "device" is
  // set by the client (the install id) unless the app sets its own.
  Context& Unit(std::string kind, std::string id) {
    for (UnitId& unit : units_) {
      if (unit.kind == kind) {
        unit.id = std::move(id);
        return *this;
      }
    }
    units_.push_back({std::move(kind), std::move(id)});
    return *this;
  }
  // An integer id is its decimal text.
  Context& Unit(std::string kind, std::int64_t id) { return Unit(std::move(kind), std::to_string(id)); }

  // An attribute, by the name rules use. A dotted name ("app.version") is found by that name, or else by walking into
  // objects. Setting a name again replaces it. Of more than 256 names the later ones are dropped.
  Context& Set(std::string name, Value value) { return SetFor(std::string(), std::move(name), std::move(value)); }

  // The same for one kind of thing, where a rule names the kind: SetFor("team", "size", 12).
  Context& SetFor(std::string kind, std::string name, Value value) {
    for (Attribute& attribute : attributes_) {
      if (attribute.name == name && attribute.kind == kind) {
        attribute.value = std::move(value);
        return *this;
      }
    }
    if (attributes_.size() < limits::kContextAttributes) {
      attributes_.push_back({std::move(kind), std::move(name), std::move(value)});
    }
    return *this;
  }

  const std::vector<UnitId>& units() const noexcept { return units_; }
  const std::vector<Attribute>& attributes() const noexcept { return attributes_; }

  // Null when the kind has no id.
  const std::string* FindUnit(std::string_view kind) const noexcept {
    for (const UnitId& unit : units_) {
      if (unit.kind == kind) return &unit.id;
    }
    return nullptr;
  }

 private:
  std::vector<UnitId> units_;
  std::vector<Attribute> attributes_;
};

// What of the identity before belongs to the one that follows: of that device's behavior (what rules count), of prompts
// shown (what caps count), and of the variants that experiments keep. Each account has its own of all three, and so has
// the device while nobody is logged in; the device's comes back when somebody logs out. See Client::Identify.
enum class Carry {
  kNothing,    // the one that follows has what it had when it was here before, and else begins anew
  kAnonymous,  // of nobody to an account: what was done before logging in is that account's. Otherwise as kNothing
  kPrevious,   // as well from one account to another, which is the same person: a merge of two accounts
};

}  // namespace guidon
