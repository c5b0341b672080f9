// The version of these headers. CMake reads it from here, so it is written once.
#pragma once

#define GUIDON_VERSION_MAJOR 0
#define GUIDON_VERSION_MINOR 1
#define GUIDON_VERSION_PATCH 0
#define GUIDON_VERSION "0.1.0"
