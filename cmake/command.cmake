# The command wasmrt: cargo builds it with the library inside, so that it starts fast and needs no other package. Its manual
# page and completions come from the command itself.
#
#   wasmrt_command          the program
#   wasmrt_command_pages    manual page and completions, if they will be installed

set(WASMRT_COMMAND "${_wasmrt_out}/wasmrt")
set(_wasmrt_what --package wasmrt-cli --bin wasmrt)
if(NOT WASMRT_CARGO_PROFILE STREQUAL "dist")
  # With the library in the same call, features are resolved as for the library alone, and nothing is built twice.
  list(PREPEND _wasmrt_what --package wasmrt --lib)
endif()
wasmrt_cargo_target(wasmrt_command PRODUCTS "${WASMRT_COMMAND}" WHAT ${_wasmrt_what})
add_dependencies(wasmrt_command wasmrt_cargo)

set(WASMRT_COMMAND_PAGES "${CMAKE_CURRENT_BINARY_DIR}/pages")
file(MAKE_DIRECTORY "${WASMRT_COMMAND_PAGES}")
set(_wasmrt_made "")
# wasmrt_page(FILE arguments...): what the command prints with the arguments.
function(wasmrt_page file)
  list(JOIN ARGN " " arguments)
  add_custom_command(OUTPUT "${WASMRT_COMMAND_PAGES}/${file}"
    COMMAND sh -c "'${WASMRT_COMMAND}' ${arguments} >'${WASMRT_COMMAND_PAGES}/${file}'"
    DEPENDS wasmrt_command "${WASMRT_COMMAND}"
    COMMENT "Writing ${file}" VERBATIM)
  set(_wasmrt_made ${_wasmrt_made} "${WASMRT_COMMAND_PAGES}/${file}" PARENT_SCOPE)
endfunction()
wasmrt_page(wasmrt.1 manual)
wasmrt_page(wasmrt.bash completions bash)
wasmrt_page(_wasmrt completions zsh)
wasmrt_page(wasmrt.fish completions fish)
add_custom_target(wasmrt_command_pages ALL DEPENDS ${_wasmrt_made})
