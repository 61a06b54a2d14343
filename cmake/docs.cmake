# The documentation: `cmake --build build --target docs` writes pages to build/docs/html. Doxygen fails on a
# declaration without a comment and on a link to nothing.

find_program(WASMRT_DOXYGEN doxygen)
if(NOT WASMRT_DOXYGEN)
  message(STATUS "doxygen was not found: there is no target docs")
  return()
endif()

# In the order of the guide.
set(_wasmrt_pages index objects ownership threads reentry errors traps memory host serialization native limits cxx
    packaging)
set(WASMRT_DOCS_INPUT "")
foreach(page IN LISTS _wasmrt_pages)
  string(APPEND WASMRT_DOCS_INPUT " \"${CMAKE_CURRENT_SOURCE_DIR}/docs/${page}.md\"")
endforeach()
string(APPEND WASMRT_DOCS_INPUT
  " \"${CMAKE_CURRENT_SOURCE_DIR}/docs/groups.dox\" \"${CMAKE_CURRENT_SOURCE_DIR}/include\"")
set(WASMRT_DOCS_OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/docs")
file(MAKE_DIRECTORY "${WASMRT_DOCS_OUTPUT}")
configure_file(docs/Doxyfile.in "${WASMRT_DOCS_OUTPUT}/Doxyfile" @ONLY)

add_custom_target(docs
  COMMAND "${CMAKE_COMMAND}" -E remove_directory "${WASMRT_DOCS_OUTPUT}/html"
  COMMAND "${WASMRT_DOXYGEN}" "${WASMRT_DOCS_OUTPUT}/Doxyfile"
  COMMENT "Writing ${WASMRT_DOCS_OUTPUT}/html" VERBATIM)

if(WASMRT_BUILD_TESTS)
  # Into a folder of its own.
  set(WASMRT_DOCS_OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/docs/test")
  file(MAKE_DIRECTORY "${WASMRT_DOCS_OUTPUT}")
  configure_file(docs/Doxyfile.in "${WASMRT_DOCS_OUTPUT}/Doxyfile" @ONLY)
  add_test(NAME docs.every_declaration_is_documented COMMAND "${WASMRT_DOXYGEN}" "${WASMRT_DOCS_OUTPUT}/Doxyfile")
  set_tests_properties(docs.every_declaration_is_documented PROPERTIES LABELS docs)
endif()
