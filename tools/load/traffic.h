// Traffic for load and crash tests: requests, answers and capacity changes, from many calls in
// flight.
#ifndef TRIALGATE_TOOLS_LOAD_TRAFFIC_H_
#define TRIALGATE_TOOLS_LOAD_TRAFFIC_H_

#include <cstdint>
#include <string>

#include "tools/load/client.h"

namespace trialgate::load {

struct TrafficOptions {
  Target target;              // the server
  std::string organization;   // `organizations/{id}` that submits
  std::string ledger;         // file to which all that was acknowledged is appended
  int64_t requests = 1000;    // how many to submit
  int in_flight = 64;         // calls at the same time
  int patience_seconds = 60;  // how long one request is retried while the server is away
  uint64_t seed = 1;          // of what is asked, answered and changed
};

struct TrafficResult {
  int64_t acknowledged = 0;      // requests whose submit was answered OK
  int64_t answers = 0;           // referrals answered
  int64_t no_free_slot = 0;      // answers refused because a month was full
  int64_t capacity_changes = 0;  // capacity changes accepted
  int64_t failed = 0;            // requests given up, after patience_seconds or for a final error
  std::string first_error;       // what the first failure said
  double seconds = 0;            // wall time
};

// Submits, retrying each request with the same request id while the server is away; every fourth
// request's referrals are answered with firm offers, and after every tenth a site's capacity is
// set. Stops by itself. A line of the ledger is, by spaces, "request" with its name and its
// referrals', or "answer" with the referral's name and the sites offered; written before the next
// call.
TrafficResult RunTraffic(const TrafficOptions& options);

}  // namespace trialgate::load

#endif  // TRIALGATE_TOOLS_LOAD_TRAFFIC_H_
