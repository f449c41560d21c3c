// Single records of the directory against the rules of a pack: what a pack would be refused for is
// refused here in the same words.
#ifndef TRIALGATE_SERVICES_DIRECTORY_RECORD_CHECKER_H_
#define TRIALGATE_SERVICES_DIRECTORY_RECORD_CHECKER_H_

#include "services/directory/directory_snapshot.h"
#include "services/directory/fault.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// Checks a record that is to be put into `directory`, as the pack would be checked that had it
// there: its fields, its references, and what it does to the rest (a region without a desk on some
// day, a second secretariat). What is wrong with the rest already is not told. A region that is not
// in `directory` yet may be without a desk. `place` is where the record stands in the request.
void CheckRecord(const DirectorySnapshot& directory, const v1::Region& region, const Place& place,
                 Faults* faults);
void CheckRecord(const DirectorySnapshot& directory, const v1::Desk& desk, const Place& place,
                 Faults* faults);
// With the person's fields.
void CheckRecord(const DirectorySnapshot& directory, const v1::Contact& contact, const Place& place,
                 Faults* faults);
void CheckRecord(const DirectorySnapshot& directory, const v1::Site& site, const Place& place,
                 Faults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_RECORD_CHECKER_H_
