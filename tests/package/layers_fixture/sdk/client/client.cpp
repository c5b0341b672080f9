#include <mutex>
#include "sdk/events/outbox.h"
#include "platform/http/curl_http.h"
#include "tests/support/fake_clock.h"
