#include "services/server/people_guard.h"

#include "common/base/errors.h"
#include "services/directory/person_reference_repository.h"
#include "services/directory/personal_number.h"

namespace trialgate::server {

absl::Status PeopleGuard::Check(const google::protobuf::Message& request) const {
  FieldFaults faults;
  directory::CheckPersonTexts(request, &faults);
  const auto directory = directory_->Snapshot();
  if (directory->has_pack()) {
    directory::CheckPersonalNumbers(request, "", directory->settings().personal_numbers(), &faults);
  }
  return faults.ToStatus();
}

absl::Status PeopleGuard::Complete(google::protobuf::Message* response) const {
  return directory::FillPersons(*store_, *keys_, response);
}

}  // namespace trialgate::server
