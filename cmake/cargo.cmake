# The library is cargo's work: one custom target runs cargo, which alone decides what is stale, and two
# imported targets point at what it leaves behind.
#
#   wasmrt::wasmrt          the shared library
#   wasmrt::wasmrt_static   the static one
#   wasmrt_cargo            the custom target behind both; also builds the wat2wasm tool when it is wanted
#
# The examples and tests need that tool, and it needs cargo's dev-dependencies. Asking for it in the same
# command makes cargo resolve the same features as `cargo test` does, so that both share one build.

find_program(WASMRT_CARGO cargo HINTS "$ENV{CARGO_HOME}/bin" "$ENV{HOME}/.cargo/bin")
if(NOT WASMRT_CARGO)
  message(FATAL_ERROR "cargo is needed to build libwasmrt (Rust 1.95 or newer)")
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(_wasmrt_profile dev)
else()
  set(_wasmrt_profile release)
endif()
set(WASMRT_CARGO_PROFILE ${_wasmrt_profile} CACHE STRING "cargo profile of the library: dev, release or dist")
set(WASMRT_CARGO_TARGET_DIR "${CMAKE_CURRENT_BINARY_DIR}/cargo" CACHE PATH "where cargo puts what it builds")
set(WASMRT_CARGO_ARGS "" CACHE STRING "more arguments for cargo, such as --offline")

if(WASMRT_CARGO_PROFILE STREQUAL "dev")
  set(_wasmrt_out "${WASMRT_CARGO_TARGET_DIR}/debug")
else()
  set(_wasmrt_out "${WASMRT_CARGO_TARGET_DIR}/${WASMRT_CARGO_PROFILE}")
endif()

set(_wasmrt_what --lib)
set(_wasmrt_products "${_wasmrt_out}/libwasmrt.so" "${_wasmrt_out}/libwasmrt.a")
if(WASMRT_BUILD_EXAMPLES OR WASMRT_BUILD_TESTS)
  list(APPEND _wasmrt_what --example wat2wasm)
  set(WASMRT_WAT2WASM "${_wasmrt_out}/examples/wat2wasm")
  list(APPEND _wasmrt_products "${WASMRT_WAT2WASM}")
endif()
separate_arguments(_wasmrt_more UNIX_COMMAND "${WASMRT_CARGO_ARGS}")

# The link named like the SONAME lets programs run from the build tree.
add_custom_target(wasmrt_cargo ALL
  COMMAND "${WASMRT_CARGO}" build --locked ${_wasmrt_what}
          --profile "${WASMRT_CARGO_PROFILE}" --target-dir "${WASMRT_CARGO_TARGET_DIR}" ${_wasmrt_more}
  COMMAND "${CMAKE_COMMAND}" -E create_symlink libwasmrt.so "${_wasmrt_out}/libwasmrt.so.0"
  BYPRODUCTS ${_wasmrt_products}
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  COMMENT "Building libwasmrt with cargo (profile ${WASMRT_CARGO_PROFILE})"
  USES_TERMINAL VERBATIM)

add_library(wasmrt_shared SHARED IMPORTED GLOBAL)
add_library(wasmrt::wasmrt ALIAS wasmrt_shared)
set_target_properties(wasmrt_shared PROPERTIES
  IMPORTED_LOCATION "${_wasmrt_out}/libwasmrt.so"
  INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_SOURCE_DIR}/include")
add_dependencies(wasmrt_shared wasmrt_cargo)

add_library(wasmrt_archive STATIC IMPORTED GLOBAL)
add_library(wasmrt::wasmrt_static ALIAS wasmrt_archive)
set_target_properties(wasmrt_archive PROPERTIES
  IMPORTED_LOCATION "${_wasmrt_out}/libwasmrt.a"
  INTERFACE_COMPILE_DEFINITIONS LIBWASM_STATIC
  INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_SOURCE_DIR}/include"
  INTERFACE_LINK_LIBRARIES "pthread;dl;m")
add_dependencies(wasmrt_archive wasmrt_cargo)
