#include "services/access/cda_repository.h"

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "services/access/cda.h"

namespace trialgate::access {
namespace {

using store::TableId;

// CDAs between one sponsor and one desk that are looked at in one read.
constexpr int kPage = 100;

// No name has this byte.
std::string PartiesOf(absl::string_view sponsor, absl::string_view desk) {
  return absl::StrCat(sponsor, "|", desk);
}

std::vector<std::string> ByParties(const v1::Cda& cda) {
  return {PartiesOf(cda.sponsor(), cda.desk())};
}

// The first by name, of those between the two, that `wanted` lets through.
absl::StatusOr<std::optional<std::string>> FindFirst(
    const store::Store& store, absl::string_view sponsor, absl::string_view desk,
    store::CommitNumber as_of, absl::FunctionRef<bool(const v1::Cda&)> wanted) {
  store::PageOptions page;
  page.limit = kPage;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows,
                          ScanIndex(store, Cdas(), TableId::TABLE_ID_CDA_BY_PARTIES,
                                    PartiesOf(sponsor, desk), page, as_of));
    for (const auto& row : rows.rows) {
      if (wanted(row.value)) return std::optional<std::string>(row.key);
    }
    page.after = rows.next;
  } while (!page.after.empty());
  return std::optional<std::string>();
}

}  // namespace

const store::Table<v1::Cda>& Cdas() {
  static const auto* const kTable = new store::Table<v1::Cda>(
      TableId::TABLE_ID_CDA, {{TableId::TABLE_ID_CDA_BY_PARTIES, ByParties}});
  return *kTable;
}

const store::Table<storage::v1::Unblinding>& Unblindings() {
  static const auto* const kTable =
      new store::Table<storage::v1::Unblinding>(TableId::TABLE_ID_UNBLINDING);
  return *kTable;
}

std::string UnblindingName(const storage::v1::Unblinding& unblinding) {
  return absl::StrCat(unblinding.trial_request(), "/unblindings/", unblinding.desk(), "/",
                      unblinding.cda());
}

absl::StatusOr<std::optional<std::string>> FindCdaInForce(const store::Store& store,
                                                          absl::string_view sponsor,
                                                          absl::string_view desk,
                                                          absl::CivilDay day,
                                                          store::CommitNumber as_of) {
  return FindFirst(store, sponsor, desk, as_of,
                   [day](const v1::Cda& cda) { return IsInForce(cda, day); });
}

absl::StatusOr<bool> HasHadCda(const store::Store& store, absl::string_view sponsor,
                               absl::string_view desk, absl::CivilDay day,
                               store::CommitNumber as_of) {
  const std::string today = FormatDate(day);
  ABSL_ASSIGN_OR_RETURN(const auto found,
                        FindFirst(store, sponsor, desk, as_of, [&today](const v1::Cda& cda) {
                          return cda.effective_date() <= today;
                        }));
  return found.has_value();
}

}  // namespace trialgate::access
