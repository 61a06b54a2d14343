# What is installed, and what goes into which package.
#
#   runtime   libwasmrt.so.0.1.0, the link named like the SONAME, licences
#   dev       headers (in a folder of their own: another engine's wasm.h may be there too), the static library,
#             the package files for CMake and pkg-config
#   wasi      libwasmrt-wasi.so.0.1.0, the link named like the SONAME, licences; other companions likewise
#   wasi_dev  its header, its static library, its package file for pkg-config
#   cli       the command wasmrt, its manual page, its completions, licences
#
# `install(EXPORT)` takes no imported targets, so wasmrt-config.cmake makes them by hand. All paths in the
# installed files are relative: the tree may be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

option(WASMRT_INSTALL "Install libwasmrt with the project" ${_wasmrt_top})
if(NOT WASMRT_INSTALL)
  return()
endif()
# Debian wants a folder per package; elsewhere one is enough.
set(WASMRT_RUNTIME_DOCDIR "${CMAKE_INSTALL_DATAROOTDIR}/doc/${WASMRT_NAME}" CACHE STRING "Licences of the library")
set(WASMRT_DEV_DOCDIR "${CMAKE_INSTALL_DATAROOTDIR}/doc/${WASMRT_NAME}" CACHE STRING "Documents of the headers")

set(_wasmrt_include "${CMAKE_INSTALL_INCLUDEDIR}/${WASMRT_NAME}")
set(_wasmrt_cmake "${CMAKE_INSTALL_LIBDIR}/cmake/${WASMRT_NAME}")
set(_wasmrt_pkgconfig "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(_wasmrt_generated "${CMAKE_CURRENT_BINARY_DIR}/package")

# --- Libraries and headers ---

install(FILES "${_wasmrt_lib}.so.${PROJECT_VERSION}" "${_wasmrt_lib}.so.${WASMRT_ABI}"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime)
install(FILES "${_wasmrt_lib}.so" "${_wasmrt_lib}.a" DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
set(_wasmrt_headers wasm.h wasmrt.h wasm.hh)
if(WASMRT_SYMBOL_PREFIX)
  list(APPEND _wasmrt_headers ${WASMRT_NAME}_prefix.h)
endif()
list(TRANSFORM _wasmrt_headers PREPEND "${WASMRT_INCLUDE_DIR}/")
install(FILES ${_wasmrt_headers} DESTINATION "${_wasmrt_include}" COMPONENT dev)

# --- CMake ---

configure_package_config_file(cmake/wasmrt-config.cmake.in "${_wasmrt_generated}/${WASMRT_NAME}-config.cmake"
  INSTALL_DESTINATION "${_wasmrt_cmake}" PATH_VARS CMAKE_INSTALL_LIBDIR _wasmrt_include
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${_wasmrt_generated}/${WASMRT_NAME}-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${_wasmrt_generated}/${WASMRT_NAME}-config.cmake"
  "${_wasmrt_generated}/${WASMRT_NAME}-config-version.cmake" DESTINATION "${_wasmrt_cmake}" COMPONENT dev)

# --- pkg-config ---

file(RELATIVE_PATH _wasmrt_up "/prefix/${_wasmrt_pkgconfig}" "/prefix/")
string(REGEX REPLACE "/$" "" _wasmrt_up "${_wasmrt_up}")
configure_file(cmake/wasmrt.pc.in "${_wasmrt_generated}/${WASMRT_NAME}.pc" @ONLY)
install(FILES "${_wasmrt_generated}/${WASMRT_NAME}.pc" DESTINATION "${_wasmrt_pkgconfig}" COMPONENT dev)

# --- Companions ---

function(wasmrt_install_companion name summary)
  set(file "${WASMRT_LIBRARY_DIR}/lib${WASMRT_NAME}-${name}")
  install(FILES "${file}.so.${PROJECT_VERSION}" "${file}.so.${WASMRT_ABI}"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${name})
  install(FILES "${file}.so" "${file}.a" DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${name}_dev)
  set(headers "${WASMRT_INCLUDE_DIR}/wasmrt_${name}.h")
  if(WASMRT_SYMBOL_PREFIX)
    list(APPEND headers "${WASMRT_INCLUDE_DIR}/${WASMRT_NAME}_${name}_prefix.h")
  endif()
  install(FILES ${headers} DESTINATION "${_wasmrt_include}" COMPONENT ${name}_dev)
  set(_wasmrt_companion ${name})
  set(_wasmrt_summary "${summary}")
  configure_file(cmake/wasmrt-companion.pc.in "${_wasmrt_generated}/${WASMRT_NAME}-${name}.pc" @ONLY)
  install(FILES "${_wasmrt_generated}/${WASMRT_NAME}-${name}.pc" DESTINATION "${_wasmrt_pkgconfig}" COMPONENT ${name}_dev)
endfunction()

set(_wasmrt_summary_wasi "WASI preview 1 for programs that use libwasmrt")
set(_wasmrt_summary_wat "The text format of WebAssembly for programs that use libwasmrt")
foreach(_wasmrt_name IN LISTS WASMRT_COMPANIONS)
  wasmrt_install_companion(${_wasmrt_name} "${_wasmrt_summary_${_wasmrt_name}}")
endforeach()

# --- The command ---

set(WASMRT_CLI_DOCDIR "${CMAKE_INSTALL_DATAROOTDIR}/doc/${WASMRT_NAME}" CACHE STRING "Licences of the command")
# Debian's zsh looks into vendor-completions instead.
set(WASMRT_ZSH_DIR "${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions" CACHE STRING "Completions for zsh")
if(TARGET wasmrt_command)
  install(PROGRAMS "${WASMRT_COMMAND}" DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT cli)
  install(FILES "${WASMRT_COMMAND_PAGES}/wasmrt.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT cli)
  install(FILES "${WASMRT_COMMAND_PAGES}/wasmrt.bash" RENAME wasmrt
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions" COMPONENT cli)
  install(FILES "${WASMRT_COMMAND_PAGES}/_wasmrt" DESTINATION "${WASMRT_ZSH_DIR}" COMPONENT cli)
  install(FILES "${WASMRT_COMMAND_PAGES}/wasmrt.fish"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d" COMPONENT cli)
endif()

# --- For programs that bring the published wasm.hh ---

if(TARGET wasmrt_cxx)
  install(TARGETS wasmrt_cxx ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
  configure_file(cmake/wasmrt-cxx.pc.in "${_wasmrt_generated}/wasmrt-cxx.pc" @ONLY)
  install(FILES "${_wasmrt_generated}/wasmrt-cxx.pc" DESTINATION "${_wasmrt_pkgconfig}" COMPONENT dev)
endif()

# --- What the README names: the guide, the design, the examples ---

install(FILES README.md ARCHITECTURE.md CHANGELOG.md DESTINATION "${WASMRT_DEV_DOCDIR}" COMPONENT dev)
install(DIRECTORY docs DESTINATION "${WASMRT_DEV_DOCDIR}" COMPONENT dev
  FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
install(DIRECTORY examples-c examples-cpp DESTINATION "${WASMRT_DEV_DOCDIR}" COMPONENT dev
  PATTERN "CMakeLists.txt" EXCLUDE)

# --- Licences: ours, and those of everything that is linked in ---

set(_wasmrt_packages wasmrt)
foreach(_wasmrt_name IN LISTS WASMRT_COMPANIONS)
  string(APPEND _wasmrt_packages " wasmrt-${_wasmrt_name}")
endforeach()
if(TARGET wasmrt_command)
  string(APPEND _wasmrt_packages " wasmrt-cli")
endif()
set(_wasmrt_licences "${_wasmrt_generated}/THIRD_PARTY_LICENSES.txt")
add_custom_command(OUTPUT "${_wasmrt_licences}"
  COMMAND "${CMAKE_COMMAND}" -E env "CARGO=${WASMRT_CARGO}" "PACKAGES=${_wasmrt_packages}"
          sh "${CMAKE_CURRENT_SOURCE_DIR}/cmake/licences.sh" "${_wasmrt_licences}" ${_wasmrt_more}
  DEPENDS Cargo.toml Cargo.lock cmake/licences.sh wasmrt_cargo
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  COMMENT "Collecting the licences of linked crates" VERBATIM)
add_custom_target(wasmrt_licences ALL DEPENDS "${_wasmrt_licences}")
install(FILES LICENSE DESTINATION "${WASMRT_RUNTIME_DOCDIR}" RENAME copyright COMPONENT runtime)
install(FILES "${_wasmrt_licences}" DESTINATION "${WASMRT_RUNTIME_DOCDIR}" COMPONENT runtime)
install(FILES LICENSE DESTINATION "${WASMRT_DEV_DOCDIR}" RENAME copyright COMPONENT dev)
if(TARGET wasmrt_command)
  install(FILES LICENSE DESTINATION "${WASMRT_CLI_DOCDIR}" RENAME copyright COMPONENT cli)
  install(FILES "${_wasmrt_licences}" DESTINATION "${WASMRT_CLI_DOCDIR}" COMPONENT cli)
endif()
install(FILES cmake/valgrind.supp cmake/tsan.supp DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/${WASMRT_NAME}"
  COMPONENT dev)
install(FILES README.md CHANGELOG.md DESTINATION "${WASMRT_DEV_DOCDIR}" COMPONENT dev)

# --- Packages: cpack -G DEB, cpack -G TGZ ---

if(_wasmrt_top)
  string(REPLACE "_" "-" _wasmrt_debian "${WASMRT_NAME}")
  set(CPACK_PACKAGE_NAME "${WASMRT_NAME}")
  set(CPACK_PACKAGE_VENDOR "libwasmrt developers")
  set(CPACK_PACKAGE_CONTACT "libwasmrt developers <libwasmrt@localhost>")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "WebAssembly engine behind the standard C API")
  set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
  set(CPACK_PACKAGE_FILE_NAME "lib${WASMRT_NAME}-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
  set(CPACK_GENERATOR TGZ DEB)
  set(CPACK_COMPONENTS_ALL runtime dev)
  foreach(_wasmrt_name IN LISTS WASMRT_COMPANIONS)
    list(APPEND CPACK_COMPONENTS_ALL ${_wasmrt_name} ${_wasmrt_name}_dev)
    string(TOUPPER ${_wasmrt_name} _wasmrt_upper)
    set(_wasmrt_package "lib${_wasmrt_debian}-${_wasmrt_name}")
    set(CPACK_DEBIAN_${_wasmrt_upper}_PACKAGE_NAME "${_wasmrt_package}${WASMRT_ABI}")
    set(CPACK_DEBIAN_${_wasmrt_upper}_PACKAGE_SECTION libs)
    set(CPACK_DEBIAN_${_wasmrt_upper}_PACKAGE_DEPENDS "lib${_wasmrt_debian}${WASMRT_ABI} (= ${PROJECT_VERSION})")
    set(CPACK_DEBIAN_${_wasmrt_upper}_DESCRIPTION "${_wasmrt_summary_${_wasmrt_name}}.")
    set(CPACK_DEBIAN_${_wasmrt_upper}_DEV_PACKAGE_NAME "${_wasmrt_package}-dev")
    set(CPACK_DEBIAN_${_wasmrt_upper}_DEV_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_${_wasmrt_upper}_DEV_PACKAGE_DEPENDS
      "${_wasmrt_package}${WASMRT_ABI} (= ${PROJECT_VERSION}), lib${_wasmrt_debian}-dev (= ${PROJECT_VERSION})")
    set(CPACK_DEBIAN_${_wasmrt_upper}_DEV_DESCRIPTION
      "${_wasmrt_summary_${_wasmrt_name}}: header, static library, package file for pkg-config.")
  endforeach()
  if(TARGET wasmrt_command)
    list(APPEND CPACK_COMPONENTS_ALL cli)
    set(CPACK_DEBIAN_CLI_PACKAGE_NAME wasmrt)
    set(CPACK_DEBIAN_CLI_PACKAGE_SECTION devel)
    set(CPACK_DEBIAN_CLI_DESCRIPTION "The command wasmrt runs, compiles and examines WebAssembly modules.")
  endif()
  set(CPACK_STRIP_FILES OFF)

  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME "lib${_wasmrt_debian}${WASMRT_ABI}")
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "Programs use it to compile and run WebAssembly modules through wasm.h.")
  set(CPACK_DEBIAN_DEV_PACKAGE_NAME "lib${_wasmrt_debian}-dev")
  set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME} (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_DEV_DESCRIPTION "Headers, the static library, and package files for CMake and pkg-config.")
  # What the library needs of the system, and what programs that link it will ask for. CPack calls both programs.
  find_program(WASMRT_SHLIBDEPS dpkg-shlibdeps)
  find_program(WASMRT_FILE file)
  if(WASMRT_SHLIBDEPS AND WASMRT_FILE)
    set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_CLI_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  else()
    message(STATUS "dpkg-shlibdeps or file was not found: a .deb would not say what it needs (Debian: dpkg-dev, file)")
  endif()
  include(CPack)
endif()
