// What was published, as a chain: each published datafile names the hash of the one before, and is signed, so nobody
// can take a version out, put one in or change one afterwards without its being seen.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "sdk/core/base/json.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/edits.h"

namespace guidon::tools {

struct ChainLink {
  std::string path;  // of the first file that has it: one version may be there with several sets of signatures
  json::Document document;
  std::shared_ptr<const ruleset::Ruleset> rules;
  std::string hash;                    // of its payload, as the next one names it
  std::string previous;                // that it names; empty: none
  std::vector<std::string> signed_by;  // ids of the keys whose signatures are good
  std::vector<Edit> edits;             // against the version before it in the chain
  std::vector<std::string> faults;     // what is wrong with it, in words
};

struct Chain {
  std::vector<ChainLink> links;  // by epoch and version
  std::size_t faults = 0;        // of all links
};

// Longer ones have their oldest part elsewhere.
inline constexpr std::size_t kMostChainFiles = 10'000;

// Every file of the folder (not of those within it); one that is no published datafile is an error, and so is a second
// project or environment. `public_keys`: each version must have a good signature by one of them; empty: signatures are
// not looked at.
Result<Chain> ReadChain(const std::string& folder, const std::vector<std::string>& public_keys);

// As a published datafile names the one before: SHA-256 of its payload in 64 hexadecimal digits.
std::string ChainHash(std::string_view payload);

}  // namespace guidon::tools
