// PostgreSQL's side of answer_bench.
#ifndef TRIALGATE_TESTS_BENCH_POSTGRES_SIDE_H_
#define TRIALGATE_TESTS_BENCH_POSTGRES_SIDE_H_

#include <memory>

#include "services/directory/directory_snapshot.h"
#include "tests/bench/answer_side.h"

namespace trialgate::bench {

// A cluster of its own in a temporary folder, reached by a socket there only, filled with the
// directory's sites, and stopped with the side. Run by root it becomes the user postgres.
//
// Ways tried: specialities and capabilities found by GIN on integer arrays or tested as bit masks;
// one statement that also counts, or two; with and without a second process; with and without JIT.
std::unique_ptr<AnswerSide> MakePostgresSide(const directory::DirectorySnapshot& directory);

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_POSTGRES_SIDE_H_
