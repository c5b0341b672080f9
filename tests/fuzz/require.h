// What a fuzz target demands beyond not crashing. Stays in release builds.
#pragma once

#include <cstdio>
#include <cstdlib>

#define GUIDON_REQUIRE(condition)                                                  \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
