# GUIDON_SANITIZE="address;undefined" or "thread": set by the presets asan and tsan, for the whole build.
set(GUIDON_SANITIZE "" CACHE STRING "Sanitizers for the whole build")
if(GUIDON_SANITIZE)
  list(JOIN GUIDON_SANITIZE "," guidon_sanitizers)
  add_compile_options(-fsanitize=${guidon_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if("undefined" IN_LIST GUIDON_SANITIZE)
    # Half of the compile time, for what the address sanitizer finds as well.
    add_compile_options(-fno-sanitize=vptr,null,alignment,object-size,pointer-overflow)
  endif()
  # GCC sees uninitialized variants in instrumented code where there are none.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${guidon_sanitizers})
endif()
