// Where those who publish keep their private keys: in a file, in the environment (a CI's secret), or behind a command
// (a vault's).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "sdk/tools/keys.h"

namespace guidon::tools {

// As people give it: "FILE", "-" for standard input, "env:NAME" or "command:COMMAND", which prints the key to its
// standard output. What is found there is a private key in PEM. An error names the place and never what was found.
Result<KeyPair> FindPrivateKey(const std::string& where);

// Of each `--key`; kInvalidArgument when one is there twice.
Result<std::vector<KeyPair>> FindPrivateKeys(const std::vector<std::string>& where);

}  // namespace guidon::tools
