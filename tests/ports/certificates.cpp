#include "tests/ports/certificates.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

namespace guidon::test {
namespace {

Key NewKey() {
  Key key(EVP_EC_gen("P-256"));
  REQUIRE(key != nullptr);
  return key;
}

std::unique_ptr<BIO, decltype(&BIO_free)> OpenPem(const std::string& path) {
  std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  REQUIRE(file != nullptr);
  return file;
}

Key ReadKey(const std::string& path) {
  Key key(PEM_read_bio_PrivateKey(OpenPem(path).get(), nullptr, nullptr, nullptr));
  REQUIRE(key != nullptr);
  return key;
}

// Not signed yet, and issued by itself until somebody else says so.
Certificate NewCertificate(EVP_PKEY* key, const std::string& subject, const CertificatePlan& plan, int serial) {
  Certificate certificate(X509_new());
  REQUIRE(X509_set_version(certificate.get(), 2) == 1);  // counted from 0: version 3
  REQUIRE(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial) == 1);
  REQUIRE(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), plan.from_seconds) != nullptr);
  REQUIRE(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), plan.until_seconds) != nullptr);
  REQUIRE(X509_set_pubkey(certificate.get(), key) == 1);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(subject.c_str()),
                                     -1, -1, 0) == 1);
  REQUIRE(X509_set_issuer_name(certificate.get(), name) == 1);
  return certificate;
}

void Extend(X509* certificate, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  REQUIRE(extension != nullptr);
  REQUIRE(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

template <class Write>
void WritePem(const TempFolder& folder, const std::string& name, Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  REQUIRE(write(memory.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  folder.Write(name, std::string(bytes, static_cast<std::size_t>(size)));
}

Certificate NewAuthority(EVP_PKEY* key, const std::string& name) {
  Certificate certificate = NewCertificate(key, name, CertificatePlan(), 1);
  Extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  Extend(certificate.get(), NID_key_usage, "critical,keyCertSign");
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

Authority::Authority(const TempFolder& folder, std::string name)
    : folder_(folder), name_(std::move(name)), key_(NewKey()), certificate_(NewAuthority(key_.get(), name_)) {
  WritePem(folder_, name_ + ".pem", [&](BIO* to) { return PEM_write_bio_X509(to, certificate_.get()); });
}

LoopbackTls Authority::Issue(const CertificatePlan& plan) {
  ++issued_;
  const std::string name = name_ + "-" + std::to_string(issued_);
  const Key key = plan.key_file.empty() ? NewKey() : ReadKey(plan.key_file);
  const Certificate certificate = NewCertificate(key.get(), name, plan, issued_ + 1);
  Extend(certificate.get(), NID_subject_alt_name, plan.names);
  EVP_PKEY* signer = key.get();
  if (!plan.is_self_signed) {
    REQUIRE(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get())) == 1);
    signer = key_.get();
  }
  REQUIRE(X509_sign(certificate.get(), signer, EVP_sha256()) > 0);
  WritePem(folder_, name + ".pem", [&](BIO* to) { return PEM_write_bio_X509(to, certificate.get()); });
  WritePem(folder_, name + ".key",
           [&](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return {folder_.Path(name + ".pem"), folder_.Path(name + ".key")};
}

std::string PinOf(const LoopbackTls& tls) {
  const Certificate certificate(PEM_read_bio_X509(OpenPem(tls.certificate_file).get(), nullptr, nullptr, nullptr));
  REQUIRE(certificate != nullptr);
  unsigned char* key_bytes = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &key_bytes);
  REQUIRE(size > 0);
  unsigned char digest[32];
  REQUIRE(EVP_Digest(key_bytes, static_cast<std::size_t>(size), digest, nullptr, EVP_sha256(), nullptr) == 1);
  OPENSSL_free(key_bytes);
  unsigned char digits[45];
  REQUIRE(EVP_EncodeBlock(digits, digest, sizeof(digest)) == 44);
  return "sha256//" + std::string(reinterpret_cast<const char*>(digits));
}

}  // namespace guidon::test
