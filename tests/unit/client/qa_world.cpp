#include "tests/unit/client/qa_world.h"

#include <doctest/doctest.h>

#include <optional>

namespace guidon::test {

std::string QaDatafile(int version, const std::string& environment, const std::string& more) {
  std::string text = NotesDatafile(version);
  text.pop_back();
  const std::string was = R"("environment":"test")";
  const std::size_t at = text.find(was);
  REQUIRE(at != std::string::npos);
  text.replace(at, was.size(), R"("environment":")" + environment + "\"");
  return text + R"(,"campaigns":{"try-file-share":{"iteration":1,"status":"running","unit":"device",
    "salt":"try-file-share.1","holdout":0,"trigger":{"event":"never_happens"},"caps":[{"count":1}],
    "show":{"kind":"banner","title":"Share files","buttons":[{"id":"b1","label":"No thanks"}]}}})" +
         more + "}";
}

QaWorld::QaWorld(const std::string& environment_name, TrustedKey::Role role) : environment(environment_name) {
  options.trusted_keys = {release.trusted(role), signer.trusted(TrustedKey::Role::kQa)};
  options.allow_unsigned = false;
  options.evaluation_summaries = false;
  options.datafile_url.clear();
  options.bundled_datafile = release.Sign(QaDatafile(1, environment));
  local_overrides = texts;
  Open();
}

QaToken QaWorld::MakeToken() const {
  QaToken token;
  token.id = "qa-17";
  token.key = signer.key_id();
  token.project = "notes";
  token.environment = environment;
  token.device = const_cast<QaWorld*>(this)->client().overrides().DeviceCode();
  token.not_before = clock->Now() - std::chrono::hours(1);
  token.expires_at = clock->Now() + std::chrono::hours(47);
  token.allow = {"*"};
  return token;
}

std::string QaWorld::SignPayload(const std::string& payload, const Signer& by) const {
  return client::TokenText(payload, by.SignMessage(client::SignedTokenMessage(payload)));
}

Status QaWorld::Use(const std::string& text) {
  std::optional<Status> said;
  client().overrides().UseToken(text, [&said](Status status) {
    CHECK_FALSE(said.has_value());
    said = std::move(status);
  });
  REQUIRE(said.has_value());  // OpenSSL answers at once
  return *said;
}

}  // namespace guidon::test
