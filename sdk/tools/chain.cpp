#include "sdk/tools/chain.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/keys.h"
#include "sdk/tools/published_file.h"

namespace guidon::tools {
namespace {

std::string VersionText(const ChainLink& link) {
  return std::to_string(link.rules->header.epoch) + "." + std::to_string(link.rules->header.version);
}

Result<std::vector<std::string>> FilesIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  auto at = std::filesystem::directory_iterator(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    const bool is_hidden = at->path().filename().string().front() == '.';
    if (!is_hidden && at->is_regular_file(ignored)) paths.push_back(at->path().string());
    if (paths.size() > kMostChainFiles) {
      return Status(StatusCode::kTooLarge, folder + ": more than " + std::to_string(kMostChainFiles) + " files");
    }
  }
  if (error) return Status(StatusCode::kNotFound, "cannot read the folder " + folder + ": " + error.message());
  if (paths.empty()) return Status(StatusCode::kNotFound, folder + ": there is no file in it");
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<ChainLink> ReadLink(const std::string& path, const std::vector<std::string>& public_keys) {
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  json::Error error;
  std::optional<json::Document> document = json::Document::Parse(file->payload, &error);
  if (!document) return Status(StatusCode::kCorrupt, path + ": " + error.ToText());
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadRules(path, file->payload);
  if (!rules.ok()) return rules.status();
  ChainLink link{path, *std::move(document), *std::move(rules), ChainHash(file->payload), {}, {}, {}, {}};
  link.previous = std::string(link.document.root()["previous"].AsString().value_or(""));
  for (const std::string& key : public_keys) {
    const SignedState state = CheckSignature(*file, key);
    const std::string id = datafile::KeyIdText(KeyIdOf(key));
    if (state == SignedState::kGood) link.signed_by.push_back(id);
    if (state == SignedState::kBad) link.faults.push_back("the signature by key " + id + " is not good");
  }
  return link;
}

bool IsBefore(const ChainLink& a, const ChainLink& b) { return b.rules->IsNewerThan(*a.rules); }

// The same version, with more signatures perhaps.
void Merge(std::vector<ChainLink>* links) {
  for (std::size_t i = 1; i < links->size();) {
    ChainLink& before = (*links)[i - 1];
    ChainLink& link = (*links)[i];
    if (link.hash != before.hash) {
      ++i;
      continue;
    }
    before.signed_by.insert(before.signed_by.end(), link.signed_by.begin(), link.signed_by.end());
    before.faults.insert(before.faults.end(), link.faults.begin(), link.faults.end());
    links->erase(links->begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// What is wrong between a version and the one before it in the folder.
void CheckLink(const ChainLink& before, ChainLink* link) {
  const ruleset::Header& was = before.rules->header;
  const ruleset::Header& is = link->rules->header;
  if (was.epoch == is.epoch && was.version == is.version) {
    link->faults.push_back("the same version with other content, beside " + before.path);
    return;
  }
  if (is.issued_at < was.issued_at) {
    link->faults.push_back("was issued before version " + VersionText(before) + " was");
  }
  if (link->previous == before.hash) return;
  if (link->previous.empty()) {
    link->faults.push_back("does not say which file it follows");
  } else if (was.epoch == is.epoch && is.version > was.version + 1) {
    link->faults.push_back("what it follows is not there: versions " + std::to_string(was.version + 1) + " to " +
                           std::to_string(is.version - 1) + " are missing");
  } else {
    link->faults.push_back("does not follow this version " + VersionText(before) + ", but another file");
  }
}

}  // namespace

std::string ChainHash(std::string_view payload) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : Sha256(payload)) {
    const auto byte = static_cast<unsigned char>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

Result<Chain> ReadChain(const std::string& folder, const std::vector<std::string>& public_keys) {
  const Result<std::vector<std::string>> paths = FilesIn(folder);
  if (!paths.ok()) return paths.status();
  Chain chain;
  for (const std::string& path : *paths) {
    Result<ChainLink> link = ReadLink(path, public_keys);
    if (!link.ok()) return link.status();
    const ruleset::Header& first = chain.links.empty() ? link->rules->header : chain.links.front().rules->header;
    const ruleset::Header& header = link->rules->header;
    if (header.project != first.project || header.environment != first.environment) {
      return Status(StatusCode::kInvalidArgument, path + ": is of " + header.project + "/" + header.environment +
                                                      ", and others here are of " + first.project + "/" +
                                                      first.environment);
    }
    chain.links.push_back(*std::move(link));
  }
  std::stable_sort(chain.links.begin(), chain.links.end(), IsBefore);
  Merge(&chain.links);
  for (std::size_t i = 0; i < chain.links.size(); ++i) {
    ChainLink& link = chain.links[i];
    if (!public_keys.empty() && link.signed_by.empty()) link.faults.push_back("has no good signature by a key given");
    if (i > 0) {
      CheckLink(chain.links[i - 1], &link);
      link.edits = FindEdits(chain.links[i - 1].document.root(), link.document.root());
    }
    chain.faults += link.faults.size();
  }
  return chain;
}

}  // namespace guidon::tools
