// Verifies an exported audit trail line by line, in memory that does not grow with it.
#ifndef TRIALGATE_TOOLS_CLI_EXPORT_VERIFIER_H_
#define TRIALGATE_TOOLS_CLI_EXPORT_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/store/chain.h"
#include "common/store/chain_walker.h"
#include "common/store/chain_witness.h"
#include "tools/cli/export_line.h"
#include "trialgate/v1/audit_service.pb.h"

namespace trialgate::cli {

// Bytes of one line at most; the largest event that the store takes has less.
inline constexpr std::size_t kMaxLineBytes = std::size_t{256} << 20;

// Not thread-safe.
//
//   ExportVerifier verifier(&knowledge);
//   for each line: verifier.AddLine(line);
//   verifier.Finish()
class ExportVerifier {
 public:
  // `knowledge` is not owned and outlives this.
  explicit ExportVerifier(const store::ChainKnowledge* knowledge) : knowledge_(knowledge) {}

  // Takes the next line, without its line break.
  void AddLine(absl::string_view line);

  // Takes note that the next line cannot be read.
  void AddUnreadableLine(std::string why);

  // Whether no further fault will be told.
  bool Full() const;

  // What was found: faults by event and line, at most store::kMaxChainFaults. Call once, last.
  v1::VerifyAuditTrailResponse Finish();

 private:
  void Fault(store::CommitNumber number, std::string description);
  void Fault(const std::optional<store::ChainFault>& fault);
  void Add(const ExportHeader& header);
  void Add(const ExportEvent& event);
  void Add(const ExportEnd& end);
  void AddCheckpoint(const ExportEvent& event);
  void Begin(store::CommitNumber first, const std::string& previous_hash, const std::string& trail);
  store::CommitNumber Place() const;

  const store::ChainKnowledge* const knowledge_;
  v1::VerifyAuditTrailResponse result_;
  std::int64_t line_ = 0;
  std::optional<ExportHeader> header_;
  // From the header on, or where it is damaged from the first event on.
  std::optional<store::ChainWalker> walker_;
  std::optional<store::ChainWitness> witness_;
  store::CommitNumber first_ = 1;
  // The last event that was read, and its hash.
  store::CommitNumber last_ = 0;
  std::string last_hash_;
  bool ended_ = false;
};

// Adds a fault where there are public keys, and a trail without any other fault has no checkpoint
// by one of them: else it would do to remove all of them.
void AddUnsignedFault(const store::ChainKnowledge& knowledge, v1::VerifyAuditTrailResponse* result);

// Verifies what `in` holds.
v1::VerifyAuditTrailResponse VerifyExport(std::istream& in, const store::ChainKnowledge& knowledge);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_EXPORT_VERIFIER_H_
