// The building blocks of everything the store holds: LEB128 numbers, length-prefixed texts. Permanent. Reading is
// total: whatever the bytes, a reader ends with ok() false, or has read values that are within the bounds of what it
// was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace guidon {

// Writes to the end of `Bytes`: a std::string, or FixedBytes.
template <class Bytes>
class BasicByteWriter {
 public:
  void Byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void Bool(bool value) { Byte(value ? 1 : 0); }
  void Number(std::uint64_t value) {
    while (value >= 0x80) {
      Byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    Byte(static_cast<std::uint8_t>(value));
  }
  // Zigzag, so that small negative numbers are short.
  void Signed(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    Number((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  // Eight bytes, most significant first: what is written so sorts as it compares.
  void Fixed(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) Byte(static_cast<std::uint8_t>(value >> shift));
  }
  void Double(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    Fixed(bits);
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.append(text);
  }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }

  const Bytes& bytes() const noexcept { return bytes_; }
  Bytes Take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

using ByteWriter = BasicByteWriter<std::string>;

// Room for so many bytes, where it stands. What does not fit is not written, and from then on it is full.
template <std::size_t kSize>
class FixedBytes {
 public:
  void push_back(char byte) noexcept { append(std::string_view(&byte, 1)); }
  void append(std::string_view bytes) noexcept {
    if (bytes.size() > kSize - size_) is_full_ = true;
    if (is_full_) return;
    std::memcpy(bytes_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  bool is_full() const noexcept { return is_full_; }
  std::string_view view() const noexcept { return {bytes_, size_}; }

 private:
  std::size_t size_ = 0;
  bool is_full_ = false;
  char bytes_[kSize];
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return bytes_.empty(); }
  std::size_t left() const noexcept { return bytes_.size(); }
  void Fail() noexcept { ok_ = false; }

  std::uint8_t Byte() noexcept {
    if (bytes_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  bool Bool() noexcept {
    const std::uint8_t value = Byte();
    if (value > 1) ok_ = false;
    return value == 1;
  }
  std::uint64_t Number() noexcept {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = Byte();
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return ok_ ? value : 0;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t Signed() noexcept {
    const std::uint64_t bits = Number();
    return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
  }
  std::uint64_t Fixed() noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | Byte();
    return value;
  }
  double Double() noexcept {
    const std::uint64_t bits = Fixed();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  std::string_view Text() noexcept {
    const std::uint64_t size = Number();
    if (size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view text = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(text.size());
    return text;
  }
  // How many items follow. More than there are bytes left cannot be, so a hostile count costs no memory.
  std::size_t Count() noexcept {
    const std::uint64_t count = Number();
    if (count > bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return static_cast<std::size_t>(count);
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace guidon
