// Persons within messages that are stored: only a reference to their fields stands there, so that
// the fields are in one place (person_repository.h) and are gone from every message once they are
// erased.
//
// A message keeps its reference through every copy: the collated answer, the answer to a retry.
// Only when an answer leaves the server are the fields put in its place; a view that clears the
// field for who may not see it clears the reference, and nothing is put there.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PERSON_REFERENCE_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_PERSON_REFERENCE_REPOSITORY_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/message.h"
#include "services/directory/person_repository.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::directory {

// Fields of persons by the names under which they are stored.
using PersonsByName = std::map<std::string, storage::v1::PersonFields>;

// `trialRequests/{id}/referrals/{id}/offers/{id of the site}`.
std::string OfferPersonName(absl::string_view referral, absl::string_view site);

// `trialRequests/{id}/submitter`.
std::string SubmitterPersonName(absl::string_view request);

// Takes the persons out of a message that is to be stored, and leaves references; nothing for who
// is not given. The message has its name.
PersonsByName TakePersons(v1::TrialRequest* request);
PersonsByName TakePersons(v1::Referral* referral);
// Of a contact of a desk: only answers refer to it, its row is without.
PersonsByName TakePersons(v1::Contact* contact);
PersonsByName TakePersons(v1::ReferralSite* line);

// Stores these persons in `work`.
absl::Status PutPersons(const PersonsByName& persons, absl::Time now, PersonEdits* edits,
                        store::UnitOfWork* work);

// Of a retry: INVALID_ARGUMENT (REQUEST_ID_REUSED) where other fields are stored than these, which
// the first call gave. Those that were erased since are not compared.
absl::Status CheckSamePersons(const store::Store& store, const keys::KeyStore& keys,
                              const PersonsByName& persons);

// Clears every field of class PERSON below `message`: of what is kept as a hash only, which must
// not serve to guess at them.
void ClearPersons(google::protobuf::Message* message);

// Adds a fault (INVALID_FORMAT) for every field of class PERSON with control characters: no client
// can send what looks like a reference.
void CheckPersonTexts(const google::protobuf::Message& message, FieldFaults* faults);

// Puts the fields in place of every reference below `message`; kErasedName for those that are
// erased. Errors of the store and of OpenPerson.
absl::Status FillPersons(const store::Store& store, const keys::KeyStore& keys,
                         google::protobuf::Message* message);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PERSON_REFERENCE_REPOSITORY_H_
