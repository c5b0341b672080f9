// Datafiles that may not be put in force. Each "input" is refused with its reason, and what was good before goes on.

#include <doctest/doctest.h>
#include <pthread.h>

#include <string>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/support/signer.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::minutes;

constexpr Flag<bool> kSharing{"file-sharing", false};

// A running app whose datafile 1.2 is signed, came from its server, and is kept.
class RunningApp : public World {
 public:
  explicit RunningApp(std::vector<TrustedKey> more_keys = {}) {
    options.allow_unsigned = false;
    options.project = "notes";
    options.environment = "test";
    options.trusted_keys = {signer.trusted()};
    for (TrustedKey& key : more_keys) options.trusted_keys.push_back(std::move(key));
    published = signer.Sign(NotesDatafile(2));
    Open();
    Settle();
    kept_ = files->Content("datafile");
    CheckServes();
    CHECK(client().status().datafile.ok());
  }

  void CheckServes() {
    const ClientStatus status = client().status();
    CHECK(status.ready);
    CHECK(status.datafile_version == 2);
    CHECK(status.datafile_signed);
    CHECK(client().Get(kSharing));
    CHECK((files->Content("datafile") == kept_));
  }

  // From now on the server has `bytes`, and the app has asked for them.
  Status Serve(std::string bytes) {
    published = std::move(bytes);
    const std::size_t asked = datafile_requests;
    Pass(minutes(8), minutes(8));  // a poll interval and a half at most
    REQUIRE(datafile_requests > asked);
    return client().status().datafile;
  }

  void CheckRefused(std::string bytes, StatusCode code, std::string_view reason) {
    const Status status = Serve(std::move(bytes));
    CAPTURE(status.message());
    CHECK(status.code() == code);
    CHECK(status.message().find(reason) != std::string::npos);
    CheckServes();
  }

  // Likewise, and so does the next start, which has no network.
  void CheckRefusedForGood(std::string bytes, StatusCode code, std::string_view reason) {
    CheckRefused(std::move(bytes), code, reason);
    is_online = false;
    Open();
    Settle();
    CheckServes();
    CHECK(client().status().datafile_source == DatafileSource::kCache);
  }

  Signer signer;

 private:
  std::string kept_;
};

const std::string kSpoilt = "is not good";

TEST_CASE("input 1: one bit of the payload flipped") {
  const RunningApp first;
  const std::string good = first.signer.Sign(NotesDatafile(3));
  const std::size_t payload_at = good.size() - NotesDatafile(3).size();
  for (const std::size_t at : {payload_at, payload_at + 100, good.size() - 1}) {
    CAPTURE(at);
    RunningApp app;
    std::string bytes = app.signer.Sign(NotesDatafile(3));
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    app.CheckRefusedForGood(bytes, StatusCode::kUntrusted,
                            "datafile: the signature by key " + app.signer.key_id() + " is not good");
  }
}

TEST_CASE("input 2: the signature of another payload") {
  RunningApp app;
  app.CheckRefusedForGood(datafile::WriteEnvelope({app.signer.SignatureOf(NotesDatafile(2))}, NotesDatafile(3, true)),
                          StatusCode::kUntrusted, kSpoilt);
}

TEST_CASE("input 3: a good signature by a key that nobody knows") {
  RunningApp app;
  const Signer stranger;
  app.CheckRefusedForGood(stranger.Sign(NotesDatafile(3, true)), StatusCode::kUntrusted,
                          "datafile: signed by key " + stranger.key_id() + ", which the app does not trust");
}

TEST_CASE("input 4: a good signature by a key whose role is another") {
  const Signer qa;
  RunningApp app({qa.trusted(TrustedKey::Role::kQa)});
  const std::string payload = NotesDatafile(3, true);
  app.CheckRefused(qa.Sign(payload), StatusCode::kUntrusted,
                   "datafile: signed by key " + qa.key_id() + ", which is for QA and signs no datafile");
  // Beside the right one it does no harm.
  CHECK(app.Serve(datafile::WriteEnvelope({qa.SignatureOf(payload), app.signer.SignatureOf(payload)}, payload)).ok());
  CHECK(app.client().status().datafile_version == 3);
}

TEST_CASE("input 5: a good signature by a key that is over") {
  const Signer old;
  TrustedKey key = old.trusted();
  key.not_after = FakeClock().Now() + minutes(10);
  RunningApp app({key});
  app.published = old.Sign(NotesDatafile(2));
  app.CheckRefused(old.Sign(NotesDatafile(1)), StatusCode::kUntrusted, "older");  // eight minutes: it still counts
  app.CheckRefused(old.Sign(NotesDatafile(3, true)), StatusCode::kUntrusted,
                   "datafile: signed by key " + old.key_id() + ", which the app trusted until 2026-11-21T10:10:00Z");
  const std::string payload = NotesDatafile(3, true);
  CHECK(app.Serve(datafile::WriteEnvelope({old.SignatureOf(payload), app.signer.SignatureOf(payload)}, payload)).ok());

  SUBCASE("what it signed before goes on, as kept and as bundled") {
    World offline;
    offline.is_online = false;
    offline.options.allow_unsigned = false;
    key.not_after = TimestampFromMs(0);
    offline.options.trusted_keys = {key};
    offline.options.bundled_datafile = old.Sign(NotesDatafile(1));
    offline.Open();
    CHECK(offline.client().Get(kSharing));
  }
}

TEST_CASE("input 6: a second signature made by adding the group's order to S") {
  RunningApp app;
  const std::string payload = NotesDatafile(3, true);
  datafile::Signature signature = app.signer.SignatureOf(payload);
  constexpr unsigned char kOrder[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    char& byte = signature.signature[32 + i];
    const unsigned sum = static_cast<unsigned char>(byte) + kOrder[i] + carry;
    byte = static_cast<char>(sum & 0xffu);
    carry = sum >> 8;
  }
  REQUIRE(carry == 0);
  app.CheckRefusedForGood(datafile::WriteEnvelope({signature}, payload), StatusCode::kUntrusted, kSpoilt);
}

TEST_CASE("input 7: a key of small order, or with a second spelling, is never trusted") {
  std::string neutral(32, '\0');
  neutral[0] = 1;
  std::string other(32, '\xff');
  other[0] = '\xee';
  other[31] = '\x7f';
  const struct {
    std::string name;
    std::string key;
    const char* reason;
  } rows[] = {{"small order", neutral, "trusted_keys[1]: a point of small order, in whose name anybody can sign"},
              {"second spelling", other, "trusted_keys[1]: not the one spelling that an Ed25519 public key has"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Signer signer;
    World world;
    world.options.allow_unsigned = false;
    world.options.trusted_keys = {signer.trusted(), {EncodeBase64(row.key), TrustedKey::Role::kRelease}};
    world.options.bundled_datafile = signer.Sign(NotesDatafile(1));
    // As anybody can sign in the neutral point's name: R that point, and S nothing.
    const datafile::Signature forged{datafile::KeyId(*OpenSslCrypto(), row.key), neutral + std::string(32, '\0')};
    world.published = datafile::WriteEnvelope({forged}, NotesDatafile(2));
    world.Open();
    world.Settle();
    const Status status = world.client().status().datafile;
    CHECK(status.code() == StatusCode::kInvalidArgument);
    CHECK(status.message() == row.reason);
    CHECK(world.client().Get(Flag<bool>{"file-sharing", true}));
    CHECK(world.client().Decide(kSharing).reason() == Reason::kNotReady);
  }
}

TEST_CASE("input 9: cut short at every byte") {
  RunningApp app;
  const std::string good = app.signer.Sign(DatafileText(3, R"("flags":{})"));
  for (std::size_t size = 1; size < good.size(); ++size) {
    CAPTURE(size);
    const char* const reason = size < 8    ? "cut short in the magic"
                               : size == 8 ? "cut short before the number of signatures"
                               : size < 85 ? "cut short in the signatures"
                                           : "bytes where the envelope says 128";
    app.CheckRefused(good.substr(0, size), StatusCode::kCorrupt, reason);
  }
  CHECK(app.Serve(good).ok());
}

TEST_CASE("input 10: bytes behind the payload") {
  for (const char* const more : {"x", "\n", " ", "{}"}) {
    CAPTURE(more);
    RunningApp app;
    app.CheckRefusedForGood(app.signer.Sign(NotesDatafile(3, true)) + more, StatusCode::kCorrupt,
                            "bytes where the envelope says");
  }
}

TEST_CASE("input 11: a payload that says it has 4 GiB") {
  RunningApp app;
  std::string bytes = app.signer.Sign(NotesDatafile(3, true));
  bytes.replace(8 + 1 + 72, 4, "\xff\xff\xff\xff");
  app.CheckRefusedForGood(bytes, StatusCode::kCorrupt, "says 4294967295");
}

TEST_CASE("input 12: a lower version") {
  RunningApp app;
  app.CheckRefusedForGood(app.signer.Sign(NotesDatafile(1, true)), StatusCode::kUntrusted,
                          "version 1.1 is older than 1.2, which is in force");
}

TEST_CASE("input 13: the same version with other content") {
  RunningApp app;
  app.CheckRefusedForGood(app.signer.Sign(NotesDatafile(2, true)), StatusCode::kUntrusted,
                          "version 1.2 is in force already, with another content");
}

TEST_CASE("input 14: a version of 2^53") {
  RunningApp app;
  std::string payload = NotesDatafile(3, true);
  payload.replace(payload.find(":3,"), 3, ":9007199254740992,");
  app.CheckRefusedForGood(app.signer.Sign(payload), StatusCode::kCorrupt,
                          "/version must be from 1 to 9007199254740991");
}

TEST_CASE("input 17: issued in the year 2100") {
  RunningApp app;
  std::string payload = NotesDatafile(3, true);
  payload.replace(payload.find("2025-10-01"), 10, "2100-01-01");
  app.CheckRefusedForGood(app.signer.Sign(payload), StatusCode::kUntrusted,
                          "issued at 2100-01-01T10:00:00Z, more than a day ahead of this device's clock");
}

TEST_CASE("input 18: of another project or environment") {
  const struct {
    std::string from;
    std::string to;
    const char* reason;
  } rows[] = {{"notes", "other", "for the project \"other\", this app is \"notes\""},
              {"\"test\"", "\"production\"", "for the environment \"production\", this app runs in \"test\""}};
  for (const auto& row : rows) {
    CAPTURE(row.to);
    RunningApp app;
    std::string payload = NotesDatafile(3, true);
    payload.replace(payload.find(row.from), row.from.size(), row.to);
    app.CheckRefusedForGood(app.signer.Sign(payload), StatusCode::kUntrusted, row.reason);
  }
}

// A sanitizer's frames are several times as large.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes = 512u << 10;
#else
constexpr std::size_t kStackBytes = 64u << 10;
#endif

void* LoadThere(void* payload) {
  const bool is_refused = dialects::LoadNative(*static_cast<std::string*>(payload)).rules == nullptr;
  return is_refused ? payload : nullptr;
}

TEST_CASE("input 20: a hundred thousand arrays, one in another, on a stack of 64 KiB") {
  RunningApp app;
  std::string payload = DatafileText(3, R"("x":)" + std::string(100'000, '['));
  app.CheckRefusedForGood(app.signer.Sign(payload), StatusCode::kCorrupt, "nested deeper than 32 levels");
  pthread_attr_t small;
  REQUIRE(pthread_attr_init(&small) == 0);
  REQUIRE(pthread_attr_setstacksize(&small, kStackBytes) == 0);
  pthread_t thread;
  REQUIRE(pthread_create(&thread, &small, &LoadThere, &payload) == 0);
  void* refused = nullptr;
  REQUIRE(pthread_join(thread, &refused) == 0);
  CHECK(refused == &payload);
  pthread_attr_destroy(&small);
}

TEST_CASE("input 21: a member that stands twice") {
  RunningApp app;
  app.CheckRefusedForGood(app.signer.Sign(DatafileText(3, R"("flags":{},"flags":{})")), StatusCode::kCorrupt,
                          R"(the member "flags" stands twice)");
}

TEST_CASE("input 23: text that is none") {
  const struct {
    std::string name;
    std::string members;
    const char* reason;
  } rows[] = {
      {"a lone surrogate", R"("x":"\ud800")", "surrogate"},
      {"a lone low surrogate", R"("x":"\udc00")", "surrogate"},
      {"overlong UTF-8", "\"x\":\"\xC0\xAF\"", "ill-formed UTF-8"},
      {"half a character", "\"x\":\"\xC3\x28\"", "ill-formed UTF-8"},
      {"U+0000 in a flag's name", R"("flags":{"a\u0000b":{"type":"bool","default":true}})",
       "a member name with U+0000"},
      {"a zero byte in a flag's name",
       "\"flags\":{\"a" + std::string(1, '\0') + R"(b":{"type":"bool","default":true}})", "a byte 0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    RunningApp app;
    app.CheckRefusedForGood(app.signer.Sign(DatafileText(3, row.members)), StatusCode::kCorrupt, row.reason);
  }
}

TEST_CASE("input 24: 5,001 flags, and 10,001 values in a list") {
  std::string flags;
  for (int i = 0; i < 5'001; ++i)
    flags += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + R"(":{"type":"bool","default":true})";
  std::string values = "0";
  for (int i = 1; i < 10'001; ++i) values += "," + std::to_string(i);
  const struct {
    std::string name;
    std::string members;
    const char* reason;
  } rows[] = {{"flags", R"("flags":{)" + flags + "}", "/flags has 5001 flags; at most 5000 are allowed"},
              {"values",
               R"("flags":{"f":{"type":"bool","default":true,"rules":[{"id":"r","serve":false,)"
               R"("when":{"op":"in","attribute":"a","values":[)" +
                   values + "]}}]}}",
               "more than 10000 items in one array"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    RunningApp app;
    app.CheckRefusedForGood(app.signer.Sign(DatafileText(3, row.members)), StatusCode::kCorrupt, row.reason);
  }
}

TEST_CASE("input 38: a kept datafile that is none, and a disk that takes or gives nothing") {
  const Signer signer;
  World world;
  world.options.allow_unsigned = false;
  world.options.trusted_keys = {signer.trusted()};
  world.options.bundled_datafile = signer.Sign(NotesDatafile(1));
  world.published = signer.Sign(NotesDatafile(2));
  world.Open();
  world.Settle();
  const std::string kept = world.files->Content("datafile");
  const auto start_offline = [&] {
    world.is_online = false;
    world.Open();
    world.Settle();
    CHECK(world.client().Get(kSharing));
    return world.client().status().datafile_version;
  };
  REQUIRE(start_offline() == 2);
  const auto recovers = [&] {
    world.is_online = true;
    world.Open();
    world.Settle();
    CHECK((world.files->Content("datafile") == kept));
    CHECK(start_offline() == 2);
  };
  SUBCASE("what is there is not what was written") {
    std::string swapped = kept;
    std::swap(swapped[kept.size() - 2], swapped[kept.size() / 2]);
    const struct {
      std::string name;
      std::string content;
    } rows[] = {{"nothing", ""},
                {"its first half", kept.substr(0, kept.size() / 2)},
                {"all but its last byte", kept.substr(0, kept.size() - 1)},
                {"zeros, as a crash may leave", std::string(kept.size(), '\0')},
                {"changed by somebody", swapped}};
    for (const auto& row : rows) {
      CAPTURE(row.name);
      world.files->Put("datafile", row.content);
      CHECK(start_offline() == 1);
      recovers();
    }
  }
  SUBCASE("nothing can be written") {
    for (const StatusCode code : {StatusCode::kOutOfSpace, StatusCode::kPermissionDenied}) {
      world.files->FailReplaces(Status(code, "no"));
      world.is_online = true;
      world.published = signer.Sign(NotesDatafile(3));
      world.Open();
      world.Settle();
      CHECK(world.client().status().datafile_version == 3);
      CHECK(world.client().Get(kSharing));
      const std::size_t tries = world.files->replaces();
      world.Pass(minutes(60), minutes(6));
      CHECK(world.files->replaces() == tries);  // not again and again
      CHECK((world.files->Content("datafile") == kept));
      CHECK(start_offline() == 2);
    }
  }
  SUBCASE("nothing can be read") {
    world.files->FailReads(Status(StatusCode::kUnavailable, "no"));
    CHECK(start_offline() == 1);
    world.files->FailReads(Status());
    CHECK(start_offline() == 2);
  }
}

TEST_CASE("whatever the server answers, the running rules stay, and the status says why") {
  struct Row {
    const char* name;
    std::string answer;
    const char* reason;  // part of the message
  };
  const std::string good = NotesDatafile(9);
  const Row rows[] = {
      {"empty", "", "empty"},
      {"a web page", "<html>Please log in</html>", "neither"},
      {"cut short", good.substr(0, good.size() / 2), "line"},
      {"not JSON", "{not json}", "line 1"},
      {"another format", R"({"format":"guidon/9"})", "guidon/1"},
      {"no version", R"({"format":"guidon/1","project":"p","environment":"e","epoch":1})", "/version"},
      {"version out of range", DatafileText(9, "").replace(DatafileText(9, "").find(":9,"), 3, ":1e400,"), "range"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.project = "notes";
    world.options.bundled_datafile = NotesDatafile(2);
    world.published = row.answer;
    if (row.answer.empty()) world.published = " ";
    world.Open();
    world.Settle();
    CHECK(world.client().status().datafile_version == 2);
    CHECK(world.client().Get(kSharing));
    const Status status = world.client().status().datafile;
    CHECK_FALSE(status.ok());
    if (!row.answer.empty()) {
      CAPTURE(status.message());
      CHECK(status.message().find(row.reason) != std::string::npos);
    }
    // And nothing of it was kept for the next start.
    world.is_online = false;
    world.Open();
    CHECK(world.client().status().datafile_source == DatafileSource::kBundle);
  }
}

}  // namespace
}  // namespace guidon::test
