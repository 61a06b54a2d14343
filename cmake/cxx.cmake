# wasmrt::cxx: the members that the published wasm.hh leaves to a library, for programs that bring that header instead of
# using ours. A static library over the C functions, which the program links beside either of the others. It is as the
# C++ compiler and its standard library are, so it is no work of cargo's. Without names that a prefix could change,
# there is none in a prefixed build.

add_library(wasmrt_cxx STATIC cxx/members.cc)
add_library(${WASMRT_NAME}::cxx ALIAS wasmrt_cxx)
target_include_directories(wasmrt_cxx PRIVATE include)
set_target_properties(wasmrt_cxx PROPERTIES CXX_STANDARD 11 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
  POSITION_INDEPENDENT_CODE ON ARCHIVE_OUTPUT_DIRECTORY "${WASMRT_LIBRARY_DIR}")
