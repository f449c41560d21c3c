#include "services/intake/submitter_repository.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/directory/person_repository.h"

namespace trialgate::intake {

absl::Status FillSubmitter(const store::Store& store, const keys::KeyStore& keys,
                           store::CommitNumber as_of, v1::TrialRequest* request) {
  if (!request->has_submitter()) return absl::OkStatus();
  request->mutable_submitter()->clear_display_name();
  const std::string name = absl::StrCat(request->name(), "/submitter");
  ABSL_ASSIGN_OR_RETURN(const auto row, ReadRow(store, directory::Persons(), name, as_of));
  if (!row.has_value()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const auto fields, directory::OpenPerson(keys, name, row->value));
  if (fields.has_value()) request->mutable_submitter()->set_display_name(fields->display_name());
  return absl::OkStatus();
}

}  // namespace trialgate::intake
