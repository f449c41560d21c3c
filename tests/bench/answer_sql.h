// A directory as one SQL table of plain numbers, and the smaller question as SQL over it: the 20
// best sites and the count of the eligible ones. What a database must compute is computed
// beforehand as far as no request is needed for it.
#ifndef TRIALGATE_TESTS_BENCH_ANSWER_SQL_H_
#define TRIALGATE_TESTS_BENCH_ANSWER_SQL_H_

#include <string>
#include <vector>

#include "services/directory/directory_snapshot.h"
#include "services/feasibility/match_query.h"

namespace trialgate::bench {

// A site's numbers, as texts in the order of SqlColumns().
struct SqlRow {
  std::vector<std::string> numbers;
  std::vector<int> specialities;
  std::vector<int> capabilities;
};

// Definitions of the columns, "id int not null", ... All are of fixed width.
std::vector<std::string> SqlColumns();
SqlRow ToSqlRow(int id, const directory::SiteEntry& entry);

// How a dialect calls the least and the greatest of some values, and what follows a number that is
// a double.
struct SqlWords {
  const char* least;
  const char* greatest;
  const char* real;
};

// The criteria that the synthetic requests use, without specialities and capabilities.
std::string SqlCriteria(const feasibility::MatchQuery& query);
// Specialities and capabilities as bit masks.
std::string SqlMaskCriteria(const feasibility::MatchQuery& query);
// The score, times 1e9.
std::string SqlScore(const feasibility::MatchQuery& query, const SqlWords& words);

// The number in an id of the synthetic vocabularies: 17 of "capability-017".
int SqlNumber(const std::string& id);

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_ANSWER_SQL_H_
