# What all our own targets share: warnings, the include root, and no consumer ever sees either.
add_library(datavet_warnings INTERFACE)
target_compile_options(datavet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  # GCC 12 sees an overlap in std::string's operator+ that is not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

# datavet_module(NAME SOURCES...): a static library of one layer. Add what it links with target_link_libraries.
function(datavet_module name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:datavet_warnings>)
endfunction()
