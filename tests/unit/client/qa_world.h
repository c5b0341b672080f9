// A client whose datafile a release key signed, and whoever makes QA tokens for it.
#pragma once

#include <memory>
#include <string>

#include "guidon/guidon.h"
#include "sdk/client/qa_token.h"
#include "tests/support/signer.h"
#include "tests/unit/client/local_texts.h"
#include "tests/unit/client/world.h"

namespace guidon::test {

// The notes app's datafile with a campaign, and these members.
std::string QaDatafile(int version, const std::string& environment, const std::string& more = "");

struct QaWorld : World {
  explicit QaWorld(const std::string& environment_name = "production",
                   TrustedKey::Role role = TrustedKey::Role::kRelease);

  // For this device, from an hour ago for two days, with everything allowed.
  QaToken MakeToken() const;
  // As `guidon qa token` does.
  std::string Sign(const QaToken& token) const { return SignPayload(client::TokenPayload(token), signer); }
  std::string SignPayload(const std::string& payload, const Signer& by) const;
  Status Use(const std::string& text);
  Status Use(const QaToken& token) { return Use(Sign(token)); }

  std::string environment;
  Signer release;
  Signer signer;  // of QA
  std::shared_ptr<LocalTexts> texts = std::make_shared<LocalTexts>();
};

}  // namespace guidon::test
