# The documentation: `cmake --build build --target docs` writes pages to build/docs/html. Doxygen fails on a
# declaration without a comment and on a link to nothing.

if(WASMRT_BUILD_TESTS)
  add_test(NAME docs.code_in_the_guide_compiles COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/tests/docs/snippets.sh"
    "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/docs/snippets" "${CMAKE_C_COMPILER}" "${CMAKE_CXX_COMPILER}")
  set_tests_properties(docs.code_in_the_guide_compiles PROPERTIES LABELS docs)
endif()

find_program(WASMRT_DOXYGEN doxygen)
if(NOT WASMRT_DOXYGEN)
  message(STATUS "doxygen was not found: there is no target docs")
  return()
endif()

# In the order of the guide.
set(_wasmrt_pages
    index objects ownership threads reentry
    linking errors traps memory host
    compiling jobs profiling recording serialization cache
    native limits security wasi text plugins
    cxx command packaging migrating)
set(WASMRT_DOCS_INPUT "")
foreach(page IN LISTS _wasmrt_pages)
  string(APPEND WASMRT_DOCS_INPUT " \"${CMAKE_CURRENT_SOURCE_DIR}/docs/${page}.md\"")
endforeach()
string(APPEND WASMRT_DOCS_INPUT
  " \"${CMAKE_CURRENT_SOURCE_DIR}/docs/groups.dox\" \"${CMAKE_CURRENT_SOURCE_DIR}/include\"")

# wasmrt_docs(FOLDER RESULT): what is told to Doxygen for pages in FOLDER; RESULT is the command that writes them.
function(wasmrt_docs folder result)
  set(WASMRT_DOCS_OUTPUT "${folder}")
  file(MAKE_DIRECTORY "${folder}")
  configure_file(docs/Doxyfile.in "${folder}/Doxyfile" @ONLY)
  set(${result} sh "${CMAKE_CURRENT_SOURCE_DIR}/docs/build.sh" "${WASMRT_DOXYGEN}" "${CMAKE_CURRENT_SOURCE_DIR}" "${folder}"
    PARENT_SCOPE)
endfunction()

wasmrt_docs("${CMAKE_CURRENT_BINARY_DIR}/docs" _wasmrt_write)
add_custom_target(docs COMMAND ${_wasmrt_write}
  COMMENT "Writing ${CMAKE_CURRENT_BINARY_DIR}/docs/html" VERBATIM)

if(WASMRT_BUILD_TESTS)
  # Into a folder of its own.
  wasmrt_docs("${CMAKE_CURRENT_BINARY_DIR}/docs/test" _wasmrt_write)
  add_test(NAME docs.every_declaration_is_documented COMMAND ${_wasmrt_write})
  set_tests_properties(docs.every_declaration_is_documented PROPERTIES LABELS docs FIXTURES_SETUP docs_written)
  add_test(NAME docs.search_finds_words_within_names COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/tests/docs/search.sh"
    "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/docs/test")
  set_tests_properties(docs.search_finds_words_within_names PROPERTIES LABELS docs FIXTURES_REQUIRED docs_written
    SKIP_RETURN_CODE 77)
endif()
