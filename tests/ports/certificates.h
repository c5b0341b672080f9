// Certificates made on the spot, as PEM files in a folder of the test's own.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "tests/ports/temp_folder.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

constexpr long kHour = 3600;

struct CertificatePlan {
  std::string names;            // as X.509 writes them: "DNS:localhost,IP:127.0.0.1"
  long from_seconds = -kHour;   // from now
  long until_seconds = +kHour;  // from now
  bool is_self_signed = false;
  std::string key_file = {};  // a PEM file, for a certificate that is renewed; empty: a new key
};

// Vouches for servers.
class Authority {
 public:
  // Several may share a folder under different names.
  Authority(const TempFolder& folder, std::string name);

  // Where its own certificate is.
  std::string file() const { return folder_.Path(name_ + ".pem"); }

  LoopbackTls Issue(const CertificatePlan& plan);

 private:
  const TempFolder& folder_;
  const std::string name_;
  const Key key_;
  const Certificate certificate_;
  int issued_ = 0;
};

// The public key of a certificate as an app pins it.
std::string PinOf(const LoopbackTls& tls);

// For this device, by name and by address.
inline const CertificatePlan kGoodPlan{"DNS:localhost,IP:127.0.0.1"};

}  // namespace guidon::test
