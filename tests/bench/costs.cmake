# What a record costs, held to bounds: docs/performance.md.
add_executable(unit_allocations hot/allocations_test.cc hot/counters.cc)
target_link_libraries(unit_allocations PRIVATE sluice_pipeline sluice_support GTest::gmock
                                               GTest::gtest_main ${CMAKE_DL_LIBS})
target_compile_definitions(unit_allocations PRIVATE SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
sluice_compile_fast(unit_allocations)
add_dependencies(unit_tests unit_allocations)
add_test(NAME unit_allocations COMMAND unit_allocations)
set_tests_properties(unit_allocations PROPERTIES TIMEOUT 120 LABELS unit)

add_library(count_new MODULE per_record/count_new.cc)
add_executable(bench_per_record per_record/per_record_test.cc)
target_link_libraries(bench_per_record PRIVATE sluice_integration_shared GTest::gtest_main)
target_compile_definitions(bench_per_record PRIVATE COUNT_NEW="$<TARGET_FILE:count_new>"
                                                    SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
sluice_compile_fast(bench_per_record)
add_dependencies(bench_per_record sluice count_new)
add_test(NAME bench_per_record COMMAND bench_per_record)
set_tests_properties(bench_per_record PROPERTIES TIMEOUT 180 LABELS bench)

# The hot path as it is shipped, whatever the rest is built with; a folder's files as one, since
# that takes half the time.
set(hot_path base/template_pieces base/text_template base/url_path
             batch/batch batch/batch_pool batch/batcher batch/record_print batch/strands
             batch/wide_print
             codec/body codec/json_check codec/json_dom codec/json_grammar codec/json_outline
             codec/json_pointer codec/record_codec codec/router commit/ledger)
foreach(file ${hot_path})
  cmake_path(GET file PARENT_PATH folder)
  set(source ${CMAKE_SOURCE_DIR}/src/${file}.cc)
  set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder})
  list(APPEND hot_path_sources ${source})
endforeach()
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/batch/wide_print.cc PROPERTIES
                            SKIP_UNITY_BUILD_INCLUSION ON)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")  # as in src
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/batch/wide_print.cc PROPERTIES
                              COMPILE_OPTIONS -mavx2)
endif()
add_executable(bench_instructions instructions/instructions.cc instructions/no_schema.cc
                                  ${hot_path_sources})
set_target_properties(bench_instructions PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
target_include_directories(bench_instructions PRIVATE ${CMAKE_SOURCE_DIR}/src
                                                      ${CMAKE_SOURCE_DIR}/tests)
target_compile_options(bench_instructions PRIVATE -O3 -g0 -DNDEBUG
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
target_link_libraries(bench_instructions PRIVATE tl::expected simdjson::simdjson
                                                 PkgConfig::xxhash)
string(REGEX MATCH "^[0-9]+" compiler_major ${CMAKE_CXX_COMPILER_VERSION})
add_test(NAME bench_instructions
         COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/instructions/check.py
                 $<TARGET_FILE:bench_instructions> ${CMAKE_CXX_COMPILER_ID}-${compiler_major}
                 ${CMAKE_SOURCE_DIR}/tests/golden/instructions.txt)
set_tests_properties(bench_instructions PROPERTIES TIMEOUT 120 LABELS bench)
