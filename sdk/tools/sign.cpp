// `guidon sign`: another signature on a datafile that is published already, by a key that is elsewhere than the one it
// was built with.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/private_keys.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

using Signatures = std::vector<datafile::Signature>;

// A good signature that is there already stays as it is; a bad one makes way.
Status AddSignature(const PublishedFile& file, const KeyPair& key, Signatures* signatures) {
  const std::string id = KeyIdOf(key.public_key);
  const SignedState state = CheckSignature(file, key.public_key);
  if (state == SignedState::kGood) return Status();
  const auto is_by_it = [&id](const datafile::Signature& each) { return each.key_id == id; };
  signatures->erase(std::remove_if(signatures->begin(), signatures->end(), is_by_it), signatures->end());
  if (signatures->size() == datafile::kMostSignatures) {
    return Status(StatusCode::kInvalidArgument, "a datafile has at most 4 signatures");
  }
  Result<std::string> signature = Sign(key, datafile::SignedMessage(file.payload));
  if (!signature.ok()) return signature.status();
  signatures->push_back({id, std::move(*signature)});
  return Status();
}

int RunSign(const Arguments& arguments) {
  if (!arguments.Has("--key")) return UsageError(arguments, "give --key KEY to sign with");
  const std::string& path = arguments.names()[0];
  const std::string out = arguments.Get("--out", path);
  if (out == "-" && IsTerminal(stdout)) {
    return UsageError(arguments, "a datafile is not for a terminal: give --out FILE");
  }
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return Failure(arguments, file.status().message());
  const Result<std::vector<KeyPair>> keys = FindPrivateKeys(arguments.All("--key"));
  if (!keys.ok()) return Failure(arguments, keys.status().message());
  // Nothing is signed that no device would take.
  const auto rules = LoadRules(path, file->payload);
  if (!rules.ok()) return Failure(arguments, rules.status().message());
  Signatures signatures;
  for (const PublishedFile::SignedBy& each : file->signatures) signatures.push_back({each.key_id, each.signature});
  for (const KeyPair& key : *keys) {
    if (const Status added = AddSignature(*file, key, &signatures); !added.ok()) {
      return Failure(arguments, path + ": " + added.message());
    }
  }
  const std::string bytes = datafile::WriteEnvelope(signatures, file->payload);
  if (bytes.empty() || bytes.size() > limits::kDatafileBytes) {
    return Failure(arguments, path + ": would have more than 4 MiB, which no device takes");
  }
  if (out == "-") {
    Print(stdout, bytes);
    if (std::fflush(stdout) != 0) return kExitProblems;  // main says why
  } else if (const Status written = WriteFile(out, bytes); !written.ok()) {
    return Failure(arguments, written.message());
  }
  if (arguments.Has("--json")) {
    std::string json_text;
    json::Writer json(&json_text, 2);
    json.BeginObject().Key("file").String(out).Key("bytes").Uint(bytes.size()).Key("signed_by").BeginArray();
    for (const datafile::Signature& each : signatures) json.String(datafile::KeyIdText(each.key_id));
    json.End().End();
    Print(out == "-" ? stderr : stdout, json_text + "\n");
    return kExitOk;
  }
  std::string ids;
  for (const datafile::Signature& each : signatures) {
    ids += (ids.empty() ? "" : ", ") + datafile::KeyIdText(each.key_id);
  }
  Print(stderr, Style::For(stderr).Green("✓ ") + Plain(out == "-" ? path : out) + ": signed by " + ids + "\n");
  return kExitOk;
}

}  // namespace

const Command kSignCommand = {
    "sign",
    "add a signature to a datafile",
    "guidon sign DATAFILE --key KEY [--out FILE]",
    "Signs what is in it once more, by a key that is elsewhere than the one it was\n"
    "built with, or by the next one while keys are changed. Signatures that are\n"
    "there stay; four are the most.",
    {{"--key", "KEY",
      "private key: a FILE, env:NAME, or command:COMMAND that prints it; give it again for each further signature"},
     {"--out", "FILE", "where the datafile goes (DATAFILE itself)"},
     {"--json", "", "for programs"}},
    1,
    RunSign,
    0,
    {"guidon sign published --key next.key --out published.both"}};

}  // namespace guidon::tools
