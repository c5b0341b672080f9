#include "sdk/tools/located_json.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"

namespace guidon::tools {
namespace {

// Deeper than any source needs, and far from what a stack holds.
constexpr std::size_t kDepth = limits::kJsonDepth;

class Reader {
 public:
  Reader(std::string_view text, std::string_view example, std::vector<JsonFault>* faults)
      : text_(text), example_(example), faults_(faults) {}

  bool Run(Located* out) {
    SkipSpace();
    if (at_ == text_.size()) return Fail("", "the file is empty", "begin with " + std::string(example_));
    if (!ReadValue(0, out)) return false;
    SkipSpace();
    if (at_ != text_.size())
      return Fail("", "something follows the end of the JSON", "remove it, or look for a } too many");
    return true;
  }

 private:
  bool Fail(const std::string& pointer, std::string reason, std::string advice) {
    faults_->push_back({at_, pointer, std::move(reason), std::move(advice), false});
    return false;
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool Starts(std::string_view with) const { return text_.substr(at_, with.size()) == with; }

  bool ReadValue(std::size_t depth, Located* out) {
    out->offset = at_;
    if (depth > kDepth) return Fail(out->pointer, "nested deeper than 32 levels", "a source never needs that");
    if (at_ == text_.size()) return Fail(out->pointer, "the file ends where a value is expected", "was it cut short?");
    const char c = text_[at_];
    const bool ok = c == '{'   ? ReadObject(depth, out)
                    : c == '[' ? ReadArray(depth, out)
                    : c == '"' ? ReadString(out)
                               : ReadWord(out);
    out->size = at_ - out->offset;
    return ok;
  }

  bool ReadObject(std::size_t depth, Located* out) {
    out->type = json::Type::kObject;
    ++at_;
    SkipSpace();
    std::unordered_set<std::string> names;
    bool first = true;
    while (at_ == text_.size() || text_[at_] != '}') {
      if (!first && !Separate('}', *out)) return false;
      first = false;
      Located member;
      if (!ReadName(*out, &member)) return false;
      if (!ReadValue(depth + 1, &member)) return false;
      if (names.insert(member.name).second) {
        if (out->items.size() == limits::kJsonItems)
          return Fail(out->pointer, "more than 10,000 members", "split the project");
        out->items.push_back(std::move(member));
      } else {
        faults_->push_back({member.name_offset, member.pointer, "\"" + member.name + "\" stands here a second time",
                            "rename or remove one of the two; the first counts for this check", true});
      }
      SkipSpace();
    }
    ++at_;
    return true;
  }

  bool ReadArray(std::size_t depth, Located* out) {
    out->type = json::Type::kArray;
    ++at_;
    SkipSpace();
    while (at_ == text_.size() || text_[at_] != ']') {
      if (!out->items.empty() && !Separate(']', *out)) return false;
      if (out->items.size() == limits::kJsonItems)
        return Fail(out->pointer, "more than 10,000 items", "shorten the list");
      Located item;
      item.pointer = out->pointer + json::PointerStep(out->items.size());
      if (!ReadValue(depth + 1, &item)) return false;
      out->items.push_back(std::move(item));
      SkipSpace();
    }
    ++at_;
    return true;
  }

  // The comma between two members or items.
  bool Separate(char end, const Located& in) {
    if (at_ == text_.size()) return Fail(in.pointer, std::string("the file ends before a ") + end, "was it cut short?");
    if (text_[at_] != ',') {
      return Fail(in.pointer, std::string("expected , or ") + end + ", found " + Found(),
                  "is a comma missing before this?");
    }
    const std::size_t comma = at_++;
    SkipSpace();
    if (at_ < text_.size() && text_[at_] == end) {
      at_ = comma;
      return Fail(in.pointer, std::string("a comma stands before ") + end, "remove this comma");
    }
    return true;
  }

  bool ReadName(const Located& in, Located* member) {
    member->name_offset = at_;
    if (at_ == text_.size()) return Fail(in.pointer, "the file ends before a }", "was it cut short?");
    if (text_[at_] != '"') {
      return Fail(in.pointer, "expected a name in double quotes, found " + Found(),
                  Starts("//") || Starts("/*") ? "JSON has no comments: use \"about\"" : "write \"name\": value");
    }
    Located name;
    name.offset = at_;
    name.pointer = in.pointer;
    if (!ReadString(&name)) return false;
    member->name = std::string(name.Text());
    member->pointer = in.pointer + json::PointerStep(member->name);
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != ':') {
      return Fail(member->pointer, "expected : behind \"" + member->name + "\", found " + Found(),
                  "write \"name\": value");
    }
    ++at_;
    SkipSpace();
    return true;
  }

  // Finds where the text ends; what it says is read by the strict reader.
  bool ReadString(Located* out) {
    out->type = json::Type::kString;
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2u : 1u;
    if (at_ >= text_.size() || text_[at_] != '"') {
      at_ = begin;
      return Fail(out->pointer, "a text is not closed with \" on its line", "add the closing \"");
    }
    ++at_;
    return ReadScalar(begin, out);
  }

  bool ReadWord(Located* out) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::string_view(" \t\r\n,:]}[{\"").find(text_[at_]) == std::string_view::npos))
      ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word != "true" && word != "false" && word != "null" &&
        (word.empty() || word.find_first_not_of("+-.0123456789eE") != std::string_view::npos)) {
      at_ = begin;
      const bool comment = Starts("//") || Starts("/*");
      const bool capital = word == "True" || word == "False" || word == "TRUE" || word == "FALSE" || word == "None";
      return Fail(out->pointer, "expected a value, found " + Found(),
                  comment   ? "JSON has no comments: use \"about\""
                  : capital ? "JSON writes true, false and null in small letters"
                            : "put texts in double quotes");
    }
    return ReadScalar(begin, out);
  }

  bool ReadScalar(std::size_t begin, Located* out) {
    json::Error error;
    const std::optional<json::Document> scalar = json::Document::Parse(text_.substr(begin, at_ - begin), &error);
    if (scalar) {
      out->type = scalar->root().type();
      out->value = scalar->root().ToValue();
      return true;
    }
    // A number out of range is the one fault behind which everything else can still be checked.
    const std::string_view word = text_.substr(begin, at_ - begin);
    const std::size_t digits = word[0] == '-' ? 1 : 0;
    const bool is_integer =
        word.size() > digits && word.find_first_not_of("0123456789", digits) == std::string_view::npos;
    if (is_integer && word.size() > 18 && word[digits] != '0') {
      out->is_out_of_range = true;
      return true;
    }
    at_ = begin + error.offset;
    return Fail(out->pointer, error.reason, "");
  }

  std::string Found() const {
    if (at_ == text_.size()) return "the end of the file";
    const std::size_t length = std::max<std::size_t>(1, text::Utf8Length(text_.substr(at_)));
    const unsigned char c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x20 || c == 0x7F || (length == 1 && c >= 0x80)) return "a byte that is no text";
    return "'" + std::string(text_.substr(at_, length)) + "'";
  }

  std::string_view text_;
  std::string_view example_;
  std::vector<JsonFault>* faults_;
  std::size_t at_ = 0;
};

}  // namespace

const Located* Located::Find(std::string_view member) const {
  if (type != json::Type::kObject) return nullptr;
  for (const Located& item : items) {
    if (item.name == member) return &item;
  }
  return nullptr;
}

Value Located::ToValue() const {
  if (type == json::Type::kArray) {
    List list;
    for (const Located& item : items) list.push_back(item.ToValue());
    return Value(std::move(list));
  }
  if (type == json::Type::kObject) {
    Object object;
    for (const Located& item : items) object.push_back({item.name, item.ToValue()});
    return Value(std::move(object));
  }
  return value;
}

bool ReadLocated(std::string_view text, Located* out, std::vector<JsonFault>* faults, std::string_view example) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    faults->push_back({0, "", "the file begins with a byte order mark", "save it as UTF-8 without BOM", false});
    return false;
  }
  return Reader(text, example, faults).Run(out);
}

LineColumn PlaceOf(std::string_view text, std::size_t offset) {
  LineColumn place;
  for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace guidon::tools
