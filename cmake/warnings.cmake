# guidon_warnings: linked PRIVATE by every target of the tree, never inherited by users. Errors only where the preset says so.
option(GUIDON_WARNINGS_AS_ERRORS "Make warnings errors" OFF)

add_library(guidon_warnings INTERFACE)
if(MSVC)
  target_compile_options(guidon_warnings INTERFACE /W4 /permissive- /utf-8)
  if(GUIDON_WARNINGS_AS_ERRORS)
    target_compile_options(guidon_warnings INTERFACE /WX)
  endif()
else()
  target_compile_options(guidon_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2)
  if(GUIDON_WARNINGS_AS_ERRORS)
    target_compile_options(guidon_warnings INTERFACE -Werror)
  endif()
endif()
