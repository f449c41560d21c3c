// Metrics of the process itself, under the names common to Prometheus's client libraries.
#ifndef TRIALGATE_COMMON_OBS_PROCESS_METRICS_H_
#define TRIALGATE_COMMON_OBS_PROCESS_METRICS_H_

#include "common/obs/metrics.h"

namespace trialgate::obs {

// Adds memory, processor time, open files and start time; read from /proc when asked for, and left
// out where they cannot be read.
void AddProcessMetrics(MetricsRegistry* registry);

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_PROCESS_METRICS_H_
