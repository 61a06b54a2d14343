# What examples and tests share: strict warnings, modules assembled from text, output compared with a file.

set(WASMRT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wwrite-strings -Wundef -Wformat=2)
set(WASMRT_C_WARNINGS ${WASMRT_WARNINGS} -Wstrict-prototypes -Wold-style-definition)
set(WASMRT_CXX_WARNINGS ${WASMRT_WARNINGS} -Wnon-virtual-dtor -Wmissing-declarations)
option(WASMRT_WERROR "Treat warnings in examples and tests as errors" OFF)
if(WASMRT_WERROR)
  list(APPEND WASMRT_WARNINGS -Werror)
  list(APPEND WASMRT_C_WARNINGS -Werror)
  list(APPEND WASMRT_CXX_WARNINGS -Werror)
endif()

# AddressSanitizer is there when a program with it links.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fsanitize=address)
check_c_source_compiles("int main(void) { return 0; }" WASMRT_HAVE_ASAN)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT WASMRT_HAVE_ASAN)
  message(WARNING "AddressSanitizer was not found: the tests with label asan are left out")
endif()
set(WASMRT_ASAN_OPTIONS "detect_leaks=1:detect_stack_use_after_return=0:allocator_may_return_null=1:exitcode=99")

# Valgrind runs code that is made at run time only when it watches for it, and reports every fault in a guard
# page, so programs that do not choose their engine get a careful one (wasmrt_careful).
find_program(WASMRT_VALGRIND valgrind)
if(WASMRT_VALGRIND)
  set(WASMRT_VALGRIND_COMMAND "${WASMRT_VALGRIND}" --quiet --error-exitcode=9 --smc-check=all
      --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite)
  add_library(wasmrt_careful MODULE "${CMAKE_CURRENT_LIST_DIR}/careful_engine.c")
  target_include_directories(wasmrt_careful PRIVATE "${PROJECT_SOURCE_DIR}/include")
  target_link_libraries(wasmrt_careful PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(wasmrt_careful PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
  set(WASMRT_VALGRIND_CAREFUL "${CMAKE_COMMAND}" -E env "LD_PRELOAD=$<TARGET_FILE:wasmrt_careful>"
      ${WASMRT_VALGRIND_COMMAND})
else()
  message(WARNING "valgrind was not found: the tests with label valgrind are left out")
endif()

# wasmrt_program(NAME SOURCE [LIBRARY target] [SANITIZE]): one program in C, or in C++ if the source ends in
# .cc, linked with the library.
function(wasmrt_program name source)
  cmake_parse_arguments(P "SANITIZE" "LIBRARY" "" ${ARGN})
  if(NOT P_LIBRARY)
    set(P_LIBRARY wasmrt::wasmrt)
  endif()
  add_executable(${name} ${source})
  if(source MATCHES "\\.cc$")
    set_target_properties(${name} PROPERTIES CXX_STANDARD 11 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
    target_compile_options(${name} PRIVATE ${WASMRT_CXX_WARNINGS})
  else()
    set_target_properties(${name} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
    target_compile_options(${name} PRIVATE ${WASMRT_C_WARNINGS})
  endif()
  target_link_libraries(${name} PRIVATE ${P_LIBRARY} pthread)
  if(P_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=address -fno-omit-frame-pointer -g)
    target_link_libraries(${name} PRIVATE -fsanitize=address)
  endif()
endfunction()

# wasmrt_test_entries(PREFIX target source LABEL env...): one ctest entry per line `TEST(name)` of the source.
function(wasmrt_test_entries prefix target source label)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" lines REGEX "^TEST\\(")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^TEST\\(([a-z0-9_]+)\\).*" "\\1" name "${line}")
    add_test(NAME ${prefix}.${name} COMMAND ${target} ${name})
    set_tests_properties(${prefix}.${name} PROPERTIES LABELS ${label} TIMEOUT 120 SKIP_RETURN_CODE 77
      ENVIRONMENT "${ARGN}")
  endforeach()
endfunction()

# wasmrt_companion_tests(LABEL TARGETS programs...): the tests LABEL.* of each program that uses the library wasmrt::LABEL:
# plainly, under AddressSanitizer and under valgrind. TARGETS becomes the list of all executables.
function(wasmrt_companion_tests label targets)
  set(made "")
  foreach(program IN LISTS ARGN)
    set(target ${label}_${program})
    wasmrt_program(${target} ${program}.c LIBRARY wasmrt::${label})
    wasmrt_test_entries(${label}.${program} ${target} ${program}.c ${label})
    list(APPEND made ${target})
    if(WASMRT_HAVE_ASAN)
      wasmrt_program(asan_${target} ${program}.c LIBRARY wasmrt::${label} SANITIZE)
      wasmrt_test_entries(asan.${label}.${program} asan_${target} ${program}.c asan
        "ASAN_OPTIONS=${WASMRT_ASAN_OPTIONS}")
      list(APPEND made asan_${target})
    endif()
    # Not under valgrind: a malloc of the test's own.
    if(WASMRT_VALGRIND AND NOT program STREQUAL starved)
      add_test(NAME valgrind.${label}.${program} COMMAND ${WASMRT_VALGRIND_COMMAND} $<TARGET_FILE:${target}>)
      set_tests_properties(valgrind.${label}.${program} PROPERTIES LABELS valgrind TIMEOUT 900
        ENVIRONMENT "WASMRT_TEST_CONFIG=workers=0 bounds=2 signals=0 slow=1")
    endif()
  endforeach()
  foreach(target IN LISTS made)
    target_compile_options(${target} PRIVATE -Wno-unused-function)  # their headers serve all tests
  endforeach()
  set(${targets} ${made} PARENT_SCOPE)
endfunction()

# wasmrt_canary(NAME test STATUS n WORDS text LABEL l [ENVIRONMENT e] COMMAND program args...): a test that passes when a
# tool finds what is wrong with the program: it has to say the words, and end with the status.
function(wasmrt_canary)
  cmake_parse_arguments(T "" "NAME;STATUS;WORDS;LABEL;ENVIRONMENT" "COMMAND" ${ARGN})
  add_test(NAME ${T_NAME} COMMAND sh -c "exec 2>&1; \"$@\"; echo \"ended with $?\"" sh ${T_COMMAND})
  set_tests_properties(${T_NAME} PROPERTIES LABELS ${T_LABEL} TIMEOUT 120 ENVIRONMENT "${T_ENVIRONMENT}"
    PASS_REGULAR_EXPRESSION "${T_WORDS}.*ended with ${T_STATUS}")
endfunction()

# wasmrt_modules(TARGET FOLDER files.wat...): TARGET assembles each file to FOLDER/<name>.wasm.
function(wasmrt_modules target folder)
  set(made "")
  foreach(source IN LISTS ARGN)
    get_filename_component(name "${source}" NAME_WE)
    get_filename_component(path "${source}" ABSOLUTE)
    add_custom_command(OUTPUT "${folder}/${name}.wasm"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
      COMMAND "${WASMRT_WAT2WASM}" "${path}" "${folder}/${name}.wasm"
      DEPENDS "${path}" wasmrt_cargo
      COMMENT "Assembling ${name}.wat" VERBATIM)
    list(APPEND made "${folder}/${name}.wasm")
  endforeach()
  add_custom_target(${target} ALL DEPENDS ${made})
endfunction()

# wasmrt_compare(NAME test EXPECTED file COMMAND program args... [STATUS n] [FOLDER dir] [LABELS l...] [FIGURES]):
# a test that runs the command and compares everything that it prints with the file; with FIGURES, all but times and
# sizes.
function(wasmrt_compare)
  cmake_parse_arguments(T "FIGURES" "NAME;EXPECTED;STATUS;FOLDER" "COMMAND;LABELS" ${ARGN})
  if(NOT T_STATUS)
    set(T_STATUS 0)
  endif()
  if(NOT T_FOLDER)
    set(T_FOLDER "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  get_filename_component(expected "${T_EXPECTED}" ABSOLUTE)
  add_test(NAME ${T_NAME} COMMAND "${CMAKE_COMMAND}"
    "-DEXPECTED=${expected}" "-DSTATUS=${T_STATUS}" "-DFOLDER=${T_FOLDER}" "-DFIGURES=${T_FIGURES}"
    -P "${PROJECT_SOURCE_DIR}/cmake/compare.cmake" -- ${T_COMMAND})
  set_tests_properties(${T_NAME} PROPERTIES TIMEOUT 120 LABELS "${T_LABELS}"
    ENVIRONMENT "ASAN_OPTIONS=${WASMRT_ASAN_OPTIONS}")
endfunction()
