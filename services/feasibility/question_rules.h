// What may be asked of the directory by a requester's own question.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_QUESTION_RULES_H_
#define TRIALGATE_SERVICES_FEASIBILITY_QUESTION_RULES_H_

#include <string>

#include "services/directory/directory_snapshot.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// Adds the faults of directory_field and directory_argument of the question at `field`: the
// question must be of each site, of the type of the field, and the argument one that the field
// takes.
void CheckDirectoryField(const FieldRules& rules, const std::string& field,
                         const v1::Question& question,
                         const directory::DirectorySnapshot& directory);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_QUESTION_RULES_H_
