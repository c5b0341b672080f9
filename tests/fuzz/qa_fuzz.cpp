// Any bytes as a QA token, as a token's payload, as a link, and as the file that QA's doings are kept in: whatever is read
// is within its bounds and would be written as it was, and a token is only good as it was signed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/limits.h"
#include "sdk/client/qa_kept.h"
#include "sdk/client/qa_token.h"
#include "sdk/core/base/text.h"
#include "tests/fuzz/require.h"

using namespace guidon;
using namespace guidon::client;

namespace {

void CheckToken(std::string_view text) {
  const Result<UncheckedToken> parsed = ParseToken(text);
  if (!parsed.ok()) {
    GUIDON_REQUIRE(!parsed.status().message().empty());
    return;
  }
  const QaToken& token = parsed->token;
  GUIDON_REQUIRE(FindToken(text).size() <= kTokenBytes);
  GUIDON_REQUIRE(!token.id.empty() && token.id.size() <= 40);
  GUIDON_REQUIRE(!token.allow.empty() && token.allow.size() <= kTokenAllows);
  GUIDON_REQUIRE(token.not_before < token.expires_at);
  const bool is_production = IsProduction(token.environment);
  GUIDON_REQUIRE(token.expires_at - token.not_before <= (is_production ? kLongestToken : kLongestDevelopmentToken));
  GUIDON_REQUIRE(!is_production || token.device != "*");
  GUIDON_REQUIRE(parsed->signature.size() == 64);
  for (const std::string& scope : token.allow) GUIDON_REQUIRE(WhyNoScope(scope).empty());
  // One value has one spelling.
  GUIDON_REQUIRE(TokenText(parsed->payload, parsed->signature) == FindToken(text));
  // What is written of it is read as the same.
  const Result<UncheckedToken> again = ParseToken(TokenText(TokenPayload(token), parsed->signature));
  if (!again.ok()) return;  // escapes may make it longer than a token may be
  GUIDON_REQUIRE(again->token.allow == token.allow && again->token.force == token.force);
  GUIDON_REQUIRE(again->token.expires_at == token.expires_at && again->token.device == token.device);
}

void CheckKept(std::string_view bytes) {
  const Result<KeptQa> kept = ReadKeptQa(bytes);
  if (!kept.ok()) {
    GUIDON_REQUIRE(!kept.status().message().empty());
    return;
  }
  GUIDON_REQUIRE(kept->overrides.size() <= 2 * limits::kOverrides);
  for (const HeldOverride& each : kept->overrides) {
    GUIDON_REQUIRE(each.what.until.has_value());
    GUIDON_REQUIRE(each.serial == 0);
    GUIDON_REQUIRE(!each.what.key.empty() && each.what.key.size() <= limits::kKeyBytes);
  }
  const std::string written = WriteKeptQa(*kept);
  const Result<KeptQa> again = ReadKeptQa(written);
  GUIDON_REQUIRE(again.ok());
  GUIDON_REQUIRE(again->token == kept->token && again->overrides.size() == kept->overrides.size());
  GUIDON_REQUIRE(WriteKeptQa(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckToken(bytes);
  // As a payload, so that what is behind the encoding is reached.
  const std::string signature(64, 's');
  CheckToken(TokenText(bytes, signature));
  CheckToken("notes://guidon?t=" + TokenText(bytes, signature) + "&x=1");
  CheckKept(bytes);
  return 0;
}
