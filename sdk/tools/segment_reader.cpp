// Segments: an expression, or members by name.
#include <set>
#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr const char* kListExample = "{ \"unit\": \"account\", \"values\": [\"u-1\", \"u-2\"] }";

class ListReader {
 public:
  ListReader(const Members& members, const Located& at) : members_(members), at_(at) {}

  void Run(SourceSegment* out) {
    members_.CheckKnown(at_, {"about", "unit", "attribute", "values", "hashed"}, "a segment that is a list",
                        {{"when", "a segment is a list, or an expression alone: \"beta\": \"channel == 'beta'\""},
                         {"ids", "write \"values\""},
                         {"members", "write \"values\""},
                         {"salt", "the tool chooses the salt"}});
    members_.Text(at_, "about");
    list_.is_hashed = members_.Bool(at_, "hashed").value_or(false);
    const bool is_whole = ReadOwner();
    const Located* values = at_.Find("values");
    if (values == nullptr) {
      problems().ErrorAtName("missing-member", at_, "\"values\" is missing", std::string("write ") + kListExample);
      return;
    }
    if (!members_.Want(*values, json::Type::kArray, "[\"u-1\", \"u-2\"]")) return;
    if (values->items.empty()) {
      problems().Warning("empty-list", *values, "nobody is in this segment", "name its members, or remove it");
    }
    CheckCount(members_, *values, limits::kListValues);
    ReadValues(*values);
    CheckPersonalData(*values);
    if (!is_whole) return;
    if (!list_.unit.empty() || list_.is_hashed) {
      out->list = std::move(list_);
      return;
    }
    expression::Tree tree;
    tree.kind = expression::Kind::kIn;
    tree.name = list_.attribute;
    tree.values = std::move(plain_);
    out->when = std::move(tree);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  // False when it is not known of what the values are.
  bool ReadOwner() {
    const Located* attribute = at_.Find("attribute");
    const Located* unit = at_.Find("unit");
    if ((unit == nullptr) == (attribute == nullptr)) {
      problems().ErrorAtName(
          "list-of-nothing", at_,
          unit == nullptr ? "the list does not say of what its values are"
                          : "the list is of a unit and of an attribute",
          "write \"unit\": \"account\" for ids, or \"attribute\": \"plan\" for what is known of people");
      return false;
    }
    if (unit != nullptr) {
      list_.unit = members_.Unit(at_).value_or("");
      return !list_.unit.empty();
    }
    list_.attribute = members_.Text(at_, "attribute").value_or("");
    if (!list_.attribute.empty() && list_.attribute.size() <= limits::kAttributeNameBytes) return true;
    if (attribute->is(json::Type::kString)) {
      problems().Error("bad-name", *attribute, "an attribute's name has 1 to 256 bytes", "write its name as rules do");
    }
    return false;
  }

  void ReadValues(const Located& values) {
    std::set<std::string> seen;
    const Located* twice = nullptr;
    const bool is_plain = list_.unit.empty() && !list_.is_hashed;
    for (const Located& item : values.items) {
      const bool is_text = item.is(json::Type::kString);
      if (!is_text && !(is_plain && (item.IsNumber() || item.is(json::Type::kBool)))) {
        problems().Error("wrong-type", item, "expected a text, found " + Describe(item), WayOut(item));
        continue;
      }
      const std::size_t most = list_.unit.empty() ? limits::kAttributeBytes : limits::kUnitIdBytes;
      if (is_text && (item.Text().size() > most || (!list_.unit.empty() && item.Text().empty()))) {
        problems().Error(
            "bad-value", item,
            list_.unit.empty() ? "the text is longer than any attribute may be" : "a unit's id has 1 to 256 bytes",
            "correct or remove it");
        continue;
      }
      if (!seen.insert(json::ToText(item.value)).second) {
        if (twice == nullptr) twice = &item;
        continue;
      }
      if (is_text) list_.values.emplace_back(item.Text());
      plain_.push_back(item.value);
    }
    if (twice == nullptr) return;
    problems().Warning("listed-twice", *twice, Shown(twice->value) + " is listed twice", "remove one");
  }

  std::string WayOut(const Located& item) const {
    if (!item.IsNumber()) return "write a text in double quotes";
    return "write \"" + json::ToText(item.value) + "\"" +
           (list_.unit.empty() ? ", and let the app set a text: only texts are hashed" : "");
  }

  void CheckPersonalData(const Located& values) {
    if (list_.is_hashed) return;
    for (const Located& item : values.items) {
      if (item.Text().empty() || !LooksPersonal(item.Text())) continue;
      problems().Warning("personal-data", item,
                         Shown(item.value) + " looks like somebody's address or number, and every device receives it",
                         "write \"hashed\": true");
      return;
    }
  }

  const Members& members_;
  const Located& at_;
  SourceList list_;
  List plain_;
};

}  // namespace

void ReadSegments(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"beta\": \"channel == 'beta'\" }")) return;
  CheckCount(members, at, limits::kSegments);
  for (const Located& item : at.items) {
    members.CheckName(item.name, item, true, "segment");
    SourceSegment segment;
    segment.name = item.name;
    segment.at = &item;
    if (item.is(json::Type::kObject)) {
      ListReader(members, item).Run(&segment);
    } else if (item.is(json::Type::kArray)) {
      members.problems().Error("wrong-type", item, "a list alone does not say of what its values are",
                               std::string("write ") + kListExample);
    } else {
      segment.when = members.Condition(item);
    }
    out->segments.push_back(std::move(segment));
  }
}

}  // namespace guidon::tools
