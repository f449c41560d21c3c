// A PostgreSQL server of one's own, for benchmarks.
#ifndef TRIALGATE_TESTS_BENCH_POSTGRES_CLUSTER_H_
#define TRIALGATE_TESTS_BENCH_POSTGRES_CLUSTER_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace trialgate::bench {

// Made by initdb in a temporary folder, with a local socket there and no network; stopped by its
// own process id. PostgreSQL refuses to run as root: run by root, it becomes the user postgres, or
// nobody. Ends the process where any of that fails.
class PostgresCluster {
 public:
  PostgresCluster();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // For PQconnectdb.
  std::string ConnectionInfo() const;

 private:
  pid_t Start(const std::string& program, const std::vector<std::string>& arguments) const;

  TempDir folder_;
  pid_t server_ = 0;
};

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_POSTGRES_CLUSTER_H_
