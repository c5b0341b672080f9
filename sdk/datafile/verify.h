// Who signed a datafile, and whether the app trusts that key.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/options.h"
#include "guidon/ports/crypto.h"
#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon::datafile {

struct VerificationKey {
  std::string id;  // KeyId of public_key
  std::string public_key;
  TrustedKey::Role role = TrustedKey::Role::kRelease;
  Timestamp not_after = Timestamp::max();
};

// The keys of the options, decoded. kInvalidArgument names the key that is not 32 bytes of base64, is weak
// (weak_keys.h), is there twice, or is one too many; kUnsupported where there are keys and no SHA-256 to name them by
// (`crypto` null).
Result<std::vector<VerificationKey>> DecodeKeys(const std::vector<TrustedKey>& keys, Crypto* crypto);

struct Verified {
  std::shared_ptr<const std::string> bytes;  // all of it: what the cache keeps
  std::string_view payload;                  // into `bytes`
  bool is_signed = false;
  TrustedKey::Role role =
      TrustedKey::Role::kDevelopment;  // of the key; unsigned datafiles let everything be overridden
  std::string key_id;                  // empty when not signed
};

// Calls `done` exactly once, inside this call or later from any thread, as `crypto` does; `crypto` must live until
// then. One good signature by a trusted key is enough, a release key's first; signatures by other keys are passed over,
// so that keys can be changed, and so are those by a QA key or by one that is over by `now`. kUntrusted: no signature,
// no key among the signatures that is trusted with this, or no good signature. kCorrupt and kTooLarge: no envelope.
// `crypto` null: kUnsupported for signed datafiles.
void VerifyEnvelope(std::shared_ptr<const std::string> bytes, const std::vector<VerificationKey>& keys,
                    bool allow_unsigned, Timestamp now, Crypto* crypto, std::function<void(Result<Verified>)> done);

}  // namespace guidon::datafile
