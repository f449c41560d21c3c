// What answer_bench compares: somebody who says which sites could run a trial.
#ifndef TRIALGATE_TESTS_BENCH_ANSWER_SIDE_H_
#define TRIALGATE_TESTS_BENCH_ANSWER_SIDE_H_

#include <string>
#include <vector>

#include "services/feasibility/match_query.h"

namespace trialgate::bench {

inline constexpr int kAnswerSites = 20;

// The smaller question's answer: sites by their position in the directory, best first.
struct SmallAnswer {
  int eligible = 0;
  std::vector<int> best;

  bool operator==(const SmallAnswer&) const = default;
};

// Not thread-safe. A side that fails says why on stderr and ends the process.
class AnswerSide {
 public:
  virtual ~AnswerSide() = default;

  // Gets ready for a request, and finds out by trying which of its ways answers it fastest; returns
  // that way's name.
  virtual std::string Prepare(const feasibility::MatchQuery& query) = 0;

  // Answers the request that was prepared last.
  virtual SmallAnswer Answer() = 0;
};

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_ANSWER_SIDE_H_
