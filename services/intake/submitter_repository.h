// The person from whom an idea comes, as stored.
#ifndef TRIALGATE_SERVICES_INTAKE_SUBMITTER_REPOSITORY_H_
#define TRIALGATE_SERVICES_INTAKE_SUBMITTER_REPOSITORY_H_

#include "absl/status/status.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Puts the submitter's name in the place of the reference to it that a stored `request` holds, to
// be compared and never to be stored or shown; absent where there is no submitter, or it was
// erased. Errors are those of the store and of OpenPerson.
absl::Status FillSubmitter(const store::Store& store, const keys::KeyStore& keys,
                           store::CommitNumber as_of, v1::TrialRequest* request);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_SUBMITTER_REPOSITORY_H_
