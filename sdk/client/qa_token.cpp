#include "sdk/client/qa_token.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <memory>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/base64.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/datafile/envelope.h"

namespace guidon::client {
namespace {

constexpr std::string_view kTokenStart = "gqa1.";
constexpr std::string_view kSignedAs{"guidon/qa/v1\0", 13};
constexpr std::string_view kDeviceCodeOf{"guidon/qa/device/v1\0", 20};
constexpr std::size_t kDeviceCodeBytes = 16;
constexpr std::size_t kNoteBytes = 200;
constexpr std::size_t kLinkBytes = kTokenBytes + 2048;

Status TokenFault(std::string reason) { return Status(StatusCode::kInvalidArgument, "QA token: " + std::move(reason)); }

// The members of a payload, each once and none besides.
class TokenReader {
 public:
  explicit TokenReader(json::Node root) : root_(root) {}

  void Text(std::string_view name, std::size_t most, bool is_needed, std::string* out) {
    const json::Node node = root_[name];
    if (!node.exists()) return is_needed ? Fail(name, "is missing") : void();
    const auto text = node.AsString();
    if (!text) return Fail(name, "is no text");
    if (text->size() > most) return Fail(name, "has more than " + std::to_string(most) + " bytes");
    if (is_needed && text->empty()) return Fail(name, "is empty");
    *out = std::string(*text);
  }
  void Time(std::string_view name, Timestamp* out) {
    std::string text;
    Text(name, 40, true, &text);
    const std::optional<Timestamp> time = text::ParseTimestamp(text);
    if (!time) return Fail(name, "is no time such as \"2026-11-23T10:00:00Z\"");
    *out = *time;
  }
  void Allow(std::vector<std::string>* out) {
    const json::Node list = root_["allow"];
    if (!list.is(json::Type::kArray)) return Fail("allow", "is no list of what may be forced");
    if (list.size() == 0 || list.size() > kTokenAllows) return Fail("allow", "has 1 to 64 entries");
    for (const json::Node node : list) {
      const std::string entry(node.AsString().value_or(""));
      if (const std::string why = WhyNoScope(entry); !why.empty()) return Fail("allow", why);
      out->push_back(entry);
    }
  }
  void Bool(std::string_view name, bool* out) {
    const json::Node node = root_[name];
    if (!node.exists()) return;
    if (!node.AsBool()) return Fail(name, "is neither true nor false");
    *out = *node.AsBool();
  }
  void Known(std::initializer_list<std::string_view> names) {
    for (const json::Node member : root_) {
      if (std::find(names.begin(), names.end(), member.name()) == names.end()) Fail(member.name(), "is not known");
    }
  }
  void Fail(std::string_view name, const std::string& reason) {
    if (fault_.empty()) fault_ = "\"" + std::string(name.substr(0, 40)) + "\" " + reason;
  }
  const std::string& fault() const noexcept { return fault_; }

 private:
  json::Node root_;
  std::string fault_;
};

std::string CheckTimes(const QaToken& token) {
  if (token.expires_at <= token.not_before) return "it ends before it begins";
  const bool is_production = IsProduction(token.environment);
  const Duration longest = is_production ? kLongestToken : kLongestDevelopmentToken;
  // Subtracting from what is above another time cannot overflow where both are dates that text can say.
  if (token.expires_at - token.not_before <= longest) return std::string();
  return is_production ? "in production it lasts 7 days at most" : "it lasts 90 days at most";
}

std::string CheckDevice(const QaToken& token) {
  if (token.device == "*") {
    return IsProduction(token.environment) ? "in production it is for one device, not for \"*\"" : std::string();
  }
  const auto code = DecodeBase64Url(token.device);
  return code && code->size() == kDeviceCodeBytes ? std::string() : "\"device\" is no device's code";
}

std::string_view KindWord(Override::Kind kind) noexcept {
  switch (kind) {
    case Override::Kind::kFlag: return "flag";
    case Override::Kind::kExperiment: return "experiment";
    case Override::Kind::kPrompt: return "prompt";
    case Override::Kind::kHoldout: return "holdout";
    case Override::Kind::kAttribute: return "attribute";
    case Override::Kind::kClock: return "clock";
  }
  return "flag";
}

// One verification, from key to key, as the answers come in. Lives in the callbacks it hands out.
class TokenCheck : public std::enable_shared_from_this<TokenCheck> {
 public:
  TokenCheck(UncheckedToken token, const datafile::VerificationKey& key, std::function<void(Result<QaToken>)> done)
      : token_(std::move(token)), key_(key), done_(std::move(done)) {}

  void Begin(Crypto* crypto) {
    const std::string message = SignedTokenMessage(token_.payload);
    crypto->Verify(key_.public_key, message, token_.signature, [self = shared_from_this()](bool is_good) {
      if (is_good) return self->done_(std::move(self->token_.token));
      self->done_(Status(StatusCode::kUntrusted, "QA token: its signature is not good"));
    });
  }

 private:
  UncheckedToken token_;
  const datafile::VerificationKey key_;
  std::function<void(Result<QaToken>)> done_;
};

}  // namespace

bool IsProduction(std::string_view environment) noexcept {
  std::string small(environment.substr(0, limits::kKeyBytes));
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small == "live" || small.find("prod") != std::string::npos;
}

std::string DeviceCodeOf(Crypto* crypto, std::string_view install_id) {
  std::string digest;
  const std::string message = std::string(kDeviceCodeOf) + std::string(install_id);
  if (crypto == nullptr || install_id.empty() || !crypto->Digest(DigestAlgorithm::kSha256, message, &digest)) return {};
  return EncodeBase64Url(std::string_view(digest).substr(0, kDeviceCodeBytes));
}

std::string_view FindToken(std::string_view text) noexcept {
  text = text::Trim(text);
  if (text.substr(0, kTokenStart.size()) == kTokenStart) return text;
  if (text.size() > kLinkBytes) return {};
  for (std::size_t at = text.find("t=gqa1."); at != std::string_view::npos; at = text.find("t=gqa1.", at + 1)) {
    if (at == 0 || std::string_view("?&#").find(text[at - 1]) == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at + 2);
    return rest.substr(0, rest.find_first_of("&#"));
  }
  return {};
}

std::string WhyNoScope(std::string_view entry) {
  if (entry == "*" || entry == "clock") return std::string();
  const std::size_t colon = entry.find(':');
  constexpr std::string_view kKinds[] = {"flag", "experiment", "prompt", "holdout", "attribute"};
  if (std::find(std::begin(kKinds), std::end(kKinds), entry.substr(0, colon)) == std::end(kKinds) ||
      colon == std::string_view::npos) {
    return "\"" + std::string(entry.substr(0, 60)) +
           "\" is none of *, flag:KEY, experiment:KEY, prompt:KEY, holdout:KEY, attribute:NAME and clock";
  }
  const std::string_view key = entry.substr(colon + 1, entry.find('=') - colon - 1);
  if (key.empty() || entry.size() > 2 * limits::kKeyBytes) return "a key has 1 to 128 bytes";
  return std::string();
}

bool Covers(const std::vector<std::string>& allow, const Override& what) {
  if (what.kind == Override::Kind::kClock) {
    return std::any_of(allow.begin(), allow.end(),
                       [](const std::string& entry) { return entry == "*" || entry == "clock"; });
  }
  const std::string all = std::string(KindWord(what.kind)) + ":";
  const std::string object = all + what.key;
  const bool has_value = what.kind == Override::Kind::kFlag || what.kind == Override::Kind::kAttribute;
  const std::string exact = object + "=" + (has_value ? json::ToText(what.value) : what.variant);
  return std::any_of(allow.begin(), allow.end(), [&](const std::string& entry) {
    return entry == "*" || entry == all + "*" || entry == object || entry == exact;
  });
}

Result<UncheckedToken> ParseToken(std::string_view text) {
  const std::string_view found = FindToken(text);
  if (found.empty()) return TokenFault("there is none in this; one begins with gqa1.");
  if (found.size() > kTokenBytes) return TokenFault("it has more than 4096 bytes");
  const std::string_view parts = found.substr(kTokenStart.size());
  const std::size_t dot = parts.find('.');
  if (dot == std::string_view::npos) return TokenFault("it is cut off: its signature is missing");
  auto payload = DecodeBase64Url(parts.substr(0, dot));
  auto signature = DecodeBase64Url(parts.substr(dot + 1));
  if (!payload || !signature || signature->size() != 64) return TokenFault("it is not whole: copy all of it");
  json::Error error;
  const auto document = json::Document::Parse(*payload, &error);
  if (!document || !document->root().is(json::Type::kObject)) return TokenFault("what it says is no JSON object");
  UncheckedToken out;
  QaToken& token = out.token;
  TokenReader reader(document->root());
  reader.Known({"id", "key", "issuer", "project", "environment", "device", "not_before", "expires_at", "allow", "local",
                "force", "note"});
  reader.Text("id", 40, true, &token.id);
  reader.Text("key", 16, true, &token.key);
  reader.Text("issuer", limits::kKeyBytes, false, &token.issuer);
  reader.Text("project", limits::kKeyBytes, true, &token.project);
  reader.Text("environment", limits::kKeyBytes, true, &token.environment);
  reader.Text("device", 40, true, &token.device);
  reader.Time("not_before", &token.not_before);
  reader.Time("expires_at", &token.expires_at);
  reader.Allow(&token.allow);
  reader.Bool("local", &token.allows_local);
  reader.Text("force", 2048, false, &token.force);
  reader.Text("note", kNoteBytes, false, &token.note);
  if (!reader.fault().empty()) return TokenFault(reader.fault());
  for (const std::string& wrong : {CheckTimes(token), CheckDevice(token)}) {
    if (!wrong.empty()) return TokenFault(wrong);
  }
  out.payload = *std::move(payload);
  out.signature = *std::move(signature);
  return out;
}

void VerifyToken(std::string_view text, const std::vector<datafile::VerificationKey>& keys, Crypto* crypto,
                 std::function<void(Result<QaToken>)> done) {
  Result<UncheckedToken> parsed = ParseToken(text);
  if (!parsed.ok()) return done(parsed.status());
  const std::string& id = parsed->token.key;
  const auto key = std::find_if(keys.begin(), keys.end(), [&id](const datafile::VerificationKey& each) {
    return datafile::KeyIdText(each.id) == id;
  });
  const std::string signed_by = "QA token: signed by key " + id.substr(0, 16) + ", which ";
  if (key == keys.end()) return done(Status(StatusCode::kUntrusted, signed_by + "the app does not trust"));
  if (key->role != TrustedKey::Role::kQa) {
    return done(Status(StatusCode::kUntrusted, signed_by + "signs datafiles, and no QA tokens"));
  }
  if (parsed->token.expires_at > key->not_after) {
    return done(Status(StatusCode::kUntrusted,
                       signed_by + "the app trusts until " + text::FormatTimestamp(key->not_after) + " only"));
  }
  if (crypto == nullptr) return done(Status(StatusCode::kUnsupported, "QA token: the platform has no cryptography"));
  const datafile::VerificationKey found = *key;
  std::make_shared<TokenCheck>(*std::move(parsed), found, std::move(done))->Begin(crypto);
}

std::string TokenPayload(const QaToken& token) {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("id").String(token.id).Key("key").String(token.key);
  if (!token.issuer.empty()) json.Key("issuer").String(token.issuer);
  json.Key("project").String(token.project).Key("environment").String(token.environment);
  json.Key("device").String(token.device).Key("not_before").String(text::FormatTimestamp(token.not_before));
  json.Key("expires_at").String(text::FormatTimestamp(token.expires_at)).Key("allow").BeginArray();
  for (const std::string& entry : token.allow) json.String(entry);
  json.End();
  if (token.allows_local) json.Key("local").Bool(true);
  if (!token.force.empty()) json.Key("force").String(token.force);
  if (!token.note.empty()) json.Key("note").String(token.note);
  json.End();
  return out;
}

std::string SignedTokenMessage(std::string_view payload) { return std::string(kSignedAs) + std::string(payload); }

std::string TokenText(std::string_view payload, std::string_view signature) {
  return std::string(kTokenStart) + EncodeBase64Url(payload) + "." + EncodeBase64Url(signature);
}

}  // namespace guidon::client
