#include "guidon/value.h"
#include "sdk/core/dialects/native/load.h"
#include <mutex>
#include <unistd.h>
auto now = std::chrono::steady_clock::now();
