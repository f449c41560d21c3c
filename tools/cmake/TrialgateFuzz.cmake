# Fuzz targets. Each is one function, LLVMFuzzerTestOneInput, that aborts where a promise is broken.
# The preset fuzz builds them with clang's libFuzzer, for tools/fuzz to run; every other build
# replays the committed inputs through the same function, as a test.

option(TRIALGATE_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)

add_custom_target(trialgate_fuzzers)

# trialgate_fuzz(name DEPS target ...)
#
# From the calling folder: <name>.cc, the inputs to begin with in corpus/<name>/, and, if there is
# one, a dictionary <name>.dict.
function(trialgate_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  if(TRIALGATE_FUZZ)
    trialgate_binary(${name} SRCS ${name}.cc DEPS ${ARG_DEPS} -fsanitize=fuzzer)
    add_dependencies(trialgate_fuzzers ${name})
  else()
    trialgate_binary(${name} SRCS ${name}.cc ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc
                     DEPS ${ARG_DEPS})
    add_test(NAME replay.${name} COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(replay.${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
