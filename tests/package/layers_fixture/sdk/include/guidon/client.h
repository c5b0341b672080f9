#include <string>
#include <curl/curl.h>
#include <unistd.h>
#include "sdk/client/client.h"
