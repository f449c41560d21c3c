# What every target of the house shares: language level, warnings, packages, and the two functions
# with which folders declare their libraries and tests.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(TRIALGATE_CCACHE ccache)
if(TRIALGATE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${TRIALGATE_CCACHE})
endif()
find_program(TRIALGATE_MOLD mold)
if(TRIALGATE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(absl REQUIRED CONFIG)
find_package(Protobuf REQUIRED MODULE)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ICU REQUIRED COMPONENTS i18n uc)
find_package(RocksDB REQUIRED CONFIG)
find_package(GTest REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(Boost REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
if(TRIALGATE_WITH_GRPC)
  find_package(gRPC REQUIRED CONFIG)
  find_package(yaml-cpp REQUIRED CONFIG)
endif()
include(GoogleTest)

# Warnings are errors in our own code; generated code is built without them.
set(TRIALGATE_WARNINGS -Wall -Wextra -Werror -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wno-unused-parameter)

# trialgate_library(name SRCS a.cc ... DEPS target ...)
#
# A static library of the house; headers are included from the repository's root
# (`#include "common/base/clock.h"`).
function(trialgate_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_compile_options(${name} PRIVATE ${TRIALGATE_WARNINGS})
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

# trialgate_binary(name SRCS ... DEPS ...)
function(trialgate_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${TRIALGATE_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

# trialgate_test(name SRCS ... DEPS ... [LABELS ...])
#
# A GoogleTest binary; each of its tests becomes a ctest test. Labels say what `tools/test` may leave
# out ("long").
function(trialgate_test name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS;LABELS" ${ARGN})
  trialgate_binary(${name} SRCS ${ARG_SRCS} DEPS ${ARG_DEPS} GTest::gmock_main)
  # gtest_discover_tests loses empty values: an empty LABELS would swallow the word TIMEOUT.
  set(_properties TIMEOUT 300)
  if(ARG_LABELS)
    list(APPEND _properties LABELS "${ARG_LABELS}")
  endif()
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       DISCOVERY_MODE PRE_TEST PROPERTIES ${_properties})
endfunction()
