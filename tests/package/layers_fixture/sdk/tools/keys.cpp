#include <openssl/evp.h>
#include "sdk/testing/host_check.h"
