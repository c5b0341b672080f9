# GUIDON_SANITIZE="address;undefined" or "thread": set by the presets asan and tsan, for the whole build.
set(GUIDON_SANITIZE "" CACHE STRING "Sanitizers for the whole build")
if(GUIDON_SANITIZE)
  list(JOIN GUIDON_SANITIZE "," guidon_sanitizers)
  add_compile_options(-fsanitize=${guidon_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${guidon_sanitizers})
endif()
