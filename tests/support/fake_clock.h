// The library's own tests stand on the clock that apps' tests get.
#pragma once

#include "guidon/testing/fake_clock.h"

namespace guidon::test {

using testing::FakeClock;

}  // namespace guidon::test
