// What those who watch wait for, besides the resource names `trialRequests/{id}` (a request, or one
// of its referrals) and `desks/{id}` (a referral of the desk): services/server/watch_topics.cc says
// which commits are about which.
#ifndef TRIALGATE_SERVICES_ACCESS_WATCH_TOPICS_H_
#define TRIALGATE_SERVICES_ACCESS_WATCH_TOPICS_H_

namespace trialgate::access {

// Any CDA.
inline constexpr char kCdaTopic[] = "cdas";
// Any record of the directory but the ledgers of slots.
inline constexpr char kDirectoryTopic[] = "directory";
// Any site's ledger of slots.
inline constexpr char kCapacityTopic[] = "capacities";

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_WATCH_TOPICS_H_
