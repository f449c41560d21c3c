// SQLite's side of answer_bench.
#ifndef TRIALGATE_TESTS_BENCH_SQLITE_SIDE_H_
#define TRIALGATE_TESTS_BENCH_SQLITE_SIDE_H_

#include <memory>

#include "services/directory/directory_snapshot.h"
#include "tests/bench/answer_side.h"

namespace trialgate::bench {

// A database in memory. Ways tried: the bit masks of all sites tested, or first the sites that have
// the rarest capability wanted found by an index over pairs of capability and site; one statement
// that also counts, or two.
std::unique_ptr<AnswerSide> MakeSqliteSide(const directory::DirectorySnapshot& directory);

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_SQLITE_SIDE_H_
