# OpenCV's own CMake package lies in libopencv-dev, which drags in Qt, VTK and ffmpeg (+100 MB). Reading
# images needs two of its libraries only.
find_path(OpenCVImgcodecs_INCLUDE_DIR opencv2/imgcodecs.hpp PATH_SUFFIXES opencv4)
find_library(OpenCVImgcodecs_LIBRARY opencv_imgcodecs)
find_library(OpenCVImgcodecs_CORE_LIBRARY opencv_core)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVImgcodecs
  REQUIRED_VARS OpenCVImgcodecs_LIBRARY OpenCVImgcodecs_CORE_LIBRARY OpenCVImgcodecs_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install the package libopencv-imgcodecs-dev")
if(OpenCVImgcodecs_FOUND AND NOT TARGET OpenCV::imgcodecs)
  add_library(OpenCV::imgcodecs INTERFACE IMPORTED)
  set_target_properties(OpenCV::imgcodecs PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${OpenCVImgcodecs_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${OpenCVImgcodecs_LIBRARY};${OpenCVImgcodecs_CORE_LIBRARY}")
endif()
