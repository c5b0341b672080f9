#include "sdk/tools/private_keys.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "sdk/tools/files.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kMostPemBytes = 64u << 10;
constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kCommand = "command:";

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

Result<std::string> FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return Status(StatusCode::kNotFound, "the environment has no " + name);
  return std::string(value);
}

Result<std::string> FromCommand(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return Status(StatusCode::kUnavailable, "the command cannot be started");
  std::string out;
  char buffer[4096];
  std::size_t got = 0;
  while (out.size() <= kMostPemBytes && (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) out.append(buffer, got);
  const int ended = pclose(pipe);
  if (out.size() > kMostPemBytes) return Status(StatusCode::kTooLarge, "the command printed more than a key");
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return out;
  return Status(StatusCode::kUnavailable, WIFEXITED(ended)
                                              ? "the command ended with exit code " + std::to_string(WEXITSTATUS(ended))
                                              : "the command was killed");
}

Result<std::string> FindPem(const std::string& where) {
  if (StartsWith(where, kEnvironment)) return FromEnvironment(where.substr(kEnvironment.size()));
  if (StartsWith(where, kCommand)) return FromCommand(where.substr(kCommand.size()));
  return ReadFile(where, kMostPemBytes);
}

}  // namespace

Result<KeyPair> FindPrivateKey(const std::string& where) {
  const Result<std::string> pem = FindPem(where);
  const bool is_file = !StartsWith(where, kEnvironment) && !StartsWith(where, kCommand);
  if (!pem.ok()) return is_file ? pem.status() : Status(pem.status().code(), where + ": " + pem.status().message());
  Result<KeyPair> key = ReadPrivateKey(*pem);
  if (!key.ok()) return Status(key.status().code(), where + ": " + key.status().message());
  return key;
}

Result<std::vector<KeyPair>> FindPrivateKeys(const std::vector<std::string>& where) {
  std::vector<KeyPair> keys;
  for (const std::string& each : where) {
    Result<KeyPair> key = FindPrivateKey(each);
    if (!key.ok()) return key.status();
    for (const KeyPair& other : keys) {
      if (other.public_key != key->public_key) continue;
      return Status(StatusCode::kInvalidArgument, each + ": this key is given twice");
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace guidon::tools
