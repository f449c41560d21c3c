# Tests in Python: black-box tests that drive the real binaries, and the tests of the check scripts.

# Debian's python3-grpcio belongs to Debian's python; another python on the PATH cannot import it.
set(TRIALGATE_PYTHON /usr/bin/python3)

# trialgate_python_test(name file [LABELS ...])
#
# Runs `file`, relative to the calling folder, with pytest as one ctest test. The test finds the
# binaries through TRIALGATE_BUILD_DIR, and imports the stubs of the API (`from trialgate.v1 import
# ...`, target trialgate_python_protos) and modules by their path from the repository's root. A file
# all of whose tests skipped counts as skipped.
function(trialgate_python_test name file)
  cmake_parse_arguments(ARG "" "" "LABELS" ${ARGN})
  add_test(NAME ${name}
           COMMAND ${TRIALGATE_PYTHON} -m pytest -q -rs -p no:cacheprovider
                   ${CMAKE_CURRENT_SOURCE_DIR}/${file}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT 300
    LABELS "${ARG_LABELS}"
    SKIP_REGULAR_EXPRESSION "\n[0-9]+ skipped in "
    ENVIRONMENT "TRIALGATE_BUILD_DIR=${CMAKE_BINARY_DIR};PYTHONPATH=${CMAKE_BINARY_DIR}/python:${CMAKE_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

# The stubs of the public API for such tests.
if(TRIALGATE_WITH_GRPC)
  file(GLOB _protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/trialgate/v1/*.proto)
  list(APPEND _protos ${TRIALGATE_GOOGLEAPIS_DIR}/google/rpc/code.proto ${TRIALGATE_GOOGLEAPIS_DIR}/google/rpc/status.proto
       ${TRIALGATE_GOOGLEAPIS_DIR}/google/rpc/error_details.proto)
  find_program(TRIALGATE_GRPC_PYTHON_PLUGIN grpc_python_plugin REQUIRED)
  add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/python/protos.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${CMAKE_BINARY_DIR}/python
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/python
    COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/proto -I ${TRIALGATE_GOOGLEAPIS_DIR}
            --python_out=${CMAKE_BINARY_DIR}/python --grpc_out=${CMAKE_BINARY_DIR}/python
            --plugin=protoc-gen-grpc=${TRIALGATE_GRPC_PYTHON_PLUGIN} ${_protos}
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/python/protos.stamp
    DEPENDS ${_protos}
    COMMENT "Generating the Python stubs of the API"
    VERBATIM)
  add_custom_target(trialgate_python_protos ALL DEPENDS ${CMAKE_BINARY_DIR}/python/protos.stamp)
endif()
