# What `cmake --install` puts where. Two export sets, so that an app with ports of its own needs no curl, SQLite or OpenSSL.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/guidon)

set_target_properties(guidon_headers PROPERTIES EXPORT_NAME headers)
install(TARGETS guidon_headers guidon_core guidon guidon_testing EXPORT guidon-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT guidon-targets NAMESPACE guidon:: DESTINATION ${package_dir})
install(DIRECTORY ${guidon_SOURCE_DIR}/sdk/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

if(TARGET guidon_platform)
  install(TARGETS guidon_platform EXPORT guidon-platform-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(EXPORT guidon-platform-targets NAMESPACE guidon:: DESTINATION ${package_dir})
  install(DIRECTORY ${guidon_SOURCE_DIR}/platform/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
endif()
if(TARGET guidon_cli)
  install(TARGETS guidon_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES ${guidon_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Until 1.0 a new minor version may break.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/guidon-config-version.cmake COMPATIBILITY SameMinorVersion)
set(guidon_platform_packages "")
if(TARGET guidon_platform)
  get_target_property(platform_type guidon_platform TYPE)
  if(platform_type STREQUAL "STATIC_LIBRARY")  # a shared one brings its libraries along
    set(guidon_platform_packages CURL OpenSSL SQLite3 ZLIB Threads)
    if(GUIDON_RE2)
      list(APPEND guidon_platform_packages re2)
      install(FILES ${guidon_SOURCE_DIR}/cmake/Findre2.cmake DESTINATION ${package_dir})
    endif()
  endif()
endif()
configure_package_config_file(${guidon_SOURCE_DIR}/cmake/guidon-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/guidon-config.cmake INSTALL_DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/guidon-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/guidon-config-version.cmake
  DESTINATION ${package_dir})
