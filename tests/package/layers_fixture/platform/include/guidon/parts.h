#include "platform/http/curl_http.h"
