// What must hold after any load and any crash.
#ifndef TRIALGATE_TOOLS_LOAD_VERIFY_H_
#define TRIALGATE_TOOLS_LOAD_VERIFY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/load/client.h"

namespace trialgate::load {

struct VerifyResult {
  int64_t requests = 0;             // requests in the ledger
  int64_t answers = 0;              // answers in the ledger
  int64_t referrals = 0;            // referrals read
  int64_t sites = 0;                // capacity ledgers read
  int64_t events = 0;               // audit events verified
  std::vector<std::string> faults;  // at most 20; empty: all holds
};

// Checks on the running server that each request of the ledger is there with just the referrals
// that were acknowledged, each answer with its offers, and each offer's hold in its site's
// capacity; that no request is there twice (`expected` in all; 0: not checked), that in no month of
// any site more is occupied and held than there are slots, and that the audit trail holds.
VerifyResult Verify(const Target& target, const std::string& ledger, int64_t expected);

}  // namespace trialgate::load

#endif  // TRIALGATE_TOOLS_LOAD_VERIFY_H_
