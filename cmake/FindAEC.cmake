# libaec's CCSDS 121.0 decoder. Debian 12's libaec-dev has neither a CMake package nor a pkg-config file.
find_path(AEC_INCLUDE_DIR libaec.h)
find_library(AEC_LIBRARY aec)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AEC REQUIRED_VARS AEC_LIBRARY AEC_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install the package libaec-dev")
if(AEC_FOUND AND NOT TARGET AEC::AEC)
  add_library(AEC::AEC UNKNOWN IMPORTED)
  set_target_properties(AEC::AEC PROPERTIES
    IMPORTED_LOCATION ${AEC_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${AEC_INCLUDE_DIR})
endif()
