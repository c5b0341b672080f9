# The packages, each looked for only when a room that needs it is built. All by find_package (pkg-config where a package has no
# CMake files); nothing is fetched. A target that the project around us already has is used as it is. A missing package names what to
# install on Debian and with vcpkg.

# guidon_need(TARGET WHAT DEBIAN VCPKG find_package's arguments...)
macro(guidon_need target what debian vcpkg)
  if(NOT TARGET ${target})
    find_package(${ARGN} QUIET)
    guidon_promote(${target})
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "Guidon needs ${what}. Debian, Ubuntu: apt-get install ${debian}. vcpkg: ${vcpkg}.")
  endif()
endmacro()

# Our libraries are static by default, so a project around us links what they need, and has to see it.
function(guidon_promote target)
  if(guidon_top_level OR NOT TARGET ${target})
    return()
  endif()
  get_target_property(aliased ${target} ALIASED_TARGET)
  if(aliased)
    set(target ${aliased})
  endif()
  get_target_property(is_imported ${target} IMPORTED)
  if(is_imported)
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
endfunction()

set(CMAKE_THREAD_PREFER_PTHREAD ON)
guidon_need(Threads::Threads "threads" libc6-dev "none" Threads)
guidon_need(nlohmann_json::nlohmann_json "nlohmann/json" nlohmann-json3-dev nlohmann-json nlohmann_json 3.9 CONFIG)
guidon_need(xxHash::xxhash "xxHash" libxxhash-dev xxhash xxHash)  # cmake/FindxxHash.cmake where there is no config

if(GUIDON_BUILD_PLATFORM)
  guidon_need(CURL::libcurl "libcurl" libcurl4-openssl-dev curl CURL)
  guidon_need(OpenSSL::Crypto "OpenSSL" libssl-dev openssl OpenSSL)
  guidon_need(SQLite::SQLite3 "SQLite" libsqlite3-dev sqlite3 SQLite3)
  guidon_need(ZLIB::ZLIB "zlib" zlib1g-dev zlib ZLIB)
  if(NOT DEFINED GUIDON_RE2)
    find_package(re2 QUIET)  # cmake/Findre2.cmake
    guidon_promote(re2::re2)
  endif()
  option(GUIDON_RE2 "Match patterns in rules with RE2: on where it is found" ${re2_FOUND})
  if(GUIDON_RE2)
    guidon_need(re2::re2 "RE2 (or GUIDON_RE2=OFF)" libre2-dev re2 re2)
  endif()
endif()

# cpp-httplib: the collector and tests only. Debian's has pkg-config files.
if(GUIDON_BUILD_SAMPLES OR GUIDON_BUILD_TESTS)
  find_package(httplib CONFIG QUIET)
  if(NOT TARGET httplib::httplib)
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
      pkg_check_modules(httplib QUIET IMPORTED_TARGET cpp-httplib)
      if(TARGET PkgConfig::httplib)
        add_library(httplib::httplib INTERFACE IMPORTED)
        target_link_libraries(httplib::httplib INTERFACE PkgConfig::httplib)
      endif()
    endif()
  endif()
  guidon_need(httplib::httplib "cpp-httplib" "libcpp-httplib-dev pkg-config" cpp-httplib httplib CONFIG)
endif()

if(GUIDON_BUILD_TESTS)
  guidon_need(doctest::doctest "doctest" doctest-dev doctest doctest CONFIG)
endif()
