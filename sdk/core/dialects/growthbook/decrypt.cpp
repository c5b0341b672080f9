#include "sdk/core/dialects/growthbook/decrypt.h"

#include "sdk/core/base/base64.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/values.h"

namespace guidon::dialects::growthbook {
namespace {

constexpr std::size_t kBlockBytes = 16;

struct Encrypted {
  std::string_view name;
  std::string_view plain;
};
constexpr Encrypted kEncrypted[] = {{"encryptedFeatures", "features"},
                                    {"encryptedExperiments", "experiments"},
                                    {"encryptedSavedGroups", "savedGroups"},
                                    {"encryptedContextualBandits", "contextualBandits"}};

}  // namespace

std::optional<std::string> Decrypt(std::string_view text, std::string_view key, Crypto& crypto) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto key_bytes = DecodeBase64(key);
  const auto iv = DecodeBase64(text.substr(0, dot));
  const auto bytes = DecodeBase64(text.substr(dot + 1));
  std::string plain;
  if (!key_bytes || !iv || !bytes || key_bytes->size() != kBlockBytes || iv->size() != kBlockBytes) return std::nullopt;
  if (!crypto.DecryptAesCbc(*key_bytes, *iv, *bytes, &plain) || !text::IsUtf8(plain)) return std::nullopt;
  return plain;
}

Result<std::string> DecryptPayload(std::string_view payload, std::string_view key, Crypto& crypto) {
  json::Error error;
  const auto document = json::Document::Parse(payload, &error, PayloadLimits());
  if (!document) return Status(StatusCode::kInvalidArgument, error.ToText());
  std::string plain;
  for (const Encrypted& each : kEncrypted) {
    const auto text = document->root().Find(each.name).AsString();
    if (!text || text->empty()) continue;
    const auto decrypted = Decrypt(*text, key, crypto);
    if (!decrypted || !json::Document::Parse(*decrypted, nullptr, PayloadLimits())) {
      return Status(
          StatusCode::kInvalidArgument,
          "/" + std::string(each.name) + " cannot be decrypted: the key is another one, or the text is broken");
    }
    plain += (plain.empty() ? "{\"" : ",\"") + std::string(each.plain) + "\":" + *decrypted;
  }
  if (plain.empty()) return std::string(payload);
  for (const json::Node member : document->root()) {
    bool is_taken = false;
    for (const Encrypted& each : kEncrypted) {
      const auto text = document->root().Find(each.name).AsString();
      is_taken = is_taken || member.name() == each.name || (member.name() == each.plain && text && !text->empty());
    }
    if (is_taken) continue;
    plain += ",";
    json::Writer(&plain).String(member.name());
    plain += ":" + member.ToText();
  }
  return plain + "}";
}

}  // namespace guidon::dialects::growthbook
