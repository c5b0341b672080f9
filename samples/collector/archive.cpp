#include "samples/collector/archive.h"

#include <charconv>

#include "sdk/datafile/envelope.h"

namespace guidon::collector {
namespace {

bool ReadWhole(std::string_view text, std::int64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Status Archive::Add(std::string_view bytes, std::int64_t now_ms) {
  const Result<Published> published = ReadDatafile(bytes);
  if (!published) return published.status();
  return store_->SaveDatafile(*published, datafile::ParseEnvelope(bytes)->payload, now_ms);
}

Result<std::shared_ptr<const Published>> Archive::Find(std::string_view version) {
  const std::shared_ptr<const Published> none;
  const std::size_t dot = version.find('.');
  Key key;
  if (dot == std::string_view::npos || !ReadWhole(version.substr(0, dot), &key.first) ||
      !ReadWhole(version.substr(dot + 1), &key.second)) {
    return none;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = in_memory_.find(key);
  if (found != in_memory_.end()) return found->second;
  const Result<std::string> payload = store_->LoadDatafile(key.first, key.second);
  if (payload.status().code() == StatusCode::kNotFound) return none;
  if (!payload) return payload.status();
  Result<Published> published = ReadDatafile(*payload);
  if (!published) return published.status();
  // The oldest version makes room: it is the one asked for least.
  if (in_memory_.size() >= kMostInMemory) in_memory_.erase(in_memory_.begin());
  return in_memory_[key] = std::make_shared<const Published>(*std::move(published));
}

}  // namespace guidon::collector
