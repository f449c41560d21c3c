// Instants of the audit trail.
#ifndef TRIALGATE_SERVICES_AUDIT_EVENT_TIME_H_
#define TRIALGATE_SERVICES_AUDIT_EVENT_TIME_H_

#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

namespace trialgate::audit {

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Nanoseconds since 1970-01-01T00:00:00Z, not negative, as a Timestamp.
inline google::protobuf::Timestamp ToTimestamp(std::int64_t unix_nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(unix_nanos / kNanosPerSecond);
  time.set_nanos(static_cast<int>(unix_nanos % kNanosPerSecond));
  return time;
}

// The other way round, for a time within the range of nanoseconds.
inline std::int64_t ToNanos(const google::protobuf::Timestamp& time) {
  return time.seconds() * kNanosPerSecond + time.nanos();
}

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_EVENT_TIME_H_
