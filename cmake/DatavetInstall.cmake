# `cmake --install build/release --prefix DIR`: the program, its workers, the library, its headers and packages.
include(CMakePackageConfigHelpers)

set(datavet_worker_programs datavet-worker-images datavet-worker-opencv datavet-worker-hdf5
  datavet-worker-hdf5-cut)
install(TARGETS datavet_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${datavet_worker_programs} datavet_demo_data RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/datavet)

# The facade is a static library: what it is made of is installed with it, and stays out of sight.
install(TARGETS datavet_library datavet_api datavet_formats datavet_escape datavet_isolation datavet_quarantine datavet_pipeline
  EXPORT datavetTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scanner/include/datavet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/generated/datavet/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/datavet)

set(datavet_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/datavet)
install(EXPORT datavetTargets NAMESPACE datavet:: DESTINATION ${datavet_cmake_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/datavetConfig.cmake.in
  ${PROJECT_BINARY_DIR}/generated/datavetConfig.cmake INSTALL_DESTINATION ${datavet_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/datavetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/datavetConfig.cmake ${PROJECT_BINARY_DIR}/generated/datavetConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindAEC.cmake
  DESTINATION ${datavet_cmake_dir})

configure_file(${PROJECT_SOURCE_DIR}/cmake/datavet.pc.in ${PROJECT_BINARY_DIR}/generated/datavet.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/datavet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
