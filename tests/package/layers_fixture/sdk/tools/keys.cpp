#include <openssl/evp.h>
#include "sdk/client/pump.h"
