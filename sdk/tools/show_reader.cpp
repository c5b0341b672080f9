// What a campaign shows: one content, or several variants of it.
#include <algorithm>
#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr const char* kVariantsExample = "{ \"benefit\": { \"title\": \"…\" }, \"news\": { \"title\": \"…\" } }";
// What a content says, and where a translation says it.
struct Translated {
  const char* member;
  const char* in_translation;
};
constexpr Translated kTranslatedMembers[] = {
    {"title", "title"}, {"body", "body"}, {"image", "alt"}, {"buttons", "buttons"}, {"questions", "questions"}};

Located* FindMember(Located* object, std::string_view name) {
  const auto found = std::find_if(object->items.begin(), object->items.end(),
                                  [name](const Located& item) { return item.name == name; });
  return found == object->items.end() ? nullptr : &*found;
}

void Remove(Located* object, std::string_view name) {
  object->items.erase(std::remove_if(object->items.begin(), object->items.end(),
                                     [name](const Located& item) { return item.name == name; }),
                      object->items.end());
}

// It stands in place of the member of that name; null takes that away.
void PutMember(const Located& item, Located* object) {
  Located* there = FindMember(object, item.name);
  if (item.is(json::Type::kNull)) {
    Remove(object, item.name);
  } else if (there != nullptr) {
    *there = item;
  } else {
    object->items.push_back(item);
  }
}

void PutMembers(const Located& own, Located* object) {
  for (const Located& item : own.items) PutMember(item, object);
}

void PutTranslations(const Located& own, Located* translations) {
  for (const Located& item : own.items) {
    Located* there = FindMember(translations, item.name);
    if (there == nullptr || !there->is(json::Type::kObject) || !item.is(json::Type::kObject)) {
      PutMember(item, translations);
      continue;
    }
    PutMembers(item, there);
    there->offset = item.offset;
    there->name_offset = item.name_offset;
    there->pointer = item.pointer;
  }
}

class ShowReader {
 public:
  ShowReader(const Members& members, const Located& campaign, std::vector<SourceShow>* out)
      : members_(members), campaign_(campaign), show_(campaign.Find("show")), out_(*out) {}

  void Run() {
    const Located* variants = campaign_.Find("variants");
    if (variants != nullptr) return ReadVariants(*variants);
    if (const Located* weights = campaign_.Find("weights")) {
      problems().Error("weights-without-variants", *weights, "the weights are of \"variants\", and there are none",
                       std::string("write \"variants\": ") + kVariantsExample + ", or remove them");
    }
    if (show_ == nullptr) {
      problems().ErrorAtName("missing-member", campaign_, "\"show\" is missing, so there is nothing to see",
                             "write \"show\": { \"kind\": \"banner\", \"title\": \"…\", \"buttons\": [ … ] }");
      return;
    }
    SourceShow& only = out_.emplace_back();
    only.at = show_;
    ReadContent(members_, *show_, &only.content);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadVariants(const Located& variants) {
    if (!members_.Want(variants, json::Type::kObject, kVariantsExample)) return;
    if (show_ != nullptr && !members_.Want(*show_, json::Type::kObject, "{ \"kind\": \"banner\" }")) return;
    if (variants.items.size() < 2) {
      problems().Error("one-variant", variants, "there is nothing to compare it with",
                       std::string("write two or more, such as ") + kVariantsExample + "; or only \"show\"");
    }
    if (variants.items.size() > limits::kPromptVariants) {
      problems().Error("too-many", variants, "more than 8 variants", "compare fewer at once");
    }
    std::vector<std::string_view> names;
    for (const Located& item : variants.items) {
      if (ReadVariant(item)) names.push_back(item.name);
    }
    const std::vector<double> weights = ReadWeights(members_, campaign_, names);
    for (std::size_t i = 0; i < weights.size(); ++i) out_[i].weight = weights[i];
  }

  bool ReadVariant(const Located& item) {
    members_.CheckName(item.name, item, true, "variant");
    if (ruleset::IsReservedArm(item.name)) {
      problems().ErrorAtName("reserved-name", item,
                             "'" + item.name + "' is what prompts and QA call something else than a variant",
                             "give the variant another name, such as 'benefit'");
    }
    if (!members_.Want(item, json::Type::kObject, "{ \"title\": \"…\" }")) return false;
    CheckTranslated(item);
    SourceShow& out = out_.emplace_back();
    out.name = item.name;
    out.at = &item;
    out.merged = std::make_shared<const Located>(Merged(item));
    ReadContent(members_, *out.merged, &out.content);
    return true;
  }

  // The common words stand where a variant says nothing itself.
  Located Merged(const Located& variant) const {
    Located merged = variant;
    merged.items = show_ != nullptr ? show_->items : std::vector<Located>();
    Remove(&merged, "about");
    Located own = variant;
    if (Located* translations = FindMember(&merged, "translations")) {
      for (const Translated& each : kTranslatedMembers) {
        const Located* said = variant.Find(each.member);
        if (said == nullptr || !said->is(json::Type::kNull)) continue;
        for (Located& translation : translations->items) Remove(&translation, each.in_translation);
      }
      const Located* of_variant = variant.Find("translations");
      if (of_variant != nullptr && of_variant->is(json::Type::kObject)) {
        PutTranslations(*of_variant, translations);
        Remove(&own, "translations");
      }
    }
    PutMembers(own, &merged);
    return merged;
  }

  // Else people would read one variant in one language and another in the next.
  void CheckTranslated(const Located& variant) {
    const Located* common = show_ != nullptr ? show_->Find("translations") : nullptr;
    if (common == nullptr) return;
    const Located* own = variant.Find("translations");
    if (own != nullptr && own->is(json::Type::kNull)) return;
    for (const Translated& each : kTranslatedMembers) {
      const Located* said = variant.Find(each.member);
      if (said == nullptr || said->is(json::Type::kNull)) continue;
      for (const Located& language : common->items) {
        const Located* translation = own == nullptr ? nullptr : own->Find(language.name);
        if (translation != nullptr &&
            (translation->is(json::Type::kNull) || translation->Find(each.in_translation) != nullptr)) {
          continue;
        }
        problems().Error("incomplete-translation", *said,
                         "the variant says \"" + std::string(each.member) + "\" itself, and not in " + language.name +
                             ", in which people would read the others' words",
                         "write \"translations\": { \"" + language.name + "\": { \"" + each.in_translation +
                             "\": … } } in the variant, too");
      }
    }
  }

  const Members& members_;
  const Located& campaign_;
  const Located* show_;
  std::vector<SourceShow>& out_;
};

}  // namespace

void ReadShows(const Members& members, const Located& campaign, std::vector<SourceShow>* out) {
  ShowReader(members, campaign, out).Run();
}

}  // namespace guidon::tools
