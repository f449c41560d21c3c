#include "services/routing/referral_line_repository.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/routing/referral_line.h"

namespace trialgate::routing {
namespace {

using store::TableId;

constexpr int kScanPage = 500;

std::vector<std::string> ByReferral(const v1::ReferralSite& line) {
  return {ReferralOfLine(line.name())};
}

// The names of all lines: asked about, then added.
absl::StatusOr<std::vector<std::string>> LineNames(const store::Store& store,
                                                   const v1::Referral& referral,
                                                   store::CommitNumber as_of) {
  std::vector<std::string> names;
  for (const std::string& site : referral.sites()) names.push_back(LineName(referral.name(), site));
  std::set<std::string> added;
  store::PageOptions page;
  page.limit = kScanPage;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, ScanIndex(store, ReferralLines(),
                                                     TableId::TABLE_ID_REFERRAL_SITE_BY_REFERRAL,
                                                     referral.name(), page, as_of));
    for (const auto& row : rows.rows) added.insert(row.key);
    page.after = rows.next;
  } while (!page.after.empty());
  for (const std::string& name : names) added.erase(name);
  names.insert(names.end(), added.begin(), added.end());
  return names;
}

std::vector<v1::ReferralSite> LinesOf(
    const v1::Referral& referral, const std::vector<std::string>& names,
    std::vector<std::optional<store::Row<v1::ReferralSite>>> rows) {
  std::vector<v1::ReferralSite> lines;
  for (std::size_t i = 0; i < names.size(); ++i) {
    lines.push_back(rows[i].has_value() ? std::move(rows[i]->value)
                                        : NewLine(referral, SiteOfLine(names[i])));
    lines.back().set_etag(absl::StrCat(rows[i].has_value() ? rows[i]->version : 0));
  }
  return lines;
}

}  // namespace

const store::Table<v1::ReferralSite>& ReferralLines() {
  static const auto* const kTable = new store::Table<v1::ReferralSite>(
      TableId::TABLE_ID_REFERRAL_SITE, {{TableId::TABLE_ID_REFERRAL_SITE_BY_REFERRAL, ByReferral}});
  return *kTable;
}

absl::StatusOr<std::vector<v1::ReferralSite>> ReadLines(const store::Store& store,
                                                        const v1::Referral& referral,
                                                        store::CommitNumber as_of) {
  ABSL_ASSIGN_OR_RETURN(const auto names, LineNames(store, referral, as_of));
  ABSL_ASSIGN_OR_RETURN(auto rows, ReadRows(store, ReferralLines(), names, as_of));
  return LinesOf(referral, names, std::move(rows));
}

absl::StatusOr<std::vector<v1::ReferralSite>> GetLines(store::UnitOfWork* work,
                                                       const v1::Referral& referral) {
  ABSL_ASSIGN_OR_RETURN(const auto names, LineNames(work->store(), referral, work->read_at()));
  ABSL_ASSIGN_OR_RETURN(auto rows, work->GetAll(ReferralLines(), names));
  return LinesOf(referral, names, std::move(rows));
}

}  // namespace trialgate::routing
