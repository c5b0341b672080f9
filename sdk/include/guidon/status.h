// How calls that reach the platform report back: a Status, or a value or a Status.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace guidon {

enum class StatusCode {
  kOk = 0,
  kInvalidArgument,   // the caller's mistake; the message names the argument
  kNotFound,          // no such file, row or key
  kUnavailable,       // not now: offline, locked, timed out; trying again may help
  kPermissionDenied,  // the system refused: read-only folder, no rights
  kOutOfSpace,        // the disk or the quota is full
  kCorrupt,           // what is stored or was received is not what was written
  kUntrusted,         // a signature or its key is not good
  kTooLarge,          // over a bound of limits.h
  kUnsupported,       // this build or this platform has no such thing
  kClosed,            // the client was closed
  kInternal,          // a fault of the library or the system that fits nowhere else
};

// The name of a code as written in logs and formats, such as "out_of_space".
inline const char* StatusCodeName(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::kOk: return "ok";
    case StatusCode::kInvalidArgument: return "invalid_argument";
    case StatusCode::kNotFound: return "not_found";
    case StatusCode::kUnavailable: return "unavailable";
    case StatusCode::kPermissionDenied: return "permission_denied";
    case StatusCode::kOutOfSpace: return "out_of_space";
    case StatusCode::kCorrupt: return "corrupt";
    case StatusCode::kUntrusted: return "untrusted";
    case StatusCode::kTooLarge: return "too_large";
    case StatusCode::kUnsupported: return "unsupported";
    case StatusCode::kClosed: return "closed";
    case StatusCode::kInternal: return "internal";
  }
  return "internal";
}

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const noexcept { return code_ == StatusCode::kOk; }
  StatusCode code() const noexcept { return code_; }
  // What failed and why, for a person; empty when ok.
  const std::string& message() const noexcept { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

// A value, or the Status that says why there is none. Reading the value of a failed result is a programmer's error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Status status) : state_(std::move(status)) {}

  bool ok() const noexcept { return std::holds_alternative<T>(state_); }
  explicit operator bool() const noexcept { return ok(); }

  const T& operator*() const& { return *std::get_if<T>(&state_); }
  T& operator*() & { return *std::get_if<T>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<T>(&state_)); }
  const T* operator->() const { return std::get_if<T>(&state_); }
  T* operator->() { return std::get_if<T>(&state_); }

  Status status() const {
    const Status* status = std::get_if<Status>(&state_);
    return status == nullptr ? Status() : *status;
  }

 private:
  std::variant<T, Status> state_;
};

}  // namespace guidon
