#include <curl/curl.h>
#include <mutex>
#include "guidon/ports/http.h"
#include "sdk/core/base/json.h"
