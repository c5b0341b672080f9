// A server whose certificate is good, and who is refused all the same unless its public key is one that the app lists.
#include <curl/curl.h>
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <atomic>
#include <cstdarg>
#include <string>
#include <type_traits>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/certificates.h"
#include "tests/ports/http_calls.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/loopback_server.h"

#undef curl_easy_setopt

namespace guidon::test {
namespace {

// As where curl was built with a TLS library of which it cannot get the key.
std::atomic<bool> can_pin{true};

using Keys = std::map<std::string, std::vector<std::string>>;

constexpr char kNoServersKey[] = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";  // of no bytes at all

// A server on this device, and what came to it.
struct Pinned {
  Pinned() : server([this](const LoopbackRequest&) { return ++hits, LoopbackAnswer{200, {}, "hello"}; }, tls) {}

  Answer Get(const Keys& keys, const std::string& url) {
    CurlOptions options;
    options.ca_file = authority.file();
    options.pinned_keys = keys;
    HttpRequest request;
    request.url = url;
    request.most_bytes = 1u << 20;
    return Ask(*CurlHttp(nullptr, options), request);
  }
  void CheckRefused(const Keys& keys, StatusCode code, const std::string& why) {
    CheckRefused(keys, code, why, server.Url());
  }
  void CheckRefused(const Keys& keys, StatusCode code, const std::string& why, const std::string& url) {
    const int hits_before = hits;
    const Answer answer = Get(keys, url);
    CHECK(answer.status.code() == code);
    CHECK(answer.status.message() == why);
    CHECK(answer.heads == 0);
    CHECK(hits == hits_before);
  }

  const TempFolder folder;
  Authority authority{folder, "ca"};
  const LoopbackTls tls = authority.Issue(kGoodPlan);
  const std::string pin = PinOf(tls);
  std::atomic<int> hits{0};
  LoopbackServer server;
};

TEST_CASE("one of the keys that are pinned for a host is enough, and any other is refused before anything is asked") {
  Pinned pinned;
  CHECK(pinned.Get({{"127.0.0.1", {pinned.pin}}}, pinned.server.Url()).body == "hello");
  CHECK(pinned.Get({{"127.0.0.1", {kNoServersKey, pinned.pin}}}, pinned.server.Url()).body == "hello");
  pinned.CheckRefused({{"127.0.0.1", {kNoServersKey}}}, StatusCode::kUntrusted,
                      "127.0.0.1: the server's public key is none of those in pinned_keys");
  // The authority's own key is not the server's.
  pinned.CheckRefused({{"127.0.0.1", {PinOf({pinned.authority.file(), ""})}}}, StatusCode::kUntrusted,
                      "127.0.0.1: the server's public key is none of those in pinned_keys");
}

TEST_CASE("a certificate that was renewed keeps its pin as long as it keeps its key") {
  Pinned pinned;
  CertificatePlan renewed = kGoodPlan;
  renewed.until_seconds = 2 * kHour;
  renewed.key_file = pinned.tls.key_file;
  const LoopbackTls again = pinned.authority.Issue(renewed);
  CHECK(again.certificate_file != pinned.tls.certificate_file);
  CHECK(PinOf(again) == pinned.pin);
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{200, {}, "renewed"}; }, again);
  CHECK(pinned.Get({{"127.0.0.1", {pinned.pin}}}, server.Url()).body == "renewed");
}

TEST_CASE("the right key does not make up for a certificate that is not good") {
  Pinned pinned;
  CertificatePlan expired = kGoodPlan;
  expired.from_seconds = -2 * kHour;
  expired.until_seconds = -kHour;
  const LoopbackTls tls = pinned.authority.Issue(expired);
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer(); }, tls);
  const Answer answer = pinned.Get({{"127.0.0.1", {PinOf(tls)}}}, server.Url());
  CHECK(answer.status.code() == StatusCode::kUnavailable);
  CHECK(answer.status.message().find("certificate has expired") != std::string::npos);
}

TEST_CASE("keys are pinned by host: once there is any, hosts without one are not asked by https") {
  Pinned pinned;
  const std::string by_name = "https://LocalHost:" + std::to_string(pinned.server.port()) + "/";
  CHECK(pinned.Get({{"LOCALHOST", {pinned.pin}}}, by_name).body == "hello");
  pinned.CheckRefused({{"localhost", {pinned.pin}}}, StatusCode::kInvalidArgument,
                      "127.0.0.1: is not in pinned_keys, so it is not asked");
  pinned.CheckRefused({{"127.0.0.1", {pinned.pin}}}, StatusCode::kInvalidArgument,
                      "localhost: is not in pinned_keys, so it is not asked", by_name);
  CHECK(pinned.server.connections() == 1);

  // Where there is no TLS, there is no key: only a host that nobody pinned is asked so.
  LoopbackServer plain([](const LoopbackRequest&) { return LoopbackAnswer{200, {}, "plain"}; });
  CHECK(pinned.Get({{"flags.example", {pinned.pin}}}, plain.Url()).body == "plain");
  pinned.CheckRefused({{"127.0.0.1", {pinned.pin}}}, StatusCode::kInvalidArgument,
                      "127.0.0.1: pinned_keys lists it, so it is asked by https only", plain.Url());
}

TEST_CASE("with a pin that is misspelled nothing is asked, and the reason says which") {
  Pinned pinned;
  const std::string digits = pinned.pin.substr(8);
  const struct {
    std::string host;
    std::vector<std::string> keys;
    std::string why;
  } rows[] = {
      {"flags.example", {}, "has no key"},
      {"flags.example", {""}, "key 1 of 1"},
      {"flags.example", {digits}, "key 1 of 1"},
      {"flags.example", {"sha1//" + digits}, "key 1 of 1"},
      {"flags.example", {"SHA256//" + digits}, "key 1 of 1"},
      {"flags.example", {pinned.pin, pinned.pin.substr(0, 51)}, "key 2 of 2"},
      {"flags.example", {pinned.pin + "=", pinned.pin}, "key 1 of 2"},
      {"flags.example", {pinned.pin + ";" + pinned.pin}, "key 1 of 1"},
      {"flags.example", {pinned.pin.substr(0, 50) + "B="}, "key 1 of 1"},  // bits that no SHA-256 has
      {"flags.example", {"sha256//-" + digits.substr(1)}, "key 1 of 1"},   // base64url
      {"flags.example", {"/etc/ssl/key.pem"}, "key 1 of 1"},               // which curl would read as a file
      {"https://flags.example", {pinned.pin}, "write the host alone"},
      {"flags.example:443", {pinned.pin}, "write the host alone"},
      {"*.flags.example/", {pinned.pin}, "write the host alone"},
      {"", {pinned.pin}, "write the host alone"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.host);
    CAPTURE(row.why);
    // Also those hosts are not asked whose own pins are right.
    const Answer answer = pinned.Get({{"127.0.0.1", {pinned.pin}}, {row.host, row.keys}}, pinned.server.Url());
    CHECK(answer.status.code() == StatusCode::kInvalidArgument);
    CHECK(answer.status.message().find("pinned_keys: \"" + row.host + "\": " + row.why) == 0);
  }
  CHECK(pinned.server.connections() == 0);
}

TEST_CASE("where curl cannot check keys, hosts that have some are not asked") {
  Pinned pinned;
  can_pin = false;
  pinned.CheckRefused({{"127.0.0.1", {pinned.pin}}}, StatusCode::kUnsupported,
                      std::string("127.0.0.1: is not asked, as this curl cannot check pinned_keys: ") +
                          curl_easy_strerror(CURLE_NOT_BUILT_IN));
  CHECK(pinned.Get({}, pinned.server.Url()).body == "hello");
  can_pin = true;
}

}  // namespace
}  // namespace guidon::test

// In the place of curl's own, which it calls.
extern "C" CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  using Own = CURLcode (*)(CURL*, CURLoption, ...);
  static const Own own = reinterpret_cast<Own>(dlsym(RTLD_NEXT, "curl_easy_setopt"));
  if (option == CURLOPT_PINNEDPUBLICKEY && !guidon::test::can_pin) return CURLE_NOT_BUILT_IN;
  va_list arguments;
  va_start(arguments, option);
  CURLcode result = CURLE_OK;
  if (option < CURLOPTTYPE_OBJECTPOINT) {
    result = own(easy, option, va_arg(arguments, long));
  } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
    result = own(easy, option, va_arg(arguments, curl_off_t));
  } else {
    result = own(easy, option, va_arg(arguments, void*));
  }
  va_end(arguments);
  return result;
}
