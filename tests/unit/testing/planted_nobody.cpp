// A program that names no framework: the kit has nobody to tell, and ends it.
#include "guidon/testing.h"

int main() {
  guidon::testing::TestClient test;
  return test.client().Get(guidon::Flag<bool>("typo", false)) ? 1 : 0;
}
