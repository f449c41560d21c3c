// The fields by which the directory can be listed, as directory_service.proto names them. All of
// them are of the class DIRECTORY: whoever may call a list sees them of every record on it.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_FIELDS_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_FIELDS_H_

#include "common/filter/fields.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/organization.pb.h"

namespace trialgate::directory {

const filter::FieldTable<v1::Region>& RegionFields();
const filter::FieldTable<v1::Desk>& DeskFields();
// None of a person: a name, an address or a telephone number is read by who has the contact before
// them, but nobody finds out by a filter whether, and where, somebody works. Neither may they stand
// in page tokens, which outlive an erasure.
const filter::FieldTable<v1::Contact>& ContactFields();
const filter::FieldTable<v1::Site>& SiteFields();
const filter::FieldTable<v1::Organization>& OrganizationFields();
// `review_date` and `days_since_review` are absent of what was never reviewed.
const filter::FieldTable<v1::ReviewReminder>& ReviewReminderFields();

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_FIELDS_H_
