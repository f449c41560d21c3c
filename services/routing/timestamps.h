// Instants as messages hold them.
#ifndef TRIALGATE_SERVICES_ROUTING_TIMESTAMPS_H_
#define TRIALGATE_SERVICES_ROUTING_TIMESTAMPS_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace trialgate::routing {

// An instant of a message.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

// An instant for a message.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_TIMESTAMPS_H_
