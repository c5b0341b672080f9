#include <string>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/keys.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

int RunKeygen(const Arguments& arguments) {
  const std::string path = arguments.Get("--out", "guidon-key.pem");
  const Result<KeyPair> pair = MakeKeyPair();
  if (!pair.ok()) return Failure(arguments, pair.status().message());
  const Status written = WriteSecretFile(path, pair->private_pem);
  if (!written.ok()) return Failure(arguments, written.message());
  const std::string public_key = EncodeBase64(pair->public_key);
  if (arguments.Has("--json")) {
    std::string out;
    json::Writer json(&out, 2);
    json.BeginObject().Key("private_key_file").String(path).Key("public_key").String(public_key);
    json.Key("key_id").String(datafile::KeyIdText(KeyIdOf(pair->public_key))).End();
    Print(stdout, out + "\n");
    return kExitOk;
  }
  if (arguments.Has("--quiet")) {
    Print(stdout, public_key + "\n");
    return kExitOk;
  }
  const Style style = Style::For(stdout);
  Print(stdout, Table({{"private key", path + "  (keep it secret; whoever has it can publish)"},
                       {"public key", public_key},
                       {"key id", datafile::KeyIdText(KeyIdOf(pair->public_key))}},
                      0, 200));
  Print(stdout, "\nIn the app:\n\n" + style.Cyan("  options.trusted_keys.push_back(\n      {\"" + public_key +
                                                 "\", guidon::TrustedKey::Role::kRelease});\n"));
  return kExitOk;
}

}  // namespace

const Command kKeygenCommand = {"keygen",
                                "make a key pair for signing",
                                "guidon keygen [--out FILE]",
                                "Writes a new private key, readable by you alone, and prints the public key\n"
                                "that apps trust. A key file that is there already is never overwritten.",
                                {{"--out", "FILE", "where the private key goes (guidon-key.pem)"},
                                 {"--quiet", "", "print the public key and nothing else"},
                                 {"--json", "", "for programs"}},
                                0,
                                RunKeygen,
                                0,
                                {"guidon keygen --out release.key", "guidon keygen --quiet --out qa.key >qa.pub"}};

}  // namespace guidon::tools
