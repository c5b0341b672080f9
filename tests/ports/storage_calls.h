// Calls to stores that answer inside the call, as functions that return; each checks that it is answered exactly once.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/ports/storage.h"

namespace guidon::test {

// Takes one answer.
template <class T>
class Answer {
 public:
  auto Taker() {
    return [this](T value) {
      REQUIRE(!value_.has_value());
      value_.emplace(std::move(value));
    };
  }
  T Take() {
    REQUIRE(value_.has_value());
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

inline Result<StorageOpened> Open(Storage& storage) {
  Answer<Result<StorageOpened>> answer;
  storage.Open(answer.Taker());
  return answer.Take();
}

inline Status Commit(Storage& storage, StorageBatch batch) {
  Answer<Status> answer;
  storage.Commit(std::move(batch), answer.Taker());
  return answer.Take();
}

// Each key with a value of its own.
inline Status Put(Storage& storage, std::initializer_list<const char*> keys) {
  StorageBatch batch;
  for (const char* key : keys) batch.put.push_back({key, std::string("value of ") + key});
  return Commit(storage, std::move(batch));
}

inline Result<std::vector<Row>> Read(Storage& storage, std::string from, std::string to, std::size_t most_bytes) {
  Answer<Result<std::vector<Row>>> answer;
  storage.Read(std::move(from), std::move(to), most_bytes, answer.Taker());
  return answer.Take();
}

inline std::vector<Row> Rows(Storage& storage, const std::string& from, const std::string& to) {
  Result<std::vector<Row>> rows = Read(storage, from, to, std::size_t{64} << 20);
  REQUIRE(rows.ok());
  return *std::move(rows);
}

inline std::vector<std::string> Keys(Storage& storage, const std::string& from, const std::string& to) {
  std::vector<std::string> keys;
  for (Row& row : Rows(storage, from, to)) keys.push_back(std::move(row.key));
  return keys;
}

inline Status EraseAll(Storage& storage) {
  Answer<Status> answer;
  storage.EraseAll(answer.Taker());
  return answer.Take();
}

inline void Close(Storage& storage) {
  int calls = 0;
  storage.Close([&calls] { ++calls; });
  REQUIRE(calls == 1);
}

}  // namespace guidon::test
