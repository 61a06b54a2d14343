# The library is cargo's work: one custom target runs cargo, which alone decides what is stale. link.sh makes of what
# it leaves the two libraries that programs link, here and where they are installed, and two imported targets
# point at them.
#
#   wasmrt::wasmrt          the shared library
#   wasmrt::wasmrt_static   the static one
#   wasmrt_cargo            runs cargo; also builds tools/wat2wasm when it is wanted
#   wasmrt_libraries        runs link.sh when cargo has built something
#
# With WASMRT_SYMBOL_PREFIX everything that has a name gets the prefix: functions, libraries, the package and the
# namespace of its targets, the folder of the headers. So a second copy can live in one program, and in one
# prefix of installation.
#
# The examples and tests need that tool. Features are resolved as for `cargo test` (`resolver` in Cargo.toml), so that
# both share one build of the dependencies.

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
set(WASMRT_RUST_TARGET "" CACHE STRING "target triple for cargo; empty: the machine's own")
set(WASMRT_SYMBOL_PREFIX "" CACHE STRING "prefix of all exported names, such as other_")
if(NOT WASMRT_SYMBOL_PREFIX MATCHES "^([a-z_][a-z0-9_]*)?$")
  message(FATAL_ERROR "WASMRT_SYMBOL_PREFIX takes small letters, digits and underscores")
endif()
set(WASMRT_NAME "${WASMRT_SYMBOL_PREFIX}wasmrt")

set(_wasmrt_out "${WASMRT_CARGO_TARGET_DIR}")
if(WASMRT_RUST_TARGET)
  string(APPEND _wasmrt_out "/${WASMRT_RUST_TARGET}")
endif()
set(_wasmrt_debug 0)
if(WASMRT_CARGO_PROFILE STREQUAL "dev")
  string(APPEND _wasmrt_out "/debug")
  set(_wasmrt_debug 1)
else()
  string(APPEND _wasmrt_out "/${WASMRT_CARGO_PROFILE}")
endif()

set(_wasmrt_what --package wasmrt --lib)
set(_wasmrt_products "${_wasmrt_out}/libwasmrt.so" "${_wasmrt_out}/libwasmrt.a")
if(WASMRT_BUILD_EXAMPLES OR WASMRT_BUILD_TESTS)
  list(APPEND _wasmrt_what --package wat2wasm --bin wat2wasm)
  set(WASMRT_WAT2WASM "${_wasmrt_out}/wat2wasm")
  list(APPEND _wasmrt_products "${WASMRT_WAT2WASM}")
endif()
separate_arguments(_wasmrt_more UNIX_COMMAND "${WASMRT_CARGO_ARGS}")
if(WASMRT_RUST_TARGET)
  list(APPEND _wasmrt_more --target "${WASMRT_RUST_TARGET}")
endif()

# No C is compiled, but a dependency's build script watches CC: whoever sets it would have all built again. Without
# MAKEFLAGS cargo does not look for make's job server, which make hands to other makes only.
add_custom_target(wasmrt_cargo ALL
  COMMAND "${CMAKE_COMMAND}" -E env --unset=CC --unset=MAKEFLAGS "${WASMRT_CARGO}" build --locked ${_wasmrt_what}
          --profile "${WASMRT_CARGO_PROFILE}" --target-dir "${WASMRT_CARGO_TARGET_DIR}" ${_wasmrt_more}
  BYPRODUCTS ${_wasmrt_products}
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  COMMENT "Building libwasmrt with cargo (profile ${WASMRT_CARGO_PROFILE})"
  USES_TERMINAL VERBATIM)

# Joining objects takes GNU ld, whatever links the programs.
find_program(WASMRT_LD NAMES ld.bfd ld)
set(WASMRT_LIBRARY_DIR "${CMAKE_CURRENT_BINARY_DIR}/lib")
set(_wasmrt_lib "${WASMRT_LIBRARY_DIR}/lib${WASMRT_NAME}")
set(WASMRT_INCLUDE_DIR "${CMAKE_CURRENT_SOURCE_DIR}/include")
if(WASMRT_SYMBOL_PREFIX)
  set(WASMRT_INCLUDE_DIR "${WASMRT_LIBRARY_DIR}/include")
  file(MAKE_DIRECTORY "${WASMRT_INCLUDE_DIR}")
endif()
file(GLOB _wasmrt_headers CONFIGURE_DEPENDS include/*.h include/*.hh)
add_custom_command(OUTPUT "${_wasmrt_lib}.a"
  BYPRODUCTS "${_wasmrt_lib}.so.${PROJECT_VERSION}"
  COMMAND "${CMAKE_COMMAND}" -E env "CC=${CMAKE_C_COMPILER}" "LD=${WASMRT_LD}" "AR=${CMAKE_AR}"
          "NM=${CMAKE_NM}" "OBJCOPY=${CMAKE_OBJCOPY}"
          sh "${CMAKE_CURRENT_SOURCE_DIR}/cmake/link.sh" "${_wasmrt_out}" "${WASMRT_LIBRARY_DIR}" ${PROJECT_VERSION}
          ${WASMRT_ABI} "${WASMRT_SYMBOL_PREFIX}" "${CMAKE_CURRENT_SOURCE_DIR}/include" ${_wasmrt_debug}
  DEPENDS wasmrt_cargo "${_wasmrt_out}/libwasmrt.a" cmake/link.sh ${_wasmrt_headers}
  COMMENT "Linking lib${WASMRT_NAME}" VERBATIM)
add_custom_target(wasmrt_libraries ALL DEPENDS "${_wasmrt_lib}.a")

add_library(wasmrt_shared SHARED IMPORTED GLOBAL)
add_library(${WASMRT_NAME}::wasmrt ALIAS wasmrt_shared)
set_target_properties(wasmrt_shared PROPERTIES
  IMPORTED_LOCATION "${_wasmrt_lib}.so.${PROJECT_VERSION}"
  IMPORTED_SONAME "lib${WASMRT_NAME}.so.${WASMRT_ABI}"
  INTERFACE_INCLUDE_DIRECTORIES "${WASMRT_INCLUDE_DIR}")
add_dependencies(wasmrt_shared wasmrt_libraries)

add_library(wasmrt_archive STATIC IMPORTED GLOBAL)
add_library(${WASMRT_NAME}::wasmrt_static ALIAS wasmrt_archive)
set_target_properties(wasmrt_archive PROPERTIES
  IMPORTED_LOCATION "${_wasmrt_lib}.a"
  INTERFACE_COMPILE_DEFINITIONS LIBWASM_STATIC
  INTERFACE_INCLUDE_DIRECTORIES "${WASMRT_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES "pthread;${CMAKE_DL_LIBS};m")
add_dependencies(wasmrt_archive wasmrt_libraries)
