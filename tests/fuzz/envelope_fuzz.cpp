// Any bytes as a datafile, as the file that is kept of one, and as base64: whatever is read is what would be written,
// and every verification has one answer.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/base64.h"
#include "sdk/datafile/cache.h"
#include "sdk/datafile/envelope.h"
#include "sdk/datafile/verify.h"
#include "tests/fuzz/require.h"
#include "tests/support/memory_files.h"
#include "tests/unit/datafile/pretend_crypto.h"

using namespace guidon;
using namespace guidon::datafile;

namespace {

void ReadEnvelope(std::string_view bytes) {
  const Result<Envelope> envelope = ParseEnvelope(bytes);
  if (!envelope.ok()) {
    GUIDON_REQUIRE(!envelope.status().message().empty());
    return;
  }
  GUIDON_REQUIRE(envelope->is_signed == !envelope->signatures.empty());
  GUIDON_REQUIRE(envelope->signatures.size() <= kMostSignatures);
  GUIDON_REQUIRE(!envelope->payload.empty());
  GUIDON_REQUIRE(WriteEnvelope(envelope->signatures, envelope->payload) == bytes);
}

// Every key that signed is trusted, whatever it may do.
void VerifyAll(const std::string& bytes) {
  test::PretendCrypto crypto;
  std::vector<VerificationKey> keys;
  if (const Result<Envelope> envelope = ParseEnvelope(bytes); envelope.ok()) {
    for (const Signature& signature : envelope->signatures) {
      const auto role = static_cast<TrustedKey::Role>(static_cast<unsigned char>(signature.signature[0]) % 3);
      keys.push_back({signature.key_id, std::string(kPublicKeyBytes, 'k'), role});
    }
  }
  int answers = 0;
  VerifyEnvelope(std::make_shared<const std::string>(bytes), keys, true, Timestamp(), &crypto,
                 [&](Result<Verified> verified) {
                   ++answers;
                   GUIDON_REQUIRE(verified.ok() || !verified.status().message().empty());
                   if (!verified.ok()) return;
                   GUIDON_REQUIRE(!verified->is_signed || verified->role != TrustedKey::Role::kQa);
                   GUIDON_REQUIRE(verified->is_signed || bytes.front() == '{');
                 });
  GUIDON_REQUIRE(answers == 1);
}

void ReadKept(const std::string& bytes) {
  const auto files = std::make_shared<test::MemoryFiles>();
  Cache cache(files, "https://rules.example/notes");
  files->Put("datafile", bytes);
  const Result<CachedDatafile> cached = cache.Read();
  if (!cached.ok()) return;
  GUIDON_REQUIRE(!cached->bytes.empty());
  GUIDON_REQUIRE(cached->etag.size() <= kMostEtagBytes);
  if (!cache.Keep(cached->bytes, cached->etag).ok()) return;
  const Result<CachedDatafile> again = cache.Read();
  GUIDON_REQUIRE(again.ok());
  GUIDON_REQUIRE(again->bytes == cached->bytes);
  GUIDON_REQUIRE(again->etag == cached->etag);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  ReadEnvelope(bytes);
  VerifyAll(bytes);
  ReadKept(bytes);
  if (const auto decoded = DecodeBase64(bytes)) GUIDON_REQUIRE(EncodeBase64(*decoded) == bytes);
  return 0;
}
