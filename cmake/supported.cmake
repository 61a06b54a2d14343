# Where libwasmrt works so far; anything else is refused here in one line rather than by errors of compilers. build.rs says
# the same for cargo alone.

include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_QUIET ON)
check_c_source_compiles("
#include <stdlib.h>
#if !defined(__linux__) || !defined(__x86_64__) || defined(__ILP32__) || !defined(__GLIBC__)
#error
#endif
int main(void) { return 0; }" WASMRT_SUPPORTED_C_TARGET)
unset(CMAKE_REQUIRED_QUIET)
set(_wasmrt_other "")
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(_wasmrt_other "${CMAKE_SYSTEM_NAME}")
elseif(NOT WASMRT_SUPPORTED_C_TARGET)
  set(_wasmrt_other "the target of ${CMAKE_C_COMPILER}")
elseif(WASMRT_RUST_TARGET AND NOT WASMRT_RUST_TARGET MATCHES "^x86_64-.*linux-gnu$")
  set(_wasmrt_other "${WASMRT_RUST_TARGET}")
endif()
if(_wasmrt_other)
  message(FATAL_ERROR "libwasmrt needs x86-64 Linux with glibc, not ${_wasmrt_other}")
endif()
