# The libraries are cargo's work: one custom target for each runs cargo, which alone decides what is stale. link.sh makes
# of what it leaves the two libraries that programs link, here and where they are installed, and two imported targets
# point at them.
#
#   wasmrt::wasmrt          the shared library
#   wasmrt::wasmrt_static   the static one
#   wasmrt_cargo            runs cargo; also builds tools/wat2wasm when it is wanted
#   wasmrt_libraries        runs link.sh when cargo has built something
#
# A companion is a library that calls this one. The companion `wasi` has the targets wasmrt::wasi, wasmrt::wasi_static,
# wasmrt_wasi_cargo and wasmrt_wasi_libraries, and is left out without WASMRT_BUILD_WASI. `wat` likewise.
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

separate_arguments(_wasmrt_more UNIX_COMMAND "${WASMRT_CARGO_ARGS}")
if(WASMRT_RUST_TARGET)
  list(APPEND _wasmrt_more --target "${WASMRT_RUST_TARGET}")
endif()

# Joining objects takes GNU ld, whatever links the programs.
find_program(WASMRT_LD NAMES ld.bfd ld)
set(WASMRT_LIBRARY_DIR "${CMAKE_CURRENT_BINARY_DIR}/lib")
set(_wasmrt_lib "${WASMRT_LIBRARY_DIR}/lib${WASMRT_NAME}")
set(WASMRT_INCLUDE_DIR "${CMAKE_CURRENT_SOURCE_DIR}/include")
if(WASMRT_SYMBOL_PREFIX)
  set(WASMRT_INCLUDE_DIR "${WASMRT_LIBRARY_DIR}/include")
  file(MAKE_DIRECTORY "${WASMRT_INCLUDE_DIR}")
endif()

# wasmrt_cargo_target(TARGET PRODUCTS file... WHAT arguments...): TARGET has cargo build something.
#
# Cargo does not optimize a library across crates if a Rust library is made of it as well. Profile dist therefore leaves
# that out. The other profiles share it with tests.
#
# No C is compiled, but a dependency's build script watches CC: whoever sets it would have all built again. Without
# MAKEFLAGS cargo does not look for make's job server, which make hands to other makes only.
function(wasmrt_cargo_target target)
  cmake_parse_arguments(T "" "" "PRODUCTS;WHAT" ${ARGN})
  list(JOIN T_WHAT " " what)
  set(command build)
  if(WASMRT_CARGO_PROFILE STREQUAL "dist" AND "--lib" IN_LIST T_WHAT)
    set(command rustc)
    list(APPEND T_WHAT --crate-type cdylib,staticlib)
  endif()
  add_custom_target(${target} ALL
    COMMAND "${CMAKE_COMMAND}" -E env --unset=CC --unset=MAKEFLAGS "${WASMRT_CARGO}" ${command} --locked ${T_WHAT}
            --profile "${WASMRT_CARGO_PROFILE}" --target-dir "${WASMRT_CARGO_TARGET_DIR}" ${_wasmrt_more}
    BYPRODUCTS ${T_PRODUCTS}
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Building with cargo: ${what} (profile ${WASMRT_CARGO_PROFILE})"
    USES_TERMINAL VERBATIM)
endfunction()

# wasmrt_link(LIBRARY SHARED name STATIC name HEADERS file... [BASE library]): what link.sh makes of a crate, and the
# imported targets. The targets of wasmrt-wasi are called wasmrt_wasi_shared and so on.
function(wasmrt_link library)
  cmake_parse_arguments(L "" "SHARED;STATIC;BASE" "HEADERS" ${ARGN})
  string(REPLACE "-" "_" target ${library})
  set(file "${WASMRT_LIBRARY_DIR}/lib${WASMRT_SYMBOL_PREFIX}${library}")
  set(base "")
  if(L_BASE)
    set(base ${L_BASE}_libraries)
  endif()
  add_custom_command(OUTPUT "${file}.a"
    BYPRODUCTS "${file}.so.${PROJECT_VERSION}"
    COMMAND "${CMAKE_COMMAND}" -E env "CC=${CMAKE_C_COMPILER}" "LD=${WASMRT_LD}" "AR=${CMAKE_AR}"
            "NM=${CMAKE_NM}" "OBJCOPY=${CMAKE_OBJCOPY}"
            sh "${PROJECT_SOURCE_DIR}/cmake/link.sh" ${library} "${_wasmrt_out}" "${WASMRT_LIBRARY_DIR}" ${PROJECT_VERSION}
            ${WASMRT_ABI} "${WASMRT_SYMBOL_PREFIX}" ${_wasmrt_debug} "${L_BASE}" ${L_HEADERS}
    DEPENDS ${target}_cargo ${base} "${_wasmrt_out}/lib${target}.a" "${PROJECT_SOURCE_DIR}/cmake/link.sh" ${L_HEADERS}
    COMMENT "Linking lib${WASMRT_SYMBOL_PREFIX}${library}" VERBATIM)
  add_custom_target(${target}_libraries ALL DEPENDS "${file}.a")

  add_library(${target}_shared SHARED IMPORTED GLOBAL)
  add_library(${WASMRT_NAME}::${L_SHARED} ALIAS ${target}_shared)
  set_target_properties(${target}_shared PROPERTIES
    IMPORTED_LOCATION "${file}.so.${PROJECT_VERSION}"
    IMPORTED_SONAME "lib${WASMRT_SYMBOL_PREFIX}${library}.so.${WASMRT_ABI}"
    INTERFACE_INCLUDE_DIRECTORIES "${WASMRT_INCLUDE_DIR}")
  add_dependencies(${target}_shared ${target}_libraries)

  add_library(${target}_archive STATIC IMPORTED GLOBAL)
  add_library(${WASMRT_NAME}::${L_STATIC} ALIAS ${target}_archive)
  set_target_properties(${target}_archive PROPERTIES
    IMPORTED_LOCATION "${file}.a"
    INTERFACE_COMPILE_DEFINITIONS LIBWASM_STATIC
    INTERFACE_INCLUDE_DIRECTORIES "${WASMRT_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "pthread;${CMAKE_DL_LIBS};m")
  add_dependencies(${target}_archive ${target}_libraries)
  if(L_BASE)
    set_property(TARGET ${target}_shared PROPERTY INTERFACE_LINK_LIBRARIES ${L_BASE}_shared)
    set_property(TARGET ${target}_archive PROPERTY INTERFACE_LINK_LIBRARIES ${L_BASE}_archive)
  endif()
endfunction()

# --- The library ---

set(_wasmrt_what --package wasmrt --lib)
set(_wasmrt_products "${_wasmrt_out}/libwasmrt.so" "${_wasmrt_out}/libwasmrt.a")
if(WASMRT_BUILD_EXAMPLES OR WASMRT_BUILD_TESTS)
  set(_wasmrt_tool --package wat2wasm --bin wat2wasm)
  set(WASMRT_WAT2WASM "${_wasmrt_out}/wat2wasm")
  if(WASMRT_CARGO_PROFILE STREQUAL "dist")
    wasmrt_cargo_target(wasmrt_tool_cargo PRODUCTS "${WASMRT_WAT2WASM}" WHAT ${_wasmrt_tool})
  else()
    list(APPEND _wasmrt_what ${_wasmrt_tool})
    list(APPEND _wasmrt_products "${WASMRT_WAT2WASM}")
  endif()
endif()
wasmrt_cargo_target(wasmrt_cargo PRODUCTS ${_wasmrt_products} WHAT ${_wasmrt_what})
if(TARGET wasmrt_tool_cargo)
  add_dependencies(wasmrt_cargo wasmrt_tool_cargo)
endif()
set(_wasmrt_headers wasm.h wasmrt.h wasm.hh)
list(TRANSFORM _wasmrt_headers PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/include/")
wasmrt_link(wasmrt SHARED wasmrt STATIC wasmrt_static HEADERS ${_wasmrt_headers})

# --- Companions ---

# wasmrt_companion(NAME): the library wasmrt-NAME, a crate of that name with the header wasmrt_NAME.h.
function(wasmrt_companion name)
  set(crate wasmrt-${name})
  set(target wasmrt_${name})
  wasmrt_cargo_target(${target}_cargo PRODUCTS "${_wasmrt_out}/lib${target}.so" "${_wasmrt_out}/lib${target}.a"
    WHAT --package ${crate} --lib)
  # One after the other: they would wait for each other anyway.
  add_dependencies(${target}_cargo wasmrt_cargo)
  wasmrt_link(${crate} SHARED ${name} STATIC ${name}_static BASE wasmrt
    HEADERS "${PROJECT_SOURCE_DIR}/include/${target}.h")
endfunction()

set(WASMRT_COMPANIONS "")
if(WASMRT_BUILD_WASI)
  list(APPEND WASMRT_COMPANIONS wasi)
endif()
if(WASMRT_BUILD_WAT)
  list(APPEND WASMRT_COMPANIONS wat)
endif()
foreach(_wasmrt_name IN LISTS WASMRT_COMPANIONS)
  wasmrt_companion(${_wasmrt_name})
endforeach()
