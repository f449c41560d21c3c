// Contacts as edits put them: the record, and the person's fields apart. Internal to this folder.
#ifndef TRIALGATE_SERVICES_DIRECTORY_CONTACT_EDIT_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_CONTACT_EDIT_APP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/directory/record_edit_app.h"

namespace trialgate::directory {

// Adds the faults of a contact that is to be created in `directory`; `field` is where it stands in
// the request.
void CheckNewContact(const DirectorySnapshot& directory, const v1::Contact& contact,
                     absl::string_view field, Edit* edit);

// Adds the faults of `desk`, whose lead is named anew at `place`: one who has left, or behind whom
// nobody stands. Who is away for a while may lead: deputies stand in.
void CheckLead(const DirectorySnapshot& directory, const v1::Desk& desk, const Place& place,
               Edit* edit);

// Puts a contact that is created. Returns it with a reference to its person. ALREADY_EXISTS.
absl::StatusOr<v1::Contact> InsertContact(const v1::Contact& contact, Edit* edit);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_CONTACT_EDIT_APP_H_
