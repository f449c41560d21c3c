#include "tests/bench/answer_sql.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "tests/bench/synthetic_directory.h"

namespace trialgate::bench {
namespace {

constexpr int kMaskBits = 60;
constexpr int kCapabilityMasks = kSyntheticCapabilities / kMaskBits;
constexpr std::array<v1::Phase, 4> kPhases = {v1::PHASE_PHASE1, v1::PHASE_PHASE2, v1::PHASE_PHASE3,
                                              v1::PHASE_PHASE4};

std::int64_t Bit(int number) { return std::int64_t{1} << number; }

template <typename List>
std::int64_t MaskOf(const List& list) {
  std::int64_t mask = 0;
  for (const auto& value : list) mask |= Bit(static_cast<int>(value));
  return mask;
}

std::string Day(absl::CivilDay day) { return absl::StrCat(day - absl::CivilDay(1970, 1, 1)); }

std::string Exact(double value) { return absl::StrFormat("%.17g", value); }

std::string Real(const SqlWords& words, double value) {
  return absl::StrCat(Exact(value), words.real);
}

int MonthNumber(const std::string& month) {
  int year = 0;
  int of_year = 0;
  if (!absl::SimpleAtoi(month.substr(0, 4), &year) ||
      !absl::SimpleAtoi(month.substr(5, 2), &of_year)) {
    return 0;
  }
  return static_cast<int>(absl::CivilMonth(year, of_year) - absl::CivilMonth(kSyntheticToday));
}

// Site-months are drawn in tenths.
std::int64_t Tenths(double months) { return static_cast<std::int64_t>(months * 10 + 0.5); }

void AddFreeMonths(const v1::SiteCapacity& capacity, std::vector<std::string>* numbers) {
  for (const v1::MonthUse& use : capacity.months()) {
    numbers->push_back(absl::StrCat(capacity.slots() - use.occupied_declared()));
  }
}

void AddHistory(const v1::Site& site, std::vector<std::string>* numbers) {
  std::map<int, const v1::RecruitmentHistory*> rows;
  for (const v1::RecruitmentHistory& row : site.history()) rows[SqlNumber(row.speciality())] = &row;
  for (int id = 0; id < kSyntheticSpecialities; ++id) {
    numbers->push_back(absl::StrCat(rows.contains(id) ? rows[id]->actual() : 0));
  }
  for (int id = 0; id < kSyntheticSpecialities; ++id) {
    numbers->push_back(absl::StrCat(rows.contains(id) ? Tenths(rows[id]->site_months()) : 0));
  }
}

double TrackRecord(const v1::Site& site) {
  double claimed = 5;
  double actual = 5;
  for (const v1::RecruitmentHistory& row : site.history()) {
    claimed += static_cast<double>(row.claimed());
    actual += static_cast<double>(row.actual());
  }
  return std::min(1.0, actual / claimed);
}

std::int64_t FullMonths(const v1::SiteCapacity& capacity) {
  std::int64_t full = 0;
  for (const v1::MonthUse& use : capacity.months()) {
    if (use.occupied_declared() >= capacity.slots()) full |= Bit(MonthNumber(use.month()));
  }
  return full;
}

std::string SumOfColumns(const std::vector<std::string>& ids, const char* prefix,
                         const char* of_all) {
  if (ids.empty()) return of_all;
  return absl::StrCat("(",
                      absl::StrJoin(ids, "+",
                                    [prefix](std::string* out, const std::string& id) {
                                      absl::StrAppend(out, prefix, SqlNumber(id));
                                    }),
                      ")");
}

// The share of the wanted bits that a site has; 1 if none are wanted.
std::string SqlShare(const std::vector<std::string>& held, const SqlWords& words) {
  if (held.empty()) return Real(words, 1);
  return absl::StrCat("((", absl::StrJoin(held, "+"), ")/",
                      Real(words, static_cast<double>(held.size())), ")");
}

std::string HasBit(const std::string& column, int bit) {
  return absl::StrCat("((", column, ">>", bit, ")&1)");
}

std::string CapabilityColumn(int id) { return absl::StrCat("capabilities", id / kMaskBits); }

std::string SqlExpected(const feasibility::MatchQuery& query, const SqlWords& words) {
  const std::string days =
      absl::StrCat(words.greatest, "(0,", Day(query.window.end), "-", words.greatest, "(",
                   Day(query.earliest), ",", Day(query.today), "+start_up))");
  return absl::StrFormat("(%s+%s)/(%s+%s/%s)*(%s/%s)", Real(words, query.prior_alpha),
                         SumOfColumns(query.specialities, "actual", "actual_of_all"),
                         Real(words, query.prior_beta),
                         SumOfColumns(query.specialities, "tenths", "tenths_of_all"),
                         Real(words, 10), days, Real(words, 30.4375));
}

std::string SqlHeadroom(const feasibility::MatchQuery& query, const SqlWords& words) {
  std::vector<std::string> months;
  for (const std::string& month : query.window.months) {
    months.push_back(absl::StrCat("free", MonthNumber(month)));
  }
  return absl::StrCat("(", words.least, "(", absl::StrJoin(months, ","), ")/(slots+",
                      Real(words, 0), "))");
}

std::string SqlExperience(const feasibility::MatchQuery& query, const SqlWords& words) {
  std::vector<std::string> values = {Real(words, 1)};
  for (const v1::Phase phase : query.phases)
    values.push_back(absl::StrCat("trials", phase, "/", Real(words, 5)));
  if (values.size() == 1) return values[0];
  return absl::StrCat(words.least, "(", absl::StrJoin(values, ","), ")");
}

std::string SqlSpeciality(const feasibility::MatchQuery& query, const SqlWords& words) {
  std::vector<std::string> held;
  for (const std::string& id : query.specialities) {
    held.push_back(HasBit("specialities", SqlNumber(id)));
  }
  return SqlShare(held, words);
}

std::string SqlPreferences(const feasibility::MatchQuery& query, const SqlWords& words) {
  std::vector<std::string> held;
  for (const std::string& id : query.preferred_capabilities) {
    held.push_back(HasBit(CapabilityColumn(SqlNumber(id)), SqlNumber(id) % kMaskBits));
  }
  return SqlShare(held, words);
}

}  // namespace

int SqlNumber(const std::string& id) {
  int number = 0;
  return absl::SimpleAtoi(id.substr(id.rfind('-') + 1), &number) ? number : 0;
}

std::vector<std::string> SqlColumns() {
  std::vector<std::string> columns = {"track_record float8", "specialities int8",
                                      "full_months int8"};
  for (int i = 0; i < kCapabilityMasks; ++i) {
    columns.push_back(absl::StrCat("capabilities", i, " int8"));
  }
  for (const char* name : {"id", "start_up", "review", "kinds", "phases", "ages", "actual_of_all",
                           "tenths_of_all", "slots"}) {
    columns.push_back(absl::StrCat(name, " int4"));
  }
  for (const v1::Phase phase : kPhases) columns.push_back(absl::StrCat("trials", phase, " int2"));
  for (int i = 0; i < kSyntheticMonths; ++i) columns.push_back(absl::StrCat("free", i, " int2"));
  for (int i = 0; i < kSyntheticSpecialities; ++i) {
    columns.push_back(absl::StrCat("actual", i, " int2"));
  }
  for (int i = 0; i < kSyntheticSpecialities; ++i) {
    columns.push_back(absl::StrCat("tenths", i, " int2"));
  }
  for (std::string& column : columns) absl::StrAppend(&column, " not null");
  return columns;
}

SqlRow ToSqlRow(int id, const directory::SiteEntry& entry) {
  const v1::Site& site = entry.site;
  SqlRow row;
  for (const std::string& name : site.specialities()) row.specialities.push_back(SqlNumber(name));
  std::array<std::int64_t, kCapabilityMasks> masks{};
  for (const std::string& name : site.capabilities()) {
    row.capabilities.push_back(SqlNumber(name));
    masks[row.capabilities.back() / kMaskBits] |= Bit(row.capabilities.back() % kMaskBits);
  }
  std::int64_t actual = 0;
  std::int64_t tenths = 0;
  for (const v1::RecruitmentHistory& history : site.history()) {
    actual += history.actual();
    tenths += Tenths(history.site_months());
  }
  std::map<int, int> trials;
  for (const v1::PhaseExperience& run : site.phases())
    trials[run.phase()] = run.trials_five_years();
  std::int64_t phases = 0;
  for (const auto& [phase, unused] : trials) phases |= Bit(phase);
  row.numbers = {Exact(TrackRecord(site)), absl::StrCat(MaskOf(row.specialities)),
                 absl::StrCat(FullMonths(entry.capacity))};
  for (const std::int64_t mask : masks) row.numbers.push_back(absl::StrCat(mask));
  for (const std::string& number :
       {absl::StrCat(id), absl::StrCat(site.start_up().median_days()),
        Day(ParseDate(site.review().date()).value_or(absl::CivilDay(1970, 1, 1))),
        absl::StrCat(MaskOf(site.kinds())), absl::StrCat(phases),
        absl::StrCat(MaskOf(site.age_groups())), absl::StrCat(actual), absl::StrCat(tenths),
        absl::StrCat(entry.capacity.slots())}) {
    row.numbers.push_back(number);
  }
  for (const v1::Phase phase : kPhases) row.numbers.push_back(absl::StrCat(trials[phase]));
  AddFreeMonths(entry.capacity, &row.numbers);
  AddHistory(site, &row.numbers);
  return row;
}

std::string SqlCriteria(const feasibility::MatchQuery& query) {
  std::int64_t months = 0;
  for (const std::string& month : query.window.months) months |= Bit(MonthNumber(month));
  const std::int64_t phases = MaskOf(query.phases);
  const std::int64_t ages = MaskOf(query.age_groups);
  std::string criteria =
      absl::StrFormat("kinds&%d<>0 and phases&%d=%d and ages&%d=%d and full_months&%d=0",
                      Bit(query.kind), phases, phases, ages, ages, months);
  if (query.latest.has_value()) {
    absl::StrAppend(&criteria, " and start_up<=", *query.latest - query.today);
  }
  return criteria;
}

std::string SqlMaskCriteria(const feasibility::MatchQuery& query) {
  std::string criteria;
  std::int64_t specialities = 0;
  for (const std::string& id : query.specialities) specialities |= Bit(SqlNumber(id));
  if (specialities != 0) absl::StrAppend(&criteria, " and specialities&", specialities, "<>0");
  std::map<std::string, std::int64_t> wanted;
  for (const std::string& id : query.required_capabilities) {
    wanted[CapabilityColumn(SqlNumber(id))] |= Bit(SqlNumber(id) % kMaskBits);
  }
  for (const auto& [column, mask] : wanted) {
    absl::StrAppend(&criteria, " and ", column, "&", mask, "=", mask);
  }
  return criteria;
}

std::string SqlScore(const feasibility::MatchQuery& query, const SqlWords& words) {
  const v1::ScoreWeights& weights = query.weights;
  const double per_site =
      static_cast<double>(query.patients_wanted) / std::max(1, query.sites_wanted);
  const auto part = [&words](double weight, const std::string& value) {
    return absl::StrCat(Real(words, weight), "*", value);
  };
  const std::string one = Real(words, 1);
  const std::string patients =
      query.patients_wanted <= 0
          ? one
          : absl::StrCat(words.least, "(", one, ",", SqlExpected(query, words), "/",
                         Real(words, per_site), ")");
  const std::string start_up = absl::StrCat(words.greatest, "(", Real(words, 0), ",", one,
                                            "-start_up/", Real(words, 180), ")");
  const std::string freshness =
      absl::StrCat(words.greatest, "(", Real(words, 0), ",", words.least, "(", one, ",(365-(",
                   Day(query.today), "-review))/", Real(words, 275), "))");
  return absl::StrCat(
      "round((",
      absl::StrJoin(
          {part(weights.speciality(), SqlSpeciality(query, words)),
           part(weights.experience(), SqlExperience(query, words)),
           part(weights.patients(), patients), part(weights.headroom(), SqlHeadroom(query, words)),
           part(weights.start_up(), start_up), part(weights.track_record(), "track_record"),
           part(weights.preferences(), SqlPreferences(query, words)),
           part(weights.freshness(), freshness)},
          "+"),
      ")*", Real(words, 1e9), ")");
}

}  // namespace trialgate::bench
