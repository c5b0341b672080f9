#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/memory_files.h"

namespace guidon::test {
namespace {

// Runs the story on a disk and in memory.
void OnEach(const std::function<void(Files&)>& story) {
  SUBCASE("on a disk") {
    const TempFolder folder;
    story(*DiskFiles(folder.path()));
  }
  SUBCASE("in memory") {
    MemoryFiles files;
    story(files);
  }
}

TEST_CASE("a file reads as it was last replaced") {
  OnEach([](Files& files) {
    CHECK(files.Read("install-id", 100).status().code() == StatusCode::kNotFound);
    const std::string contents[] = {"first", std::string("a\0b", 3), "", std::string(100'000, 'x')};
    for (const std::string& content : contents) {
      REQUIRE(files.Replace("install-id", content).ok());
      const Result<std::string> read = files.Read("install-id", content.size());
      REQUIRE(read.ok());
      CHECK((*read == content));
    }
  });
}

TEST_CASE("more than asked for is too large") {
  OnEach([](Files& files) {
    REQUIRE(files.Replace("a", "12345").ok());
    CHECK(files.Read("a", 5).ok());
    CHECK(files.Read("a", 4).status().code() == StatusCode::kTooLarge);
    CHECK(files.Read("a", 0).status().code() == StatusCode::kTooLarge);
  });
}

TEST_CASE("a file is created once, and whoever comes too late changes nothing") {
  OnEach([](Files& files) {
    CHECK(files.Create("a", "first").ok());
    CHECK(files.Create("a", "second").code() == StatusCode::kUnavailable);
    CHECK(*files.Read("a", 100) == "first");
    REQUIRE(files.Remove("a").ok());
    CHECK(files.Create("a", "third").ok());
    CHECK(*files.Read("a", 100) == "third");
    CHECK(files.Create("a/b", "x").code() == StatusCode::kInvalidArgument);
  });
}

TEST_CASE("of many who create a file at once one does, and a file is never two contents mixed") {
  const TempFolder folder;
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  std::atomic<int> created{0}, mixed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto files = DiskFiles(folder.path());  // as another process has it
      const std::string own(20'000, static_cast<char>('a' + t));
      created += files->Create("once", own).ok() ? 1 : 0;
      for (int i = 0; i < 20; ++i) {
        (void)files->Replace("again", own);
        const Result<std::string> read = files->Read("again", own.size());
        if (read.ok() && *read != std::string(own.size(), read->front())) ++mixed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(created == 1);
  CHECK(mixed == 0);
  CHECK(folder.Names() == std::vector<std::string>{"again", "once"});
}

TEST_CASE("files are apart from each other") {
  OnEach([](Files& files) {
    REQUIRE(files.Replace("a", "one").ok());
    REQUIRE(files.Replace("a.b", "two").ok());
    REQUIRE(files.Remove("a").ok());
    CHECK(files.Read("a", 100).status().code() == StatusCode::kNotFound);
    CHECK(*files.Read("a.b", 100) == "two");
  });
}

TEST_CASE("removing what is not there is fine") {
  OnEach([](Files& files) { CHECK(files.Remove("nothing").ok()); });
}

TEST_CASE("only plain names are taken") {
  OnEach([](Files& files) {
    const std::string names[] = {"",    ".",   "..", "../a", "a/b",  "/etc/passwd",          ".hidden",
                                 "a b", "a_b", "ä",  "a\\b", "a\nb", std::string("a\0b", 3), std::string(101, 'a')};
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(files.Read(name, 100).status().code() == StatusCode::kInvalidArgument);
      CHECK(files.Replace(name, "x").code() == StatusCode::kInvalidArgument);
      CHECK(files.Remove(name).code() == StatusCode::kInvalidArgument);
    }
    CHECK(files.Replace("Datafile-2.bin", "x").ok());
    CHECK(files.Replace(std::string(100, 'a'), "x").ok());
  });
}

TEST_CASE("files on a disk are for their owner alone, and nothing else is left beside them") {
  const TempFolder folder;
  REQUIRE(DiskFiles(folder.path())->Replace("a", "one").ok());
  REQUIRE(DiskFiles(folder.path())->Replace("a", "two").ok());
  CHECK(folder.Mode("a") == 0600);
  CHECK(folder.Names() == std::vector<std::string>{"a"});
}

TEST_CASE("a temporary file that a crash left is written over, and removed with its file") {
  const TempFolder folder;
  const auto files = DiskFiles(folder.path());
  folder.Write("a", "old");
  folder.Write("a_new", "half of what was to co");
  CHECK(*files->Read("a", 100) == "old");
  REQUIRE(files->Replace("a", "new").ok());
  CHECK(*files->Read("a", 100) == "new");
  folder.Write("a_new", "half of what was to co");
  REQUIRE(files->Remove("a").ok());
  CHECK(folder.Names().empty());
}

TEST_CASE("the content is written over before a file is removed") {
  const TempFolder folder;
  const auto files = DiskFiles(folder.path());
  const std::string secret(40'000, 's');
  REQUIRE(files->Replace("a", secret).ok());
  REQUIRE(link(folder.Path("a").c_str(), folder.Path("still-there").c_str()) == 0);
  REQUIRE(files->Remove("a").ok());
  CHECK(!folder.Has("a"));
  CHECK((folder.Read("still-there") == std::string(secret.size(), '\0')));
}

TEST_CASE("in a folder that may not be written the old content stays") {
  const TempFolder folder;
  const auto files = DiskFiles(folder.path());
  REQUIRE(files->Replace("a", "old").ok());
  {
    const ReadOnlyFolder read_only(folder);
    CHECK(files->Replace("a", "new").code() == StatusCode::kPermissionDenied);
    CHECK(files->Replace("b", "new").code() == StatusCode::kPermissionDenied);
    CHECK(*files->Read("a", 100) == "old");
  }
  CHECK(folder.Names() == std::vector<std::string>{"a"});
}

TEST_CASE("a replacement that cannot be finished leaves the old content and no other file") {
  const TempFolder folder;
  const auto files = DiskFiles(folder.path());
  REQUIRE(std::filesystem::create_directories(folder.Path("a/inside")));
  const Status status = files->Replace("a", "new");
  CHECK(status.code() == StatusCode::kInternal);
  CHECK(status.message().substr(0, 3) == "a: ");
  CHECK(folder.Has("a/inside"));
  CHECK(folder.Names() == std::vector<std::string>{"a"});
}

TEST_CASE("links are not followed, whoever planted them") {
  const TempFolder folder;
  folder.Write("elsewhere", "precious");
  REQUIRE(symlink("elsewhere", folder.Path("a_new").c_str()) == 0);
  REQUIRE(symlink("elsewhere", folder.Path("b").c_str()) == 0);
  const auto files = DiskFiles(folder.path());
  CHECK(!files->Replace("a", "new").ok());
  CHECK(!files->Read("b", 100).ok());
  CHECK(!files->Remove("b").ok());
  CHECK(folder.Read("elsewhere") == "precious");
}

TEST_CASE("without a folder every call says so") {
  CHECK(DiskFiles("")->Replace("a", "x").code() == StatusCode::kInvalidArgument);
  CHECK(DiskFiles("")->Read("a", 1).status().code() == StatusCode::kInvalidArgument);
  const TempFolder folder;
  const auto files = DiskFiles(folder.Path("missing"));
  CHECK(files->Replace("a", "x").code() == StatusCode::kNotFound);
  CHECK(files->Read("a", 1).status().code() == StatusCode::kNotFound);
  CHECK(files->Remove("a").ok());
}

TEST_CASE("files in memory fail as they are told to, and change nothing then") {
  MemoryFiles files;
  REQUIRE(files.Replace("a", "old").ok());
  const Status full(StatusCode::kOutOfSpace, "full");
  files.FailReplaces(full);
  files.FailReads(full);
  files.FailRemoves(full);
  CHECK(files.Replace("a", "new").code() == StatusCode::kOutOfSpace);
  CHECK(files.Read("a", 9).status().code() == StatusCode::kOutOfSpace);
  CHECK(files.Remove("a").code() == StatusCode::kOutOfSpace);
  files.FailReads(Status());
  CHECK(*files.Read("a", 9) == "old");
}

}  // namespace
}  // namespace guidon::test
