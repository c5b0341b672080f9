#include "sdk/tools/keys.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <climits>
#include <memory>

#include "sdk/datafile/envelope.h"

namespace guidon::tools {
namespace {

struct Freer {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer>;
using Bio = std::unique_ptr<BIO, Freer>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string* text) { return reinterpret_cast<unsigned char*>(text->data()); }

Status Internal(const char* what) { return Status(StatusCode::kInternal, std::string("OpenSSL cannot ") + what); }

// No password prompt: an encrypted key is an error that says so.
int NoPassword(char*, int, int, void*) { return -1; }

Key ParsePem(std::string_view pem) {
  if (pem.size() > INT_MAX) return nullptr;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr) : nullptr);
}

Result<KeyPair> PairOf(EVP_PKEY* key) {
  KeyPair out;
  out.public_key.resize(datafile::kPublicKeyBytes);
  std::size_t size = out.public_key.size();
  if (EVP_PKEY_get_raw_public_key(key, Bytes(&out.public_key), &size) != 1 || size != out.public_key.size()) {
    return Internal("give the public key");
  }
  const Bio bio(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Internal("write the private key");
  }
  const long length = BIO_get_mem_data(bio.get(), &data);
  out.private_pem.assign(data, static_cast<std::size_t>(length));
  return out;
}

}  // namespace

Result<KeyPair> MakeKeyPair() {
  const std::unique_ptr<EVP_PKEY_CTX, Freer> context(EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr));
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &made) != 1) {
    return Internal("make a key");
  }
  const Key key(made);
  return PairOf(key.get());
}

Result<KeyPair> ReadPrivateKey(std::string_view pem) {
  const Key key = ParsePem(pem);
  if (!key) {
    const bool is_public = pem.find("PUBLIC KEY") != std::string_view::npos;
    const bool is_encrypted = pem.find("ENCRYPTED") != std::string_view::npos;
    return Status(StatusCode::kInvalidArgument, is_public ? "this is a public key, and signing needs the private one"
                                                : is_encrypted
                                                    ? "the key is encrypted, and this command asks for no password"
                                                    : "this is no private key in PEM; `guidon keygen` makes one");
  }
  if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return Status(StatusCode::kInvalidArgument, "the key is not an Ed25519 key; `guidon keygen` makes one");
  }
  return PairOf(key.get());
}

Result<std::string> Sign(const KeyPair& key, std::string_view message) {
  const Key parsed = ParsePem(key.private_pem);
  const Digest digest(EVP_MD_CTX_new());
  std::string signature(datafile::kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (!parsed || !digest || EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, parsed.get()) != 1 ||
      EVP_DigestSign(digest.get(), Bytes(&signature), &size, Bytes(message), message.size()) != 1 ||
      size != signature.size()) {
    return Internal("sign");
  }
  // A fault while signing could give the key away, and a bad signature would be refused by every device.
  if (!VerifySignature(key.public_key, message, signature)) return Internal("verify what it has just signed");
  return signature;
}

bool VerifySignature(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != datafile::kPublicKeyBytes || signature.size() != datafile::kSignatureBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()));
  const Digest digest(EVP_MD_CTX_new());
  return key && digest && EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(signature), signature.size(), Bytes(message), message.size()) == 1;
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) return std::string();
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string KeyIdOf(std::string_view public_key) {
  return Sha256(public_key).substr(0, datafile::kKeyIdBytes);
}

}  // namespace guidon::tools
