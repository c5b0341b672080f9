// State folders that earlier versions left, in tests/golden/state: an app that is updated keeps all of it. Once what is
// written changes, say so by another file beside them (GUIDON_UPDATE_GOLDEN=1 writes the newest anew, which is right
// only until it was in a release), and keep those that there are.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kStates[] = {"1.txt"};  // the newest is last
constexpr std::string_view kFiles[] = {"install-id", "datafile", "deletion-requests"};
constexpr std::string_view kInstallId = "2803deb9-946f-4a25-902b-06e1bc97724d";

constexpr Flag<std::string> kComposer{"composer", "off"};
constexpr Flag<bool> kWritesLong{"writes-long", false};
constexpr Flag<bool> kWritesOften{"writes-often", false};

// What rules know of behavior, and an experiment that everybody is in.
std::string Members(const char* status) {
  return R"("counts":{"long_messages":{"event":"message_sent","where":{"op":">=","attribute":"chars","kind":"event","value":400}}},
    "layers":{"l":{"unit":"device","salt":"l.1"}},
    "experiments":{"attach":{"iteration":1,"status":")" +
         std::string(status) + R"(","layer":"l","slots":[[0,1000000]],"salt":"a.1",
        "variants":{"control":{"slots":[],"flags":{"composer":"icon"}},
                    "text":{"slots":[[0,1000000]],"flags":{"composer":"text"}}}}},
    "flags":{"composer":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"attach"}]},
      "writes-long":{"type":"bool","default":false,"rules":[
        {"id":"r1","when":{"op":"==","count":"long_messages","window":"14d","value":1},"serve":true}]},
      "writes-often":{"type":"bool","default":false,"rules":[
        {"id":"r1","when":{"op":"==","count":"message_sent","window":"14d","value":4},"serve":true}]}})";
}

// --- A state folder as text: what is no plain letter is \ and two hexadecimal digits ---

std::string Escaped(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && c != '\\') {
      text += c;
    } else {
      text += {'\\', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

std::string Unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return bytes;
}

// What a process left, and nothing it left in memory.
std::string StateOf(World& world, MemoryJournal& journal) {
  std::ostringstream out;
  world.storage->Open([](auto) {});
  world.storage->Read("", std::string(64, '\xFF'), std::size_t{64} << 20, [&](Result<std::vector<Row>> rows) {
    REQUIRE(rows.ok());
    for (const Row& row : *rows) out << "row " << Escaped(row.key) << ' ' << Escaped(row.value) << '\n';
  });
  world.storage->Close([] {});
  for (const std::string_view name : kFiles) {
    if (world.files->Has(name)) out << "file " << name << ' ' << Escaped(world.files->Content(name)) << '\n';
  }
  const Result<std::vector<std::string>> names = journal.List();
  REQUIRE(names.ok());
  for (const std::string& name : *names) {
    const auto words = journal.Words(name);
    out << "segment " << name << std::hex;
    for (std::size_t at = 0; at < words->size();) {
      const std::uint64_t word = (*words)[at];
      std::size_t end = at + 1;
      while (end < words->size() && (*words)[end] == word) ++end;
      out << ' ' << word << '*' << end - at;
      at = end;
    }
    out << std::dec << '\n';
  }
  return out.str();
}

void Restore(const std::string& text, World* world) {
  const auto journal = std::make_shared<MemoryJournal>();
  StorageBatch batch;
  std::istringstream in(text);
  std::string kind, name, value;
  while (in >> kind >> name) {
    if (kind == "segment") {
      Result<JournalSegment> segment = journal->Create(name, std::size_t{1} << 17);
      REQUIRE(segment.ok());
      std::size_t at = 0;
      while (at < segment->size && in >> value) {
        const std::size_t star = value.find('*');
        const std::uint64_t word = std::stoull(value.substr(0, star), nullptr, 16);
        for (std::uint64_t left = std::stoull(value.substr(star + 1), nullptr, 16); left > 0; --left) {
          segment->words[at++].store(word);
        }
      }
      continue;
    }
    REQUIRE(static_cast<bool>(in >> value));
    if (kind == "row") batch.put.push_back({Unescaped(name), Unescaped(value)});
    if (kind == "file") world->files->Put(name, Unescaped(value));
  }
  world->storage = LastingStorage();
  world->storage->Open([](auto) {});
  world->storage->Commit(std::move(batch), [](const Status& status) { REQUIRE(status.ok()); });
  world->storage->Close([] {});
  world->journal = journal;
}

std::string PathOf(const char* state) { return std::string(GUIDON_STATE_DIR) + "/" + state; }

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// --- The life that left it ---

struct OldWorld : PromptWorld {
  OldWorld() : PromptWorld({CampaignSpec()}, Members("running")) {}
};

std::string LiveAndDie() {
  OldWorld world;
  const auto journal = std::make_shared<MemoryJournal>();
  world.Kill();
  world.journal = journal;
  world.Start();
  world.client().Identify(Context().Unit("account", "ada"));
  world.client().Track("opened", 1.0, {{"from", "home"}});
  world.Pass(minutes(1), seconds(5));  // delivered
  world.is_online = false;
  CHECK(world.client().Get(kComposer) == "text");
  world.Write();
  REQUIRE(world.host.lease);
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.host.lease.reset();
  world.Pass(minutes(1), seconds(5));  // a batch is frozen
  world.Write(20);
  world.Write(30);
  world.Pass(seconds(1));
  world.client().Track("message_sent", {{"chars", 40}});  // in the journal alone
  journal->Crash();
  return StateOf(world, *journal);
}

TEST_CASE("what the library leaves on a device is what the newest golden state has, byte for byte") {
  const std::string path = PathOf(kStates[std::size(kStates) - 1]);
  const std::string state = LiveAndDie();
  if (std::getenv("GUIDON_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << state;
  CHECK(Contents(path) == state);
}

TEST_CASE("an app that is updated keeps what earlier versions left: id, events, behavior, showings, variants") {
  for (const char* name : kStates) {
    CAPTURE(name);
    OldWorld world;
    world.Kill();
    world.host.presented.clear();
    const std::string state = Contents(PathOf(name));
    REQUIRE_FALSE(state.empty());
    world.clock->Advance(minutes(5));
    Restore(state, &world);
    world.Start();
    world.client().Identify(Context().Unit("account", "ada"));
    world.Pass(minutes(2), seconds(5));

    const ClientStatus status = world.client().status();
    CHECK(status.install_id == kInstallId);
    CHECK(status.store.ok());
    CHECK_FALSE(status.store_was_reset);
    CHECK(status.ledger.lost.empty());
    CHECK(status.ledger.delivered == status.ledger.accepted);
    // The first event was delivered by the process that died.
    CHECK(status.ledger.accepted == world.collected().size() + 1);
    std::multiset<std::string> written;
    for (const Received& event : world.CollectedOf("guidon.event")) {
      if (event.attributes.at("guidon.event.name") == "message_sent")
        written.insert(event.attributes.at("guidon.property.chars"));
    }
    CHECK(written == std::multiset<std::string>{"1812", "20", "30", "40"});
    CHECK(world.PromptSteps("try-share") == std::vector<std::string>{"exposure", "dismissal person"});

    CHECK(world.client().Get(kWritesLong));
    CHECK(world.client().Get(kWritesOften));
    world.Write();
    CHECK(world.host.presented.empty());  // once in seven days
    world.published = CampaignsDatafile(2, {CampaignSpec()}, Members("paused"));
    world.client().OnForeground();
    world.Pass(minutes(10), seconds(30));
    REQUIRE(world.client().status().datafile_version == 2);
    CHECK(world.client().Get(kComposer) == "text");  // who was in before the pause stays
    world.Pass(hours(24 * 7), hours(6));
    world.Write();
    CHECK(world.host.presented.size() == 1);
  }
}

}  // namespace
}  // namespace guidon::test
