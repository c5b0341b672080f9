// All of Guidon's public headers but the platform's. Start with client.h.
#pragma once

#include "guidon/client.h"
#include "guidon/limits.h"
#include "guidon/panel.h"
#include "guidon/version.h"
