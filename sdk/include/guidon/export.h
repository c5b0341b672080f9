// GUIDON_EXPORT marks what a shared library shows. Define GUIDON_SHARED when the library is built or used as one; the
// installed CMake targets do so by themselves.
#pragma once

#if !defined(GUIDON_SHARED)
#define GUIDON_EXPORT
#elif defined(_WIN32)
#if defined(GUIDON_BUILDING)
#define GUIDON_EXPORT __declspec(dllexport)
#else
#define GUIDON_EXPORT __declspec(dllimport)
#endif
#else
#define GUIDON_EXPORT __attribute__((visibility("default")))
#endif
