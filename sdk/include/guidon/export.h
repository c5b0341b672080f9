// GUIDON_EXPORT marks what a shared library shows, GUIDON_HIDDEN what stays inside though it is nested in that. Define
// GUIDON_SHARED when the library is built or used as one; the installed CMake targets do so by themselves.
#pragma once

#if !defined(GUIDON_SHARED)
#define GUIDON_EXPORT
#define GUIDON_HIDDEN
#elif defined(_WIN32)
#define GUIDON_HIDDEN
#if defined(GUIDON_BUILDING)
#define GUIDON_EXPORT __declspec(dllexport)
#else
#define GUIDON_EXPORT __declspec(dllimport)
#endif
#else
#define GUIDON_EXPORT __attribute__((visibility("default")))
#define GUIDON_HIDDEN __attribute__((visibility("hidden")))
#endif
