// Messages in which every field holds as much as a screen may have to bear.
#ifndef TRIALGATE_TESTS_UNIT_CLI_LONG_CONTENT_H_
#define TRIALGATE_TESTS_UNIT_CLI_LONG_CONTENT_H_

#include "google/protobuf/message.h"

namespace trialgate::cli {

// Fills all fields: texts long, with wide characters and with control characters that a hostile
// client could send; numbers large; three elements in each list; enumerations with value `round`
// of theirs, so that all branches are met in turn.
void FillWithLongContent(int round, google::protobuf::Message* message);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TESTS_UNIT_CLI_LONG_CONTENT_H_
