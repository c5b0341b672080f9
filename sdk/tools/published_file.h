// A published datafile on disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/keys.h"

namespace guidon::tools {

struct PublishedFile {
  std::string bytes;
  std::string payload;
  struct SignedBy {
    std::string key_id;  // 8 bytes
    std::string signature;
  };
  std::vector<SignedBy> signatures;  // not verified
};

// Reads and unwraps it; verifies nothing.
Result<PublishedFile> ReadPublishedFile(const std::string& path);

// The rules of its payload; what could not be compiled is said on standard error, as warnings about `path`.
Result<std::shared_ptr<const ruleset::Ruleset>> LoadRules(const std::string& path, std::string_view payload);

// Whether `public_key` signed it, and rightly.
enum class SignedState { kGood, kBad, kNotByThisKey };
SignedState CheckSignature(const PublishedFile& file, std::string_view public_key);

// A payload in its envelope, signed by each key; without keys the bare payload.
Result<std::string> WrapPayload(std::string_view payload, const std::vector<KeyPair>& keys);

}  // namespace guidon::tools
