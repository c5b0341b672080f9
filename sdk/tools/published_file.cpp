#include "sdk/tools/published_file.h"

#include <cstdio>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/files.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {

Result<PublishedFile> ReadPublishedFile(const std::string& path) {
  Result<std::string> bytes = ReadFile(path, limits::kDatafileBytes);
  if (!bytes.ok()) return bytes.status();
  PublishedFile out;
  out.bytes = std::move(*bytes);
  const Result<datafile::Envelope> envelope = datafile::ParseEnvelope(out.bytes);
  if (!envelope.ok()) return Status(envelope.status().code(), path + ": " + envelope.status().message());
  out.payload = std::string(envelope->payload);
  for (const datafile::Signature& signature : envelope->signatures) {
    out.signatures.push_back({signature.key_id, signature.signature});
  }
  return out;
}

Result<std::shared_ptr<const ruleset::Ruleset>> LoadRules(const std::string& path, std::string_view payload) {
  dialects::Loaded loaded = dialects::LoadNative(payload, ToolPatterns());
  const auto text = [&](const guidon::Problem& problem) {
    return path + (problem.pointer.empty() ? "" : " " + problem.pointer) + ": " + problem.reason;
  };
  if (loaded.rules == nullptr) {
    return Status(StatusCode::kCorrupt,
                  loaded.problems.empty() ? path + ": is no datafile" : text(loaded.problems.front()));
  }
  const Style style = Style::For(stderr);
  for (const guidon::Problem& problem : loaded.problems) {
    Print(stderr, style.Yellow("warning: ") + Plain(text(problem)) + "\n");
  }
  if (loaded.more_problems > 0) {
    Print(stderr, style.Yellow("warning: ") + "and " + std::to_string(loaded.more_problems) + " more\n");
  }
  return Result<std::shared_ptr<const ruleset::Ruleset>>(std::move(loaded.rules));
}

SignedState CheckSignature(const PublishedFile& file, std::string_view public_key) {
  const std::string id = KeyIdOf(public_key);
  for (const PublishedFile::SignedBy& signature : file.signatures) {
    if (signature.key_id != id) continue;
    const bool good = VerifySignature(public_key, datafile::SignedMessage(file.payload), signature.signature);
    return good ? SignedState::kGood : SignedState::kBad;
  }
  return SignedState::kNotByThisKey;
}

Result<std::string> WrapPayload(std::string_view payload, const std::vector<KeyPair>& keys) {
  if (keys.size() > datafile::kMostSignatures) {
    return Status(StatusCode::kInvalidArgument, "at most 4 keys sign a datafile");
  }
  std::vector<datafile::Signature> signatures;
  for (const KeyPair& key : keys) {
    Result<std::string> signature = Sign(key, datafile::SignedMessage(payload));
    if (!signature.ok()) return signature.status();
    signatures.push_back({KeyIdOf(key.public_key), std::move(*signature)});
  }
  std::string bytes = datafile::WriteEnvelope(signatures, payload);
  if (bytes.empty() || bytes.size() > limits::kDatafileBytes) {
    return Status(StatusCode::kTooLarge, "the datafile would have more than 4 MiB, which no device takes");
  }
  return bytes;
}

}  // namespace guidon::tools
