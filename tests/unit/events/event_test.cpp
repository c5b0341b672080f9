#include "sdk/events/event.h"

#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <set>

#include "sdk/events/scopes.h"
#include "sdk/events/state.h"

namespace guidon::events {
namespace {

Event FullEvent(EventKind kind) {
  Event event;
  event.id = {0x0198'F3A2'7C11'7ABCu, 0x8123'4567'89AB'CDEFu};
  event.sequence = 812;
  Fact& fact = event.fact;
  fact.kind = kind;
  fact.wall = TimestampFromMs(-5);
  fact.mono = MonoTime(Duration(77));
  fact.name = "file_shared";
  fact.session = "session";
  fact.forced = true;
  fact.value = -0.25;
  fact.properties = {{"none", Value()},  {"yes", true},     {"no", false},
                     {"int", INT64_MIN}, {"double", 1e300}, {"text", "ä"}};
  fact.units = {{"device", "d"}, {"account", "u-42"}};
  fact.attributes = {{"plan", "pro"}, {"nested", Object{{"list", List{1, "two", List{}}}, {"object", Object{}}}}};
  if (kind == EventKind::kPrompt) {
    fact.prompt =
        FactPrompt{prompts::What::kSnooze, "0198f3a2-7c11-8abc-8123-456789abcdef", 3, "b2", "timeout", "message_sent",
                   Duration(86'400'000)};
  }
  if (HasUnit(kind)) {
    fact.variant = "labelled";
    fact.flag = "composer";
    fact.unit_kind = "device";
    fact.unit_id = "d";
    fact.iteration = 3;
    fact.layer_slot = 999'999;
    fact.slot = -1;
    fact.datafile_set = "notes/production";
    fact.datafile_version = "1.1187";
    event.repeated = 37;
  }
  return event;
}

constexpr EventKind kKinds[] = {EventKind::kTracked, EventKind::kExposure,   EventKind::kHoldoutExposure,
                                EventKind::kPrompt,  EventKind::kLossReport, EventKind::kEvaluationSummary};

Event ForcedEvent(EventKind kind) {
  Event event = FullEvent(kind);
  event.fact.forced_by = "api,file";
  event.fact.overrides = "experiment:attach-button=off; flag:composer=\"icon\"";
  event.fact.natural_variant = "";
  return event;
}

Event EnrolledEvent() {
  Event event = FullEvent(EventKind::kExposure);
  event.fact.audience = "vips";
  event.fact.sticky = true;
  return event;
}

TEST_CASE("an event reads back as it was written, and as nothing when a byte is missing or too many") {
  for (const bool is_forced : {false, true})
    for (const EventKind kind : kKinds) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(is_forced);
      const Event event = is_forced ? ForcedEvent(kind) : FullEvent(kind);
      const std::string bytes = EncodeEvent(event);
      const std::optional<Event> read = DecodeEvent(bytes);
      REQUIRE(read);
      CHECK(EncodeEvent(*read) == bytes);
      CHECK(read->fact.kind == kind);
      CHECK(read->fact.wall == event.fact.wall);
      CHECK(read->fact.properties == event.fact.properties);
      CHECK(read->fact.attributes == event.fact.attributes);
      CHECK(read->fact.value == event.fact.value);
      CHECK(read->fact.units.at(1).id == "u-42");
      CHECK(read->fact.layer_slot == event.fact.layer_slot);
      CHECK(read->fact.datafile_version == event.fact.datafile_version);
      CHECK(read->repeated == event.repeated);
      CHECK(read->sequence == 812);
      CHECK(read->fact.forced_by == event.fact.forced_by);
      CHECK(read->fact.overrides == event.fact.overrides);
      CHECK(read->fact.natural_variant == event.fact.natural_variant);
      REQUIRE(read->fact.prompt.has_value() == (kind == EventKind::kPrompt));
      if (read->fact.prompt) {
        CHECK(read->fact.prompt->what == prompts::What::kSnooze);
        CHECK(read->fact.prompt->id == event.fact.prompt->id);
        CHECK(read->fact.prompt->ordinal == 3);
        CHECK(read->fact.prompt->button == "b2");
        CHECK(read->fact.prompt->cause == "timeout");
        CHECK(read->fact.prompt->trigger == "message_sent");
        CHECK(read->fact.prompt->snooze == Duration(86'400'000));
      }
      CHECK(IdText(read->id) == "0198f3a2-7c11-7abc-8123-456789abcdef");
      for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(DecodeEvent(bytes.substr(0, size)));
      CHECK_FALSE(DecodeEvent(bytes + '\0'));
    }
}

Fact ChangeOfIdentity() {
  Fact fact;
  fact.identity = std::make_shared<const IdentityChange>(IdentityChange{"anna", "", Carry::kPrevious, 300});
  return fact;
}

TEST_CASE("a fact reads back as it was written to the journal, and as nothing when a byte is missing or too many") {
  std::vector<Fact> facts = {ChangeOfIdentity()};
  for (const EventKind kind : kKinds) {
    facts.push_back(FullEvent(kind).fact);
    facts.push_back(ForcedEvent(kind).fact);
    facts.back().scope = 0xFEDC'BA98'7654'3210u;
  }
  for (const Fact& fact : facts) {
    const std::string bytes = EncodeFact(fact);
    const std::optional<Fact> read = DecodeFact(bytes);
    REQUIRE(read);
    CHECK(EncodeFact(*read) == bytes);
    CHECK(read->scope == fact.scope);
    CHECK((read->identity != nullptr) == (fact.identity != nullptr));
    CHECK(IsEncodedEvent(bytes) == (fact.identity == nullptr));
    Event as_read, as_told;
    as_read.fact = *read;
    as_told.fact = fact;
    if (!fact.identity) CHECK(EncodeEvent(as_read) == EncodeEvent(as_told));
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(DecodeFact(bytes.substr(0, size)));
    CHECK_FALSE(DecodeFact(bytes + '\0'));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      const std::optional<Fact> other = DecodeFact(damaged);
      if (other) CHECK(DecodeFact(EncodeFact(*other)));
    }
  }
}

TEST_CASE("the form of facts in the journal never changes") {
  Fact fact;
  fact.scope = 300;
  fact.name = "a";
  fact.properties = {{"k", 7}};
  const std::string expected("\x01\xAC\x02\x01\0\0\1a\0\0\0\1\1k\3\x0E\0\0", 18);
  CHECK(EncodeFact(fact) == expected);
  const std::string change(
      "\x02\x04"
      "anna"
      "\0\2\xAC\x02",
      10);
  CHECK(EncodeFact(ChangeOfIdentity()) == change);
}

TEST_CASE("the stored form of an event never changes") {
  Event event;
  event.id = {1, 2};
  event.sequence = 300;
  event.fact.name = "a";
  event.fact.properties = {{"k", 7}};
  const std::string expected(
      "\x01"
      "\0\0\0\0\0\0\0\1"
      "\0\0\0\0\0\0\0\2"
      "\xAC\x02"
      "\0"
      "\0"
      "\1a"
      "\0"
      "\0"
      "\0"
      "\1\1k\x03\x0E"
      "\0"
      "\0",
      33);
  CHECK(EncodeEvent(event) == expected);
}

TEST_CASE("the stored form of a conversion never changes, and nothing else is one") {
  Event event;
  event.id = {1, 2};
  event.fact.name = "a";
  const std::string rest("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\1a\0\0\0\0\0\0", 27);
  CHECK(EncodeEvent(event) == '\x01' + rest);
  event.fact.is_conversion = true;
  CHECK(EncodeEvent(event) == '\x81' + rest + '\x01');
  const std::optional<Event> read = DecodeEvent(EncodeEvent(event));
  REQUIRE(read);
  CHECK(read->fact.is_conversion);
  CHECK_FALSE(DecodeEvent('\x01' + rest)->fact.is_conversion);
  CHECK(DecodeFact(EncodeFact(event.fact))->is_conversion);
  CHECK_FALSE(DecodeEvent('\x81' + rest + '\0'));        // says nothing
  CHECK_FALSE(DecodeEvent('\x84' + rest + '\x01'));      // of a loss report
  CHECK_FALSE(DecodeEvent('\x81' + rest + "\x80\x40"));  // a later version's
}

TEST_CASE("the stored form of the boot that an event was made in never changes, and every kind may have it") {
  Event event;
  event.id = {1, 2};
  event.fact.name = "a";
  event.fact.boot = 0x0102'0304'0506'0708u;
  const std::string rest("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\1a\0\0\0\0\0\0", 27);
  CHECK(EncodeEvent(event) == '\x81' + rest + "\x08\1\2\3\4\5\6\7\x08");
  event.fact.is_conversion = true;
  CHECK(EncodeEvent(event) == '\x81' + rest + "\x09\1\2\3\4\5\6\7\x08");
  CHECK_FALSE(DecodeEvent('\x81' + rest + '\x08' + std::string(8, '\0')));  // says nothing
  for (const EventKind kind : kKinds) {
    CAPTURE(static_cast<int>(kind));
    Event of_kind = ForcedEvent(kind);
    of_kind.fact.boot = 77;
    const std::optional<Event> read = DecodeEvent(EncodeEvent(of_kind));
    REQUIRE(read);
    CHECK(read->fact.boot == 77);
    CHECK(DecodeFact(EncodeFact(of_kind.fact))->boot == 77);
  }
}

TEST_CASE("a fact of a journal has the time of its id where that is not its own, and its event need not keep it") {
  Fact fact;
  fact.name = "a";
  fact.wall = TimestampFromMs(5);
  fact.id_ms = 300;
  const std::optional<Fact> read = DecodeFact(EncodeFact(fact));
  REQUIRE(read);
  CHECK(read->id_ms == 300);
  const std::string bytes = EncodeFact(fact);
  CHECK(bytes.substr(bytes.size() - 3) == "\x10\xAC\x02");
  fact.id_ms = kMostIdMs;
  CHECK(DecodeFact(EncodeFact(fact)));
  fact.id_ms = kMostIdMs + 1;
  CHECK_FALSE(DecodeFact(EncodeFact(fact)));
}

TEST_CASE("the form in which a fact says of which counts it is never changes") {
  Event event;
  event.fact.name = "a";
  event.fact.looks = {{7, true}, {9, false}};
  const std::string record = EncodeFact(event.fact);
  // As any with more; that looks follow; how many, then each part and whether it is of it.
  const std::string head("\x01\0\x81\0\0\1a\0\0\0\0\0\0\x40\2", 15);
  const std::string looks("\0\0\0\0\0\0\0\7\1\0\0\0\0\0\0\0\x9\0", 18);
  CHECK(record == head + looks);
  const auto read = DecodeFact(record);
  REQUIRE(read);
  REQUIRE(read->looks.size() == 2);
  CHECK((read->looks[0].part == 7 && read->looks[0].is_of_it));
  CHECK((read->looks[1].part == 9 && !read->looks[1].is_of_it));
  // Each part once, in order: whoever applies it relies on that.
  for (const std::vector<behavior::Look>& wrong :
       {std::vector<behavior::Look>{{7, true}, {7, true}}, {{9, true}, {7, true}}, {{0, true}}}) {
    event.fact.looks = wrong;
    CHECK_FALSE(DecodeFact(EncodeFact(event.fact)).has_value());
  }
}

TEST_CASE("how far a journal was applied reads back") {
  CHECK(EncodeCursor(300) == "\1\xAC\x02");
  for (const std::uint64_t place : {std::uint64_t{300}, UINT64_MAX}) CHECK(DecodeCursor(EncodeCursor(place)) == place);
  for (const char* bytes : {"", "\2\1", "\1", "\1\x80", "\1\1\1"}) CHECK_FALSE(DecodeCursor(bytes));
}

TEST_CASE("rows that were written before there were conversions are read, and are written so still without any") {
  Counters counters;
  counters.accepted = 9;
  counters.queued[kExposures] = {1, 10};
  counters.queued[kTracked] = {2, 20};
  counters.queued[kReports] = {3, 30};
  const std::string old("\1\0\x09\0\1\1\0\0\0\1\x0A\2\x14\3\x1E\0\0\0", 18);
  CHECK(EncodeCounters(counters) == old);
  REQUIRE(DecodeCounters(old));
  CHECK(DecodeCounters(old)->queued[kTracked].bytes == 20);
  CHECK(DecodeCounters(old)->queued[kConversions].events == 0);
  counters.queued[kConversions] = {4, 40};
  const std::string now("\2\0\x09\0\1\1\0\0\0\1\x0A\4\x28\2\x14\3\x1E\0\0\0", 20);
  CHECK(EncodeCounters(counters) == now);
  REQUIRE(DecodeCounters(now));
  CHECK(DecodeCounters(now)->queued[kConversions].events == 4);
  CHECK(DecodeCounters(now)->queued[kReports].bytes == 30);
  CHECK(DecodeCounters(now)->pending() == 10);
  CHECK(DecodeCounters(now)->pending_bytes() == 100);

  Frozen frozen;
  frozen.chunks[kExposures] = {1, 2, 10};
  frozen.chunks[kReports] = {3, 3, 30};
  frozen.events = 5;
  frozen.open = {{0, 5}};
  const std::string id(16, '\0');
  const std::string frozen_old = '\1' + id + std::string("\1\2\x0A\0\0\0\3\3\x1E\5\1\0\5", 13);
  CHECK(EncodeFrozen(frozen) == frozen_old);
  REQUIRE(DecodeFrozen(frozen_old));
  CHECK(DecodeFrozen(frozen_old)->chunks[kReports].first == 3);
  frozen.chunks[kConversions] = {4, 4, 40};
  const std::string frozen_now = '\2' + id + std::string("\1\2\x0A\4\4\x28\0\0\0\3\3\x1E\5\1\0\5", 16);
  CHECK(EncodeFrozen(frozen) == frozen_now);
  REQUIRE(DecodeFrozen(frozen_now));
  CHECK(DecodeFrozen(frozen_now)->chunks[kConversions].bytes == 40);
}

TEST_CASE("an answer comes back as it was written, and each of a showing is an event of its own") {
  const struct {
    Value answer;
    const char* text;
  } rows[] = {{9, ""}, {"speed", ""}, {List{"speed", "price"}, ""}, {List{}, ""}, {Value(), "the n\u00f6tes"}};
  std::set<std::string> ids;
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Event event = FullEvent(EventKind::kPrompt);
    event.fact.prompt->what = prompts::What::kAnswer;
    event.fact.prompt->question = "why";
    event.fact.prompt->answer = row.answer;
    event.fact.prompt->text = row.text;
    event.fact.prompt->number = ids.size() + 1;
    const auto decoded = DecodeEvent(EncodeEvent(event));
    REQUIRE(decoded.has_value());
    REQUIRE(decoded->fact.prompt.has_value());
    CHECK(decoded->fact.prompt->question == "why");
    CHECK((decoded->fact.prompt->answer == row.answer));
    CHECK(decoded->fact.prompt->text == row.text);
    CHECK(decoded->fact.prompt->number == ids.size() + 1);
    ids.insert(IdText(PromptEventId(*decoded->fact.prompt)));
    // Without consent to analytics nothing of it is left.
    Fact fact = decoded->fact;
    Reduce(&fact);
    CHECK(fact.prompt->answer.is_null());
    CHECK(fact.prompt->text.empty());
    CHECK(fact.prompt->question.empty());
  }
  CHECK(ids.size() == std::size(rows));
}

TEST_CASE("the stored form of a prompt's event, and of what was forced, never changes") {
  Event event;
  event.id = {1, 2};
  event.sequence = 300;
  event.fact.kind = EventKind::kPrompt;
  event.fact.name = "c";
  event.fact.variant = "prompt";
  event.fact.unit_kind = "device";
  event.fact.unit_id = "d";
  event.fact.iteration = 1;
  event.fact.slot = 7;
  event.fact.datafile_set = "p/e";
  event.fact.datafile_version = "1.2";
  event.fact.prompt = FactPrompt{prompts::What::kAction, "i", 2, "b1", "", "t", Duration(0)};
  const std::string head("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\xAC\x02\0\0\1c\0\0\0\0\0\0", 28);
  const std::string rest(
      "\6prompt\0\6device\1d\x02\x01\x0E\3p/e\3"
      "1.2\0\3\1i\2\2b1\0\1t\0\0",
      41);
  CHECK(EncodeEvent(event) == '\x05' + head + rest);
  event.fact.prompt->visible = Duration(300);
  CHECK(EncodeEvent(event) == '\x85' + head + rest + "\x20\xAC\x02");
  const std::optional<Event> read = DecodeEvent(EncodeEvent(event));
  REQUIRE(read);
  CHECK(read->fact.prompt->visible == Duration(300));
  CHECK_FALSE(DecodeEvent('\x85' + head + rest + "\x20\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));
  event.fact.prompt->visible.reset();
  event.fact.forced_by = "api";
  event.fact.overrides = "o";
  event.fact.natural_variant = "x";
  CHECK(EncodeEvent(event) == '\x45' + head + rest + "\3api\1o\1\1x");
  // Members that say nothing are not written.
  CHECK_FALSE(DecodeEvent('\x45' + head + rest + std::string("\0\0\0", 3)));
}

TEST_CASE("the stored form of an exposure, and of its enrollment's details, never changes") {
  Event event;
  event.id = {1, 2};
  event.sequence = 300;
  event.fact.kind = EventKind::kExposure;
  event.fact.name = "x";
  event.fact.variant = "on";
  event.fact.flag = "f";
  event.fact.unit_kind = "device";
  event.fact.unit_id = "d";
  event.fact.iteration = 1;
  event.fact.layer_slot = 3;
  event.fact.slot = 7;
  event.fact.datafile_set = "p/e";
  event.fact.datafile_version = "1.2";
  const std::string head("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\xAC\x02\0\0\1x\0\0\0\0\0\0", 28);
  const std::string rest(
      "\2on\1f\6device\1d\x02\x06\x0E\3p/e\3"
      "1.2\0",
      26);
  const std::string plain = '\x02' + head + rest;
  CHECK(EncodeEvent(event) == plain);
  event.fact.scope = 5;  // is not reported
  CHECK(EncodeEvent(event) == plain);
  event.fact.sticky = true;
  CHECK(EncodeEvent(event) == '\x22' + head + rest + std::string("\0\1", 2));
  event.fact.audience = "a";
  event.fact.sticky = false;
  CHECK(EncodeEvent(event) == '\x22' + head + rest + std::string("\1a\0", 3));
  event.fact.forced_by = "api";
  CHECK(EncodeEvent(event) == '\x62' + head + rest + std::string("\1a\0\3api\0\0", 9));
  const std::optional<Event> read = DecodeEvent(EncodeEvent(event));
  REQUIRE(read);
  CHECK(read->fact.audience == "a");
  CHECK_FALSE(read->fact.sticky);
  CHECK(DecodeEvent(EncodeEvent(EnrolledEvent()))->fact.sticky);
  // What came later: the number of bits, then what they say.
  Event more = event;
  more.fact.audience.clear();
  more.fact.forced_by.clear();
  more.fact.first = true;
  CHECK(EncodeEvent(more) == '\x82' + head + rest + '\x02');
  more.fact.propensity = 300;
  CHECK(EncodeEvent(more) == '\x82' + head + rest + "\x06\xAC\x02");
  more.fact.audience = "a";
  CHECK(EncodeEvent(more) == '\xA2' + head + rest + std::string("\1a\0\x06\xAC\x02", 6));
  const std::optional<Event> later = DecodeEvent(EncodeEvent(more));
  REQUIRE(later);
  CHECK(later->fact.first);
  CHECK(later->fact.propensity == 300);
  CHECK_FALSE(DecodeEvent('\x82' + head + rest + std::string("\x04\0", 2)));  // says nothing
  CHECK_FALSE(DecodeEvent('\x82' + head + rest + '\x01'));                    // of what is tracked
  CHECK_FALSE(DecodeEvent('\x83' + head + rest + '\x02'));                    // of a holdout
  more.fact.propensity = kCertain + 1;
  CHECK_FALSE(DecodeEvent(EncodeEvent(more)));
  // Members that say nothing are not written, and nothing but an exposure has these.
  CHECK_FALSE(DecodeEvent('\x22' + head + rest + std::string("\0\0", 2)));
  CHECK_FALSE(DecodeEvent('\x23' + head + rest + std::string("\1a\0", 3)));
  event.fact.kind = EventKind::kHoldoutExposure;
  event.fact.forced_by.clear();
  CHECK(EncodeEvent(event) == '\x03' + head + rest);
}

TEST_CASE("every step of a prompt reads back as itself, and has a name and an id of its own") {
  Event event = FullEvent(EventKind::kPrompt);
  std::set<std::string> names, ids;
  for (int what = 0; what <= 9; ++what) {
    event.fact.prompt->number = what == 7 ? 1 : 0;  // an answer's
    event.fact.prompt->what = static_cast<prompts::What>(what);
    const std::optional<Event> read = DecodeEvent(EncodeEvent(event));
    REQUIRE(read);
    CHECK(read->fact.prompt->what == event.fact.prompt->what);
    CHECK(names.insert(std::string(prompts::WhatName(read->fact.prompt->what))).second);
    CHECK(ids.insert(IdText(PromptEventId(*event.fact.prompt))).second);
  }
  event.fact.prompt->id = "another";
  CHECK(ids.insert(IdText(PromptEventId(*event.fact.prompt))).second);
}

TEST_CASE("apps are told what became of a prompt as properties") {
  Event event = FullEvent(EventKind::kPrompt);
  event.fact.prompt->visible = Duration(812);
  const EventRecord full = ToRecord(event);
  CHECK(full.kind == EventKind::kPrompt);
  CHECK(full.variant == "labelled");
  using Named = std::pair<std::string, Value>;
  const std::vector<Named> own(full.properties.end() - 7, full.properties.end());
  CHECK(own == std::vector<Named>{{"what", "snooze"},
                                  {"prompt", "0198f3a2-7c11-8abc-8123-456789abcdef"},
                                  {"ordinal", 3},
                                  {"button", "b2"},
                                  {"cause", "timeout"},
                                  {"trigger", "message_sent"},
                                  {"visible_ms", 812}});
  Event bare;
  bare.fact.kind = EventKind::kPrompt;
  bare.fact.prompt = FactPrompt();
  CHECK(ToRecord(bare).properties.size() == 3);
}

TEST_CASE("a chunk reads back; one with a bad event in it does not") {
  std::string chunk;
  for (const EventKind kind : kKinds) AppendToChunk(EncodeEvent(FullEvent(kind)), &chunk);
  const auto events = DecodeChunk(chunk);
  REQUIRE(events);
  CHECK(events->size() == std::size(kKinds));
  CHECK_FALSE(DecodeChunk(chunk.substr(0, chunk.size() - 1)));
  CHECK_FALSE(DecodeChunk(""));
  chunk[0] = 2;
  CHECK_FALSE(DecodeChunk(chunk));
}

TEST_CASE("a chunk of more events than a batch holds is not one") {
  std::string chunk;
  for (int i = 0; i < 501; ++i) AppendToChunk(EncodeEvent(Event()), &chunk);
  CHECK_FALSE(DecodeChunk(chunk));
}

TEST_CASE("decoding is total: random bytes and damaged rows end in a value or in nothing") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::string chunk;
  for (const EventKind kind : kKinds) AppendToChunk(EncodeEvent(FullEvent(kind)), &chunk);
  Counters counters;
  counters.lost = {{"expired", 3}};
  Frozen frozen;
  frozen.events = 5;
  frozen.open = {{0, 2}, {3, 5}};
  for (const EventKind kind : kKinds) AppendToChunk(EncodeEvent(ForcedEvent(kind)), &chunk);
  AppendToChunk(EncodeEvent(EnrolledEvent()), &chunk);
  const std::string rows[] = {chunk,
                              EncodeEvent(ForcedEvent(EventKind::kPrompt)),
                              EncodeEvent(EnrolledEvent()),
                              EncodeCounters(counters),
                              EncodeFrozen(frozen),
                              EncodeFormat(7)};
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes;
    if (i % 2 == 0) {
      bytes.resize(random() % 200);
      for (char& byte : bytes) byte = static_cast<char>(random());
    } else {
      bytes = rows[random() % 6];
      for (int hits = 1 + static_cast<int>(random() % 4); hits > 0; --hits) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    // What decodes at all encodes again to something that decodes to the same.
    if (const auto event = DecodeEvent(bytes)) CHECK(DecodeEvent(EncodeEvent(*event)));
    if (const auto events = DecodeChunk(bytes)) CHECK(events->size() <= 500);
    if (const auto read = DecodeCounters(bytes)) CHECK(DecodeCounters(EncodeCounters(*read)));
    if (const auto read = DecodeFrozen(bytes)) {
      CHECK_FALSE(read->open.empty());
      CHECK(read->open.back().to <= read->events);
    }
    DecodeFormat(bytes);
    ParseChunkKey(bytes);
    ParseSeenRowKey(bytes);
  }
}

TEST_CASE("nesting deeper than facts may have does not decode") {
  std::string nested;
  for (int i = 0; i < 40; ++i) nested += "\x06\x01";
  nested += '\0';
  Event event;
  event.fact.name = "a";
  event.fact.attributes = {{"k", Value()}};
  std::string bytes = EncodeEvent(event);
  REQUIRE(bytes.back() == '\0');
  bytes.pop_back();
  CHECK_FALSE(DecodeEvent(bytes + nested));
  CHECK(DecodeEvent(bytes + std::string("\x06\x01\0", 3)));
}

TEST_CASE("keys sort as what they name") {
  CHECK(ChunkKey({kExposures, 300, 1}) < ChunkKey({kConversions, 1, 1}));
  CHECK(ChunkKey({kConversions, 300, 1}) < ChunkKey({kTracked, 1, 1}));
  CHECK(ChunkRange(kExposures, 0, UINT64_MAX).to <= ChunkRange(kConversions, 0, UINT64_MAX).from);
  CHECK(ChunkRange(kConversions, 0, UINT64_MAX).to <= ChunkRange(kTracked, 0, UINT64_MAX).from);
  const auto conversions = ParseChunkKey(ChunkKey({kConversions, 78, 3}));
  REQUIRE(conversions);
  CHECK(conversions->event_class == kConversions);
  CHECK(conversions->number == 78);
  CHECK(ChunkKey({kTracked, 255, 9}) < ChunkKey({kTracked, 256, 1}));
  CHECK(SeenRowKey({-1, {}}) < SeenRowKey({0, {}}));
  CHECK(SeenRowKey({0, {1, 0}}) < SeenRowKey({1, {0, 0}}));
  const auto name = ParseChunkKey(ChunkKey({kReports, 77, 500}));
  REQUIRE(name);
  CHECK(name->event_class == kReports);
  CHECK(name->number == 77);
  CHECK(name->events == 500);
  const auto seen = ParseSeenRowKey(SeenRowKey({-3, {8, 9}}));
  REQUIRE(seen);
  CHECK(seen->day == -3);
  CHECK(seen->id.low == 9);
}

}  // namespace
}  // namespace guidon::events
