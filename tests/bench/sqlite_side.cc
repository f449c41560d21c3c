#include "tests/bench/sqlite_side.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/bench/answer_sql.h"

namespace trialgate::bench {
namespace {

constexpr SqlWords kWords{"min", "max", "e0"};
constexpr int kTries = 3;

struct Way {
  std::string name;
  // The first gives the best sites.
  std::vector<std::string> statements;
};

class SqliteSide : public AnswerSide {
 public:
  explicit SqliteSide(const directory::DirectorySnapshot& directory) {
    Check(sqlite3_open(":memory:", &database_));
    Fill(directory);
  }
  ~SqliteSide() override {
    Finalize();
    sqlite3_close(database_);
  }

  std::string Prepare(const feasibility::MatchQuery& query) override;
  SmallAnswer Answer() override;

 private:
  void Check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE) return;
    std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(database_));
    std::exit(1);
  }
  void Run(const std::string& sql) {
    Check(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr));
  }
  void Fill(const directory::DirectorySnapshot& directory);
  std::vector<Way> WaysOf(const feasibility::MatchQuery& query);
  void Use(const Way& way);
  void Finalize() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }

  sqlite3* database_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  std::map<int, int> sites_with_capability_;
};

void SqliteSide::Fill(const directory::DirectorySnapshot& directory) {
  Run(absl::StrCat("create table sites (", absl::StrJoin(SqlColumns(), ","), ")"));
  Run("create table site_capabilities (capability int, site int, primary key (capability, site)) "
      "without rowid");
  Run("begin");
  int id = 0;
  for (const auto& entry : directory.sites()) {
    const SqlRow row = ToSqlRow(id, *entry);
    Run(absl::StrCat("insert into sites values (", absl::StrJoin(row.numbers, ","), ")"));
    for (const int capability : row.capabilities) {
      ++sites_with_capability_[capability];
      Run(absl::StrCat("insert into site_capabilities values (", capability, ",", id, ")"));
    }
    ++id;
  }
  Run("commit");
  Run("create unique index site_ids on sites (id)");
  Run("create index site_start_ups on sites (start_up)");
  Run("analyze");
}

std::vector<Way> SqliteSide::WaysOf(const feasibility::MatchQuery& query) {
  const std::string criteria = absl::StrCat(SqlCriteria(query), SqlMaskCriteria(query));
  std::map<std::string, std::string> from = {
      {"masks", absl::StrCat(" from sites not indexed where ", criteria)}};
  int rarest = -1;
  int fewest = std::numeric_limits<int>::max();
  for (const std::string& capability : query.required_capabilities) {
    const int sites = sites_with_capability_[SqlNumber(capability)];
    if (sites >= fewest) continue;
    fewest = sites;
    rarest = SqlNumber(capability);
  }
  if (rarest >= 0) {
    from["rarest capability"] = absl::StrCat(
        " from site_capabilities cross join sites on id = site where capability = ", rarest,
        " and ", criteria);
  }
  std::vector<Way> ways;
  for (const auto& [name, what] : from) {
    const std::string score = absl::StrCat("select id, ", SqlScore(query, kWords), " as score");
    const std::string order = absl::StrCat(" order by score desc, id limit ", kAnswerSites);
    ways.push_back(
        {name + ", 1 statement", {absl::StrCat(score, ", count(*) over ()", what, order)}});
    ways.push_back({name + ", 2 statements",
                    {absl::StrCat(score, what, order), absl::StrCat("select count(*)", what)}});
  }
  return ways;
}

void SqliteSide::Use(const Way& way) {
  Finalize();
  for (const std::string& sql : way.statements) {
    statements_.push_back(nullptr);
    Check(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statements_.back(), nullptr));
  }
}

std::string SqliteSide::Prepare(const feasibility::MatchQuery& query) {
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

SmallAnswer SqliteSide::Answer() {
  SmallAnswer answer;
  sqlite3_stmt* sites = statements_[0];
  while (sqlite3_step(sites) == SQLITE_ROW) {
    answer.best.push_back(sqlite3_column_int(sites, 0));
    if (statements_.size() == 1) answer.eligible = sqlite3_column_int(sites, 2);
  }
  Check(sqlite3_reset(sites));
  if (statements_.size() > 1) {
    if (sqlite3_step(statements_[1]) == SQLITE_ROW) {
      answer.eligible = sqlite3_column_int(statements_[1], 0);
    }
    Check(sqlite3_reset(statements_[1]));
  }
  return answer;
}

}  // namespace

std::unique_ptr<AnswerSide> MakeSqliteSide(const directory::DirectorySnapshot& directory) {
  return std::make_unique<SqliteSide>(directory);
}

}  // namespace trialgate::bench
