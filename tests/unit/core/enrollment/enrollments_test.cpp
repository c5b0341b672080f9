#include "sdk/core/enrollment/enrollments.h"

#include <doctest/doctest.h>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::enrollment {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

Enrollment Met(std::int64_t iteration, std::string variant, std::int64_t ms, std::string audience = "") {
  return {iteration, std::move(variant), std::move(audience), TimestampFromMs(ms), TimestampFromMs(ms)};
}

TEST_CASE("the first variant of an iteration stays, a newer iteration replaces it, an older one is not taken") {
  struct Row {
    std::string name;
    Enrollment then;
    bool changes;
    std::int64_t iteration;
    std::string variant;
    std::int64_t first;
    std::int64_t last;
  };
  const Row rows[] = {
      {"the same, the same day", Met(2, "a", kDay + 2 * kHour), false, 2, "a", kDay + kHour, kDay + kHour},
      {"the same, the next day", Met(2, "a", 2 * kDay), true, 2, "a", kDay + kHour, 2 * kDay},
      {"the same, the day before", Met(2, "a", kHour), false, 2, "a", kDay + kHour, kDay + kHour},
      {"another variant, the same day", Met(2, "b", kDay + 2 * kHour), false, 2, "a", kDay + kHour, kDay + kHour},
      {"another variant, a month later", Met(2, "b", 30 * kDay), true, 2, "a", kDay + kHour, 30 * kDay},
      {"a newer iteration, the same day", Met(3, "b", kDay), true, 3, "b", kDay, kDay},
      {"an older iteration, a month later", Met(1, "b", 30 * kDay), false, 2, "a", kDay + kHour, kDay + kHour},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Enrollments enrollments;
    CHECK(enrollments.Add("device", "d", "x", Met(2, "a", kDay + kHour, "vips")));
    const Enrollments before = enrollments;
    CHECK(enrollments.IsNews("device", "d", "x", row.then) == row.changes);
    CHECK(enrollments.Add("device", "d", "x", row.then) == row.changes);
    const Enrollment* now = enrollments.Find("device", "d", "x");
    REQUIRE(now != nullptr);
    CHECK(now->iteration == row.iteration);
    CHECK(now->variant == row.variant);
    CHECK(now->audience == (row.iteration == 2 ? "vips" : ""));
    CHECK((now->first == TimestampFromMs(row.first)));
    CHECK((now->last == TimestampFromMs(row.last)));
    CHECK((before.Find("device", "d", "x") != now) == row.changes);
  }
}

TEST_CASE("an enrollment is found by unit kind, unit id and experiment, and by nothing else") {
  Enrollments enrollments;
  CHECK(enrollments.empty());
  CHECK(enrollments.Find("device", "d", "x") == nullptr);
  CHECK(enrollments.Add("device", "d", "x", Met(1, "a", 0)));
  CHECK_FALSE(enrollments.empty());
  CHECK(enrollments.Find("device", "d", "x") != nullptr);
  struct Row {
    std::string name, kind, id, experiment;
  };
  const Row rows[] = {
      {"another kind", "account", "d", "x"},
      {"another id", "device", "e", "x"},
      {"another experiment", "device", "d", "y"},
      {"a longer one", "device", "d", "xx"},
      {"no experiment", "device", "d", ""},
      {"an experiment too long to be", "device", "d", std::string(limits::kKeyBytes + 1, 'x')},
      {"a kind too long to be", std::string(limits::kKeyBytes + 1, 'k'), "d", "x"},
      {"an id too long to be", "device", std::string(limits::kUnitIdBytes + 1, 'd'), "x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(enrollments.Find(row.kind, row.id, row.experiment) == nullptr);
  }
  for (std::size_t i = 4; i < 8; ++i) CHECK_FALSE(enrollments.Add(rows[i].kind, rows[i].id, rows[i].experiment, {}));
  CHECK(enrollments.all().size() == 1);
  const std::string id(limits::kUnitIdBytes, 'd'), kind(limits::kKeyBytes, 'k'), experiment(limits::kKeyBytes, 'x');
  CHECK(enrollments.Add(kind, id, experiment, Met(1, "a", 0)));
  CHECK(enrollments.Find(kind, id, experiment) != nullptr);
}

TEST_CASE("beyond the bound the enrollment that was last met longest ago goes") {
  Enrollments enrollments;
  const auto name = [](std::size_t i) { return "x" + std::to_string(i); };
  for (std::size_t i = 0; i < limits::kEnrollments; ++i) {
    CHECK(enrollments.Add("device", "d", name(i), Met(1, "a", static_cast<std::int64_t>(i) * kDay)));
  }
  CHECK(enrollments.all().size() == limits::kEnrollments);
  // The oldest is met again, so the next one goes.
  CHECK(enrollments.Add("device", "d", name(0), Met(1, "a", 2000 * kDay)));
  CHECK(enrollments.Add("device", "d", "new", Met(1, "a", 2000 * kDay)));
  CHECK(enrollments.all().size() == limits::kEnrollments);
  CHECK(enrollments.Find("device", "d", name(0)) != nullptr);
  CHECK(enrollments.Find("device", "d", name(1)) == nullptr);
  CHECK(enrollments.Find("device", "d", name(2)) != nullptr);
  CHECK(enrollments.Find("device", "d", "new") != nullptr);
}

TEST_CASE("what one account has is copied to another where that has none") {
  Enrollments enrollments;
  CHECK(enrollments.Add("account", "old", "x", Met(1, "a", 0)));
  CHECK(enrollments.Add("account", "old", "y", Met(1, "a", 0)));
  CHECK(enrollments.Add("account", "new", "y", Met(1, "b", 0)));
  CHECK(enrollments.Add("device", "old", "z", Met(1, "a", 0)));
  CHECK(enrollments.Copy("account", "old", "new"));
  CHECK(enrollments.Find("account", "new", "x")->variant == "a");
  CHECK(enrollments.Find("account", "new", "y")->variant == "b");
  CHECK(enrollments.Find("account", "new", "z") == nullptr);
  CHECK(enrollments.Find("account", "old", "x") != nullptr);
  CHECK_FALSE(enrollments.Copy("account", "old", "new"));
  CHECK_FALSE(enrollments.Copy("account", "nobody", "new"));
  CHECK_FALSE(enrollments.Copy("account", "old", "old"));
}

TEST_CASE("merging keeps the variant that was met first, and adds the rest") {
  Enrollments disk, more;
  CHECK(disk.Add("device", "d", "x", Met(1, "a", 0)));
  CHECK(disk.Add("device", "d", "y", Met(1, "a", 0)));
  CHECK(more.Add("device", "d", "x", Met(1, "b", kDay)));
  CHECK(more.Add("device", "d", "y", Met(2, "b", kDay)));
  CHECK(more.Add("device", "d", "z", Met(1, "c", kDay)));
  disk.Merge(more);
  CHECK(disk.Find("device", "d", "x")->variant == "a");
  CHECK((disk.Find("device", "d", "x")->last == TimestampFromMs(kDay)));
  CHECK(disk.Find("device", "d", "y")->variant == "b");
  CHECK(disk.Find("device", "d", "z")->variant == "c");
}

TEST_CASE("an enrollment is a row of known bytes, at a known place") {
  Enrollments enrollments;
  CHECK(enrollments.Add("device", "d-1", "x", Met(3, "on", 1, "vips")));
  const auto& row = *enrollments.all().begin();
  ByteWriter key;
  key.Fixed(0x23e64ee6f8497545u);
  key.Fixed(0xa69e7ad0d2f53908u);
  key.Raw("x");
  CHECK(row.first == key.bytes());
  CHECK(EncodeEnrollment(*row.second) == std::string("\x01\x06\x02on\x04vips\x02\x02", 12));
  Enrollments read;
  const auto decoded = DecodeEnrollment(EncodeEnrollment(*row.second));
  REQUIRE(decoded);
  CHECK(read.Put(row.first, *decoded));
  CHECK(read.Find("device", "d-1", "x")->audience == "vips");
  CHECK_FALSE(read.Put(std::string(16, 'k'), *decoded));
  CHECK_FALSE(read.Put(std::string(16 + limits::kKeyBytes + 1, 'k'), *decoded));
}

TEST_CASE("bytes are one enrollment or none") {
  const std::string good = EncodeEnrollment(Met(3, "on", kDay, "vips"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(DecodeEnrollment(good.substr(0, size)));
  }
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    CAPTURE(bit);
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const std::optional<Enrollment> read = DecodeEnrollment(flipped);
    if (read) CHECK(EncodeEnrollment(*read) == flipped);
  }
  CHECK_FALSE(DecodeEnrollment(good + '\0'));
  CHECK_FALSE(DecodeEnrollment(EncodeEnrollment(Met(1, "", 0))));
  CHECK_FALSE(DecodeEnrollment(EncodeEnrollment(Met(1, std::string(limits::kKeyBytes + 1, 'x'), 0))));
  CHECK_FALSE(DecodeEnrollment(EncodeEnrollment(Met(1, "x", 0, std::string(limits::kKeyBytes + 1, 'x')))));
  Enrollment backwards = Met(1, "on", 5);
  backwards.last = TimestampFromMs(4);
  CHECK_FALSE(DecodeEnrollment(EncodeEnrollment(backwards)));
}

}  // namespace
}  // namespace guidon::enrollment
