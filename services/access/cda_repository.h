// CDAs as they are stored, and what was shown because of them.
#ifndef TRIALGATE_SERVICES_ACCESS_CDA_REPOSITORY_H_
#define TRIALGATE_SERVICES_ACCESS_CDA_REPOSITORY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/store/table.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/cda.pb.h"

namespace trialgate::access {

// Under their names, without etag: that is the number of the commit that wrote a CDA. Found by
// sponsor and desk.
const store::Table<v1::Cda>& Cdas();

// A record for each request, desk and CDA, under UnblindingName.
const store::Table<storage::v1::Unblinding>& Unblindings();
std::string UnblindingName(const storage::v1::Unblinding& unblinding);

// The name of a CDA between `sponsor` and `desk` that is in force on `day`, as of a commit: the
// first by name; none where there is none. Errors are those of Store::Scan.
absl::StatusOr<std::optional<std::string>> FindCdaInForce(const store::Store& store,
                                                          absl::string_view sponsor,
                                                          absl::string_view desk,
                                                          absl::CivilDay day,
                                                          store::CommitNumber as_of);

// Whether a CDA between them has begun by `day`, whatever became of it since: the desk may know who
// asks. Errors are those of Store::Scan.
absl::StatusOr<bool> HasHadCda(const store::Store& store, absl::string_view sponsor,
                               absl::string_view desk, absl::CivilDay day,
                               store::CommitNumber as_of);

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_CDA_REPOSITORY_H_
