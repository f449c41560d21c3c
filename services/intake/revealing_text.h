// Whether a text that desks read of a blinded request tells who asks.
#ifndef TRIALGATE_SERVICES_INTAKE_REVEALING_TEXT_H_
#define TRIALGATE_SERVICES_INTAKE_REVEALING_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Whether `text` contains `name`, however it is written: case, marks, spaces, hyphens, dots and
// letters of other scripts that look alike do not count, so "Novo-Nordisk", "NOVO NORDISK" and
// "novonordisk's" contain "Novo Nordisk A/S". Legal forms at the end of a name, initials before it
// and remarks in brackets do not count either. A name of less than eight letters or digits is found
// from the beginning of a word to the end of one, so "walking" does not contain "ALK"; one of less
// than three is never found. Both are UTF-8.
bool ContainsName(absl::string_view text, absl::string_view name);

// The same for an id, of which every letter and digit counts. One with a digit among six or more is
// found within words, too.
bool ContainsId(absl::string_view text, absl::string_view id);

// A fault (REVEALS_IDENTITY) in `field` where `text`, which desks will read of a blinded request
// without a CDA, contains the name or id of its requester or sponsor, or an external id.
void CheckRevealing(absl::string_view field, absl::string_view text,
                    const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                    FieldFaults* faults);

// A fault (REVEALS_IDENTITY) in `field` where `text`, which other desks will read, contains the
// name of the person from whom the idea comes, or the last word of it; of an idea of nobody, none.
// The name is in `request` itself, not a reference.
void CheckNamesSubmitter(absl::string_view field, absl::string_view text,
                         const v1::TrialRequest& request, FieldFaults* faults);

// A fault (REVEALS_IDENTITY) for every text of `request` that desks read while it is blinded and
// that contains the name or id of its requester or sponsor, an external id, or the name of the
// person whose idea it is: the blinded texts always; where the request is blinded also the texts
// and codes of conditions and questions, and a blinded title that is the title. Fields begin with
// "trial_request.". What was found is not repeated in the description.
FieldFaults FindRevealingTexts(const v1::TrialRequest& request,
                               const directory::DirectorySnapshot& directory);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_REVEALING_TEXT_H_
