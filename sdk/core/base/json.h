// JSON, read strictly and within bounds into one flat tape. The only room that knows the JSON library; it never throws
// and never recurses, so 100,000 nested arrays cost an error message and nothing else.
//
// Refused, with the place: what RFC 8259 refuses, invalid UTF-8, a byte order mark, duplicate names in an object,
// numbers out of range (an integer beyond int64, 1e400), a text with U+0000 as a name, anything over the bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/limits.h"
#include "guidon/status.h"
#include "guidon/value.h"

namespace guidon::json {

enum class Type : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

// "an integer", "a string", … for messages.
std::string_view TypeName(Type type) noexcept;

struct Limits {
  std::size_t depth = limits::kJsonDepth;
  std::size_t string_bytes = limits::kJsonStringBytes;
  std::size_t key_bytes = limits::kJsonKeyBytes;
  std::size_t items = limits::kJsonItems;
  std::size_t nodes = limits::kJsonNodes;
  // As JavaScript reads it, for formats of others: an integer beyond int64 is a double, and of members with one name
  // the last one counts.
  bool is_lenient = false;
};

class Document;

// A place in a document. Cheap to copy; valid as long as the document, which must not move meanwhile.
class Node {
 public:
  Node() = default;  // missing: type() is kNull and exists() is false

  bool exists() const noexcept { return document_ != nullptr; }
  Type type() const noexcept;
  bool is(Type type) const noexcept { return exists() && this->type() == type; }

  std::optional<bool> AsBool() const noexcept;
  std::optional<std::int64_t> AsInt() const noexcept;  // an integer, as written without fraction or exponent
  std::optional<double> AsNumber() const noexcept;     // an integer or a double
  std::optional<std::string_view> AsString() const noexcept;

  // Of an array or object; 0 otherwise.
  std::size_t size() const noexcept;
  // Members by name; missing when there is none or this is no object. Linear.
  Node Find(std::string_view name) const noexcept;
  Node operator[](std::string_view name) const noexcept { return Find(name); }

  // The first item of an array, or the first member's value of an object; missing when empty.
  Node First() const noexcept;
  // The next sibling, missing at the end.
  Node Next() const noexcept;
  // The name under which this value stands in its object; empty in an array and at the root.
  std::string_view name() const noexcept;

  // Where it stands, as RFC 6901; empty at the root. Looks for it from there: for messages.
  std::string Pointer() const;

  // for (Node item : node) …, over items or members.
  class Iterator;
  inline Iterator begin() const noexcept;
  inline Iterator end() const noexcept;

  Value ToValue() const;
  // Compact JSON text with the members in the order written.
  std::string ToText() const;

 private:
  friend class Document;
  Node(const Document* document, std::uint32_t index) noexcept : document_(document), index_(index) {}
  Node FromOn(std::uint32_t index) const noexcept;
  const Document* document_ = nullptr;
  std::uint32_t index_ = 0;
};

class Node::Iterator {
 public:
  explicit Iterator(Node node) noexcept : node_(node) {}
  Node operator*() const noexcept { return node_; }
  Iterator& operator++() noexcept {
    node_ = node_.Next();
    return *this;
  }
  bool operator!=(const Iterator& other) const noexcept { return node_.exists() != other.node_.exists(); }

 private:
  Node node_;
};

inline Node::Iterator Node::begin() const noexcept { return Iterator(First()); }
inline Node::Iterator Node::end() const noexcept { return Iterator(Node()); }

// Where parsing stopped.
struct Error {
  std::size_t offset = 0;  // bytes from the start
  std::size_t line = 1;
  std::size_t column = 1;  // in bytes
  std::string pointer;     // the innermost value that was being read, as RFC 6901
  std::string reason;

  // "line 3, column 14 (/flags/a): …"
  std::string ToText() const;
};

// A parsed text. Movable: nodes stay bound to the object they came from, so take them after moving.
class Document {
 public:
  // `error` is filled in when the result is empty; null when nobody wants it.
  static std::optional<Document> Parse(std::string_view text, Error* error, const Limits& limits = Limits());

  Node root() const noexcept { return Node(this, 0); }

 private:
  friend class Node;
  friend class TapeBuilder;
  struct Cell {
    Type type = Type::kNull;
    bool in_object = false;
    bool last = false;       // no sibling after it
    bool dropped = false;    // a member of the same name stands behind it
    std::uint32_t end = 0;   // index behind this value and all it holds
    std::uint32_t name = 0;  // offset in text_, when in_object
    std::uint32_t name_size = 0;
    std::uint32_t count = 0;  // items, members, or bytes of a string
    union {
      bool boolean;
      std::int64_t integer;
      double number;
      std::uint64_t text;  // offset in text_
    };
    Cell() : integer(0) {}
  };
  std::vector<Cell> cells_;
  std::string text_;
};

// One step of a JSON pointer: "/" and the name, escaped.
std::string PointerStep(std::string_view name);
std::string PointerStep(std::size_t index);

}  // namespace guidon::json
