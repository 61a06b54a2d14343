# Two commands, ONE and OTHER, must both succeed and print the same.

execute_process(COMMAND ${ONE} RESULT_VARIABLE one_status OUTPUT_VARIABLE one_output)
execute_process(COMMAND ${OTHER} RESULT_VARIABLE other_status OUTPUT_VARIABLE other_output)
if(NOT one_status STREQUAL 0 OR NOT other_status STREQUAL 0)
  message(FATAL_ERROR "ended with ${one_status} and ${other_status}")
endif()
if(NOT one_output STREQUAL other_output)
  message(FATAL_ERROR "the outputs differ:\n${one_output}\n---\n${other_output}")
endif()
