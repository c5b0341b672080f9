#include "sdk/core/hash/hash.h"
#include "sdk/events/outbox.h"
#include <thread>
