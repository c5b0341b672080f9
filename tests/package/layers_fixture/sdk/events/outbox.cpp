  #  include "sdk/datafile/cache.h"
#include <nlohmann/json.hpp>
void F() {
  try {
  } catch (...) {
  }
}
