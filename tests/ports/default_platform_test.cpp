#include "guidon/default_platform.h"

#include <doctest/doctest.h>

#include "tests/ports/storage_calls.h"
#include "tests/ports/temp_folder.h"

namespace guidon::test {
namespace {

TEST_CASE("the folder is made, for its owner alone, and every port but the log is there") {
  const TempFolder folder;
  const Platform platform = DefaultPlatform(folder.Path("app/guidon"));
  CHECK(folder.Mode("app/guidon") == 0700);
  CHECK((platform.clock != nullptr));
  CHECK((platform.entropy != nullptr));
  CHECK((platform.waker != nullptr));
  CHECK((platform.http != nullptr));
  CHECK((platform.crypto != nullptr));
  CHECK((platform.codec != nullptr));
  CHECK((platform.log == nullptr));
  CHECK(platform.files->Replace("install-id", "x").ok());
  CHECK(folder.Read("app/guidon/install-id") == "x");
  REQUIRE(Open(*platform.storage).ok());
  CHECK(Put(*platform.storage, {"a"}).ok());
  CHECK(folder.Has("app/guidon/state.db"));
}

TEST_CASE("a folder that is there keeps its rights") {
  const TempFolder folder;
  const Platform platform = DefaultPlatform(folder.path() + "/");
  CHECK(platform.files->Replace("a", "x").ok());
  CHECK(folder.Read("a") == "x");
}

TEST_CASE("a folder that cannot be used shows in the ports, not in a crash") {
  const TempFolder folder;
  folder.Write("plain", "a file");
  struct Case {
    std::string dir;
    StatusCode code;
  };
  const Case cases[] = {{folder.Path("plain/state"), StatusCode::kNotFound}, {"", StatusCode::kInvalidArgument}};
  for (const Case& each : cases) {
    CAPTURE(each.dir);
    const Platform platform = DefaultPlatform(each.dir);
    CHECK(Open(*platform.storage).status().code() == each.code);
    CHECK(platform.files->Replace("a", "x").code() == each.code);
    CHECK(!platform.files->Read("a", 10).ok());
  }
  CHECK(folder.Names() == std::vector<std::string>{"plain"});
}

}  // namespace
}  // namespace guidon::test
