#include "tests/bench/postgres_side.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/answer_sql.h"
#include "tests/bench/postgres_cluster.h"

namespace trialgate::bench {
namespace {

constexpr SqlWords kWords{"least", "greatest", "::float8"};
constexpr int kTries = 4;
constexpr int kSecondsToStart = 30;

// A way to answer: settings, and statements of which the first gives the best sites.
struct Way {
  std::string name;
  std::string settings;
  std::vector<std::string> statements;
};

std::string ArrayOf(const std::vector<std::string>& ids) {
  return absl::StrCat(
      "ARRAY[",
      absl::StrJoin(ids, ",",
                    [](std::string* out, const auto& id) { absl::StrAppend(out, SqlNumber(id)); }),
      "]");
}

std::string ArrayCriteria(const feasibility::MatchQuery& query) {
  std::string criteria;
  if (!query.specialities.empty()) {
    absl::StrAppend(&criteria, " and speciality_ids && ", ArrayOf(query.specialities));
  }
  if (!query.required_capabilities.empty()) {
    absl::StrAppend(&criteria, " and capability_ids @> ", ArrayOf(query.required_capabilities));
  }
  return criteria;
}

std::vector<Way> WaysOf(const feasibility::MatchQuery& query) {
  std::vector<Way> ways;
  for (const bool arrays : {true, false}) {
    const std::string from = absl::StrCat(" from sites where ", SqlCriteria(query),
                                          arrays ? ArrayCriteria(query) : SqlMaskCriteria(query));
    const std::string order = absl::StrCat(" order by score desc, id limit ", kAnswerSites);
    const std::string score = absl::StrCat("select id, ", SqlScore(query, kWords), " as score");
    for (const bool two : {true, false}) {
      const std::vector<std::string> statements =
          two ? std::vector<std::string>{absl::StrCat(score, from, order),
                                         absl::StrCat("select count(*)", from)}
              : std::vector<std::string>{absl::StrCat(score, ", count(*) over ()", from, order)};
      for (const int workers : {0, 1, 2}) {
        for (const char* jit : {"off", "on"}) {
          ways.push_back({absl::StrFormat("%s, %s, %d workers, jit %s", arrays ? "arrays" : "masks",
                                          two ? "2 statements" : "1 statement", workers, jit),
                          absl::StrFormat("set max_parallel_workers_per_gather=%d; set jit=%s; "
                                          "set parallel_setup_cost=%d",
                                          workers, jit, 100),
                          statements});
        }
      }
    }
  }
  return ways;
}

class PostgresSide : public AnswerSide {
 public:
  explicit PostgresSide(const directory::DirectorySnapshot& directory) {
    Connect();
    Fill(directory);
  }
  ~PostgresSide() override { PQfinish(connection_); }

  std::string Prepare(const feasibility::MatchQuery& query) override;
  SmallAnswer Answer() override;

 private:
  void Connect();
  void Fill(const directory::DirectorySnapshot& directory);
  void Use(const Way& way);
  // Ends the process where `result` is not what was asked for.
  PGresult* Wanted(PGresult* result, ExecStatusType status);
  void Run(const std::string& sql, ExecStatusType status = PGRES_COMMAND_OK) {
    PQclear(Wanted(PQexec(connection_, sql.c_str()), status));
  }

  PostgresCluster cluster_;
  PGconn* connection_ = nullptr;
  std::size_t statements_ = 0;
};

PGresult* PostgresSide::Wanted(PGresult* result, ExecStatusType status) {
  if (PQresultStatus(result) == status) return result;
  std::fprintf(stderr, "PostgreSQL: %s\n", PQerrorMessage(connection_));
  PQclear(result);
  std::exit(1);
}

void PostgresSide::Connect() {
  const std::string info = cluster_.ConnectionInfo();
  for (int second = 0; second < kSecondsToStart * 10; ++second) {
    connection_ = PQconnectdb(info.c_str());
    if (PQstatus(connection_) == CONNECTION_OK) return;
    PQfinish(connection_);
    usleep(100'000);
  }
  std::fprintf(stderr, "PostgreSQL did not start\n");
  std::exit(1);
}

void PostgresSide::Fill(const directory::DirectorySnapshot& directory) {
  Run("set client_min_messages=warning");
  Run(absl::StrCat("create unlogged table sites (", absl::StrJoin(SqlColumns(), ","),
                   ", speciality_ids int4[] not null, capability_ids int4[] not null)"));
  Run("copy sites from stdin", PGRES_COPY_IN);
  int id = 0;
  for (const auto& entry : directory.sites()) {
    const SqlRow row = ToSqlRow(id++, *entry);
    const std::string line =
        absl::StrCat(absl::StrJoin(row.numbers, "\t"), "\t{", absl::StrJoin(row.specialities, ","),
                     "}\t{", absl::StrJoin(row.capabilities, ","), "}\n");
    PQputCopyData(connection_, line.data(), static_cast<int>(line.size()));
  }
  PQputCopyEnd(connection_, nullptr);
  PQclear(Wanted(PQgetResult(connection_), PGRES_COMMAND_OK));
  while (PGresult* result = PQgetResult(connection_)) PQclear(result);
  Run("create index on sites using gin (speciality_ids) with (fastupdate=off)");
  Run("create index on sites using gin (capability_ids) with (fastupdate=off)");
  Run("create index on sites (start_up)");
  Run("create unique index on sites (id)");
  Run("vacuum (analyze) sites");
}

void PostgresSide::Use(const Way& way) {
  Run("deallocate all");
  Run(way.settings);
  statements_ = way.statements.size();
  for (std::size_t i = 0; i < statements_; ++i) {
    PQclear(Wanted(
        PQprepare(connection_, absl::StrCat("s", i).c_str(), way.statements[i].c_str(), 0, nullptr),
        PGRES_COMMAND_OK));
  }
}

std::string PostgresSide::Prepare(const feasibility::MatchQuery& query) {
  double best = 0;
  const Way* fastest = nullptr;
  const std::vector<Way> ways = WaysOf(query);
  for (const Way& way : ways) {
    Use(way);
    for (int i = 0; i < kTries; ++i) {
      const auto start = std::chrono::steady_clock::now();
      Answer();
      const double took =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (fastest != nullptr && took > 2 * best) break;  // not worth a further try
      if (fastest != nullptr && took >= best) continue;
      best = took;
      fastest = &way;
    }
  }
  Use(*fastest);
  return fastest->name;
}

SmallAnswer PostgresSide::Answer() {
  SmallAnswer answer;
  PGresult* sites =
      Wanted(PQexecPrepared(connection_, "s0", 0, nullptr, nullptr, nullptr, 0), PGRES_TUPLES_OK);
  for (int i = 0; i < PQntuples(sites); ++i) {
    answer.best.push_back(std::atoi(PQgetvalue(sites, i, 0)));
  }
  if (statements_ == 1) {
    if (PQntuples(sites) > 0) answer.eligible = std::atoi(PQgetvalue(sites, 0, 2));
  } else {
    PGresult* count =
        Wanted(PQexecPrepared(connection_, "s1", 0, nullptr, nullptr, nullptr, 0), PGRES_TUPLES_OK);
    answer.eligible = std::atoi(PQgetvalue(count, 0, 0));
    PQclear(count);
  }
  PQclear(sites);
  return answer;
}

}  // namespace

std::unique_ptr<AnswerSide> MakePostgresSide(const directory::DirectorySnapshot& directory) {
  return std::make_unique<PostgresSide>(directory);
}

}  // namespace trialgate::bench
