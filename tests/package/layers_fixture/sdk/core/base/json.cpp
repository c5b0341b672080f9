#include <nlohmann/json.hpp>
#include "sdk/core/evaluation/evaluate.h"
void F() try {} catch (...) {}
