// A server whose certificate nobody vouches for gets neither a request nor a secret.
#include <doctest/doctest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "guidon/platform_parts.h"
#include "tests/ports/http_calls.h"

namespace guidon::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate SelfSigned(EVP_PKEY* key) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const unsigned char host[] = "127.0.0.1";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

TEST_CASE("a certificate that nobody vouches for ends the connection before the request is sent") {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate = SelfSigned(key.get());
  httplib::SSLServer server(certificate.get(), key.get());
  REQUIRE(server.is_valid());
  std::atomic<int> hits{0};
  server.Get(".*", [&hits](const httplib::Request&, httplib::Response&) { ++hits; });
  const int port = server.bind_to_any_port("127.0.0.1");
  REQUIRE(port > 0);
  std::thread thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();

  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(port) + "/";
  request.most_bytes = 100;
  const Answer answer = Ask(*CurlHttp(), request);
  CHECK(answer.status.code() == StatusCode::kUnavailable);
  CHECK(answer.status.message().find("certificate") != std::string::npos);
  CHECK(answer.heads == 0);
  server.stop();
  thread.join();
  CHECK(hits == 0);
}

}  // namespace
}  // namespace guidon::test
