#include "sdk/core/base/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sdk/core/base/json_writer.h"

namespace guidon::json {

std::string_view TypeName(Type type) noexcept {
  switch (type) {
    case Type::kNull: return "null";
    case Type::kBool: return "true or false";
    case Type::kInt: return "an integer";
    case Type::kDouble: return "a number with a fraction";
    case Type::kString: return "a text";
    case Type::kArray: return "an array";
    case Type::kObject: return "an object";
  }
  return "a value";
}

std::string PointerStep(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::string PointerStep(std::size_t index) { return "/" + std::to_string(index); }

std::string Error::ToText() const {
  std::string text = "line " + std::to_string(line) + ", column " + std::to_string(column);
  if (!pointer.empty()) text += " (" + pointer + ")";
  return text + ": " + reason;
}

namespace {

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - invalid
// literal; last read: 'x'" without what is said elsewhere: the place, and the input, which may be megabytes or no
// UTF-8.
std::string Plain(std::string_view what) {
  if (what.rfind("[json.exception.out_of_range", 0) == 0) return "a number out of range";
  what = what.substr(0, what.find("; last read: "));
  const std::size_t dash = what.find(" - ");
  return std::string(dash == std::string_view::npos ? what : what.substr(dash + 3));
}

}  // namespace

// Fills a document's tape from the SAX events. Returning false ends the parse, with the reason in `reason_`.
class TapeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TapeBuilder(Document* document, const Limits& limits) : document_(*document), limits_(limits) {}

  bool null() override { return Add(Type::kNull) != nullptr; }
  bool boolean(bool value) override {
    Document::Cell* cell = Add(Type::kBool);
    if (cell != nullptr) cell->boolean = value;
    return cell != nullptr;
  }
  bool number_integer(number_integer_t value) override {
    Document::Cell* cell = Add(Type::kInt);
    if (cell != nullptr) cell->integer = value;
    return cell != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) {
      if (limits_.is_lenient) return Double(static_cast<double>(value));
      return Fail("an integer beyond 9223372036854775807");
    }
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    // Integers too long for 64 bits arrive here.
    const bool is_integer = text.find_first_of(".eE") == string_t::npos;
    if (is_integer && !limits_.is_lenient) return Fail("an integer out of the range of 64 bits");
    if (!std::isfinite(value)) return Fail("a number out of range");
    return Double(value);
  }
  bool string(string_t& value) override {
    if (value.size() > limits_.string_bytes) {
      return Fail("a text of more than " + std::to_string(limits_.string_bytes) + " bytes");
    }
    Document::Cell* cell = Add(Type::kString);
    if (cell == nullptr) return false;
    cell->text = document_.text_.size();
    cell->count = static_cast<std::uint32_t>(value.size());
    document_.text_ += value;
    return true;
  }
  bool binary(binary_t&) override { return Fail("binary data"); }
  bool start_object(std::size_t) override { return Begin(Type::kObject); }
  bool end_object() override { return End(); }
  bool start_array(std::size_t) override { return Begin(Type::kArray); }
  bool end_array() override { return End(); }
  bool key(string_t& name) override {
    if (name.size() > limits_.key_bytes) {
      return Fail("a member name of more than " + std::to_string(limits_.key_bytes) + " bytes");
    }
    if (name.find('\0') != string_t::npos) return Fail("a member name with U+0000");
    name_offset_ = static_cast<std::uint32_t>(document_.text_.size());
    name_size_ = static_cast<std::uint32_t>(name.size());
    document_.text_ += name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    offset = position == 0 ? 0 : position - 1;
    reason = Plain(error.what());
    has_offset = true;
    return false;
  }

  // The innermost value that is being read.
  std::string Pointer() const {
    std::string pointer;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const Open& open = open_[i];
      const Document::Cell& cell = document_.cells_[open.cell];
      const bool innermost = i + 1 == open_.size();
      if (cell.type == Type::kObject) {
        const std::uint32_t at = innermost ? name_offset_ : document_.cells_[open_[i + 1].cell].name;
        const std::uint32_t size = innermost ? name_size_ : document_.cells_[open_[i + 1].cell].name_size;
        if (innermost && size == 0) break;
        pointer += PointerStep(std::string_view(document_.text_).substr(at, size));
      } else {
        pointer += PointerStep(static_cast<std::size_t>(innermost ? cell.count : cell.count - 1));
      }
      if (pointer.size() > 1024) return pointer + "/…";
    }
    return pointer;
  }

  std::size_t offset = 0;
  bool has_offset = false;
  std::string reason;

 private:
  struct Open {
    std::uint32_t cell;
    std::uint32_t last_child;  // index of the newest child, to be marked when the next or none comes
    bool has_child = false;
  };

  bool Fail(std::string why) {
    reason = std::move(why);
    return false;
  }

  bool Double(double value) {
    Document::Cell* cell = Add(Type::kDouble);
    if (cell != nullptr) cell->number = value;
    return cell != nullptr;
  }

  Document::Cell* Add(Type type) {
    if (document_.cells_.size() >= limits_.nodes) {
      Fail("more than " + std::to_string(limits_.nodes) + " values");
      return nullptr;
    }
    Document::Cell cell;
    cell.type = type;
    const auto index = static_cast<std::uint32_t>(document_.cells_.size());
    cell.end = index + 1;
    if (!open_.empty()) {
      Open& parent = open_.back();
      Document::Cell& parent_cell = document_.cells_[parent.cell];
      if (parent_cell.count >= limits_.items) {
        Fail("more than " + std::to_string(limits_.items) + " items in one " +
             (parent_cell.type == Type::kObject ? "object" : "array"));
        return nullptr;
      }
      ++parent_cell.count;
      if (parent_cell.type == Type::kObject) {
        cell.in_object = true;
        cell.name = name_offset_;
        cell.name_size = name_size_;
        name_size_ = 0;
      }
      parent.last_child = index;
      parent.has_child = true;
    }
    document_.cells_.push_back(cell);
    return &document_.cells_.back();
  }

  bool Begin(Type type) {
    if (open_.size() >= limits_.depth) return Fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
    if (Add(type) == nullptr) return false;
    open_.push_back({static_cast<std::uint32_t>(document_.cells_.size() - 1), 0, false});
    return true;
  }

  bool End() {
    const Open open = open_.back();
    Document::Cell& cell = document_.cells_[open.cell];
    cell.end = static_cast<std::uint32_t>(document_.cells_.size());
    if (open.has_child) document_.cells_[open.last_child].last = true;
    if (cell.type == Type::kObject && limits_.is_lenient) {
      DropRepeated(open.cell);
    } else if (cell.type == Type::kObject && !CheckNames(open.cell)) {
      return false;
    }
    open_.pop_back();
    return true;
  }

  // Most objects have a handful of members: comparing each with each costs less than sorting them.
  bool CheckNames(std::uint32_t object) {
    names_.clear();
    for (std::uint32_t i = object + 1; i < document_.cells_[object].end; i = document_.cells_[i].end) {
      names_.push_back(NameOf(document_.cells_[i]));
    }
    constexpr std::size_t kFew = 8;
    if (names_.size() > kFew) {
      std::sort(names_.begin(), names_.end());
      const auto twice = std::adjacent_find(names_.begin(), names_.end());
      return twice == names_.end() || FailTwice(*twice);
    }
    for (std::size_t i = 1; i < names_.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (names_[i] == names_[k]) return FailTwice(names_[i]);
      }
    }
    return true;
  }

  void DropRepeated(std::uint32_t object) {
    std::vector<std::pair<std::string_view, std::uint32_t>> members;
    for (std::uint32_t i = object + 1; i < document_.cells_[object].end; i = document_.cells_[i].end) {
      members.emplace_back(NameOf(document_.cells_[i]), i);
    }
    std::sort(members.begin(), members.end());
    for (std::size_t i = 1; i < members.size(); ++i) {
      if (members[i].first != members[i - 1].first) continue;
      document_.cells_[members[i - 1].second].dropped = true;
      --document_.cells_[object].count;
    }
  }

  bool FailTwice(std::string_view name) {
    name_size_ = 0;
    return Fail("the member \"" + std::string(name) + "\" stands twice in one object");
  }

  std::string_view NameOf(const Document::Cell& cell) const noexcept {
    return {document_.text_.data() + cell.name, cell.name_size};
  }

  Document& document_;
  const Limits& limits_;
  std::vector<Open> open_;
  std::vector<std::string_view> names_;
  std::uint32_t name_offset_ = 0;
  std::uint32_t name_size_ = 0;
};

namespace {

// Hands the text to the parser while counting how far it has read: the library tells the place of its own errors only.
// Costs time, so a text is read this way only once it is known to be refused.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    if (at_ > *furthest_) *furthest_ = at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }
  difference_type operator-(const CountingIterator& other) const { return at_ - other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

template <class Iterator>
bool Read(Iterator begin, Iterator end, TapeBuilder* builder) {
  try {
    return nlohmann::json::sax_parse(begin, end, builder);
  } catch (const std::exception& e) {
    builder->reason = e.what();  // out of memory, most likely
    return false;
  }
}

void Locate(std::string_view text, Error* error) {
  error->offset = std::min(error->offset, text.size());
  const std::string_view before = text.substr(0, error->offset);
  error->line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  error->column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
}

}  // namespace

std::optional<Document> Document::Parse(std::string_view text, Error* error, const Limits& limits) {
  std::optional<Document> document(std::in_place);
  const char* furthest = text.data();
  const char* const end = text.data() + text.size();
  const std::size_t zero = text.find('\0');
  std::string reason;
  if (text.empty()) {
    reason = "it is empty";
  } else if (text.size() >= UINT32_MAX) {
    reason = "more than 4 GiB of text";  // offsets in the tape are 32 bits
  } else if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    reason = "it begins with a byte order mark; save it without";
  } else if (zero != std::string_view::npos) {
    // The library takes a zero byte for the end and would pass over whatever stands behind it.
    reason = "a byte 0";
    furthest += zero + 1;
  } else {
    document->cells_.reserve(text.size() / 8 + 1);
    document->text_.reserve(text.size() / 2 + 1);
    TapeBuilder builder(&*document, limits);
    // What is reserved and not used is not given back: a page that was never touched costs nothing, and copying does.
    if (Read(text.data(), end, &builder)) return document;
  }
  if (error == nullptr) return std::nullopt;
  *document = Document();
  TapeBuilder builder(&*document, limits);
  if (reason.empty()) {
    Read(CountingIterator(text.data(), &furthest), CountingIterator(end, &furthest), &builder);
    reason = builder.reason;
  }
  error->reason = reason;
  error->pointer = builder.Pointer();
  error->offset = builder.has_offset ? builder.offset : static_cast<std::size_t>(furthest - text.data());
  if (!builder.has_offset && error->offset > 0) --error->offset;  // the last byte read, not the one behind it
  Locate(text, error);
  return std::nullopt;
}

Type Node::type() const noexcept { return exists() ? document_->cells_[index_].type : Type::kNull; }

std::optional<bool> Node::AsBool() const noexcept {
  if (!is(Type::kBool)) return std::nullopt;
  return document_->cells_[index_].boolean;
}

std::optional<std::int64_t> Node::AsInt() const noexcept {
  if (!is(Type::kInt)) return std::nullopt;
  return document_->cells_[index_].integer;
}

std::optional<double> Node::AsNumber() const noexcept {
  if (is(Type::kDouble)) return document_->cells_[index_].number;
  if (is(Type::kInt)) return static_cast<double>(document_->cells_[index_].integer);
  return std::nullopt;
}

std::optional<std::string_view> Node::AsString() const noexcept {
  if (!is(Type::kString)) return std::nullopt;
  const Document::Cell& cell = document_->cells_[index_];
  return std::string_view(document_->text_).substr(static_cast<std::size_t>(cell.text), cell.count);
}

std::size_t Node::size() const noexcept {
  return is(Type::kArray) || is(Type::kObject) ? document_->cells_[index_].count : 0;
}

Node Node::Find(std::string_view name) const noexcept {
  if (size() == 0 || !is(Type::kObject)) return Node();
  const Document::Cell* cells = document_->cells_.data();
  const char* text = document_->text_.data();
  for (std::uint32_t i = index_ + 1;; i = cells[i].end) {
    const bool is_it = std::string_view(text + cells[i].name, cells[i].name_size) == name;
    if (is_it && !cells[i].dropped) return Node(document_, i);
    if (cells[i].last) return Node();
  }
}

// Of what is dropped, something of the same name stands behind.
Node Node::FromOn(std::uint32_t index) const noexcept {
  while (document_->cells_[index].dropped) index = document_->cells_[index].end;
  return Node(document_, index);
}

Node Node::First() const noexcept { return size() == 0 ? Node() : FromOn(index_ + 1); }

Node Node::Next() const noexcept {
  if (!exists()) return Node();
  const Document::Cell& cell = document_->cells_[index_];
  if (cell.last || index_ == 0) return Node();
  return FromOn(cell.end);
}

std::string_view Node::name() const noexcept {
  if (!exists() || !document_->cells_[index_].in_object) return {};
  const Document::Cell& cell = document_->cells_[index_];
  return std::string_view(document_->text_).substr(cell.name, cell.name_size);
}

std::string Node::Pointer() const {
  std::string pointer;
  Node at = exists() ? document_->root() : Node();
  while (at.index_ != index_) {
    std::size_t position = 0;
    Node child = at.First();
    for (; document_->cells_[child.index_].end <= index_; child = child.Next()) ++position;
    pointer += at.is(Type::kObject) ? PointerStep(child.name()) : PointerStep(position);
    at = child;
  }
  return pointer;
}

Value Node::ToValue() const {
  switch (type()) {
    case Type::kNull: return Value();
    case Type::kBool: return Value(*AsBool());
    case Type::kInt: return Value(*AsInt());
    case Type::kDouble: return Value(*AsNumber());
    case Type::kString: return Value(*AsString());
    case Type::kArray: {
      List list;
      list.reserve(size());
      for (const Node item : *this) list.push_back(item.ToValue());
      return Value(std::move(list));
    }
    case Type::kObject: {
      Object object;
      object.reserve(size());
      for (const Node member : *this) object.push_back({std::string(member.name()), member.ToValue()});
      return Value(std::move(object));
    }
  }
  return Value();
}

std::string Node::ToText() const { return json::ToText(ToValue()); }

}  // namespace guidon::json
