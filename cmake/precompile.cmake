# The standard headers read once for a target instead of once for each of its sources. OFF unless asked for: an ordinary
# build finds the source that does not include what it uses. Optimised libraries are better left out: with precompiled
# headers GCC 12 warns of what it keeps to itself in system headers.
set(GUIDON_PRECOMPILE OFF CACHE STRING "Precompile the standard headers, for quicker builds: OFF, TESTS or ALL")
mark_as_advanced(GUIDON_PRECOMPILE)

# guidon_precompile(TARGET OF HEADERS...): those, too, where OF (TESTS or LIBRARIES) is asked for.
function(guidon_precompile target of)
  if(GUIDON_PRECOMPILE STREQUAL "ALL" OR GUIDON_PRECOMPILE STREQUAL of)
    target_precompile_headers(${target} PRIVATE <algorithm> <atomic> <chrono> <cstdint> <functional> <map> <memory>
      <optional> <string> <string_view> <utility> <variant> <vector> ${ARGN})
  endif()
endfunction()
