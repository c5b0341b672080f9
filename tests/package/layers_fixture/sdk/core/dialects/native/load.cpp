#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/ruleset/ruleset.h"
