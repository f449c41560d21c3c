#include "tools/cli/export_verifier.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/store/checkpoint.h"

namespace trialgate::cli {

using store::ChainFault;
using store::CommitNumber;

bool ExportVerifier::Full() const {
  return static_cast<std::size_t>(result_.faults_size()) >= store::kMaxChainFaults;
}

// The number of the event that should come next; 0: of the header.
CommitNumber ExportVerifier::Place() const { return walker_.has_value() ? walker_->next() : 0; }

void ExportVerifier::Fault(CommitNumber number, std::string description) {
  if (Full()) return;
  v1::AuditFault* const fault = result_.add_faults();
  fault->set_number(number);
  fault->set_description(std::move(description));
  fault->set_line(line_);
}

void ExportVerifier::Fault(const std::optional<ChainFault>& fault) {
  if (fault.has_value()) Fault(fault->number, fault->description);
}

void ExportVerifier::AddLine(absl::string_view line) {
  if (Full()) return;
  const auto parsed = ParseLine(line);
  if (!parsed.ok()) return AddUnreadableLine(std::string(parsed.status().message()));
  ++line_;
  if (ended_) return Fault(Place(), "a line follows the last one");
  std::visit([this](const auto& one) { Add(one); }, *parsed);
}

void ExportVerifier::AddUnreadableLine(std::string why) {
  ++line_;
  // The line of the header: the first event says where the rest begins.
  if (!walker_.has_value()) return Fault(0, std::move(why));
  Fault(walker_->AddUnreadable(std::move(why)));
}

void ExportVerifier::Begin(CommitNumber first, const std::string& previous_hash,
                           const std::string& trail) {
  walker_.emplace(first, previous_hash);
  witness_.emplace(knowledge_, trail);
  first_ = first;
  last_ = first - 1;
  last_hash_ = previous_hash;
}

void ExportVerifier::Add(const ExportHeader& header) {
  if (walker_.has_value()) return Fault(walker_->AddUnreadable("a second first line"));
  header_ = header;
  if (header.first < 1 || (header.last != 0 && header.last < header.first)) {
    Fault(0, "the numbers of the first line contradict each other");
    header_.reset();
    return;
  }
  if (header.first == 1 && header.previous_hash != store::GenesisHash()) {
    Fault(1, "the first event there is follows from none, but the first line names one");
  }
  Begin(header.first, header.previous_hash, header.trail);
}

void ExportVerifier::Add(const ExportEvent& event) {
  const storage::v1::CommitRecord& record = event.record;
  if (!walker_.has_value()) {
    if (result_.faults_size() == 0) Fault(0, "the first line is missing");
    Begin(record.number(), record.prev_hash(), "");
  }
  const std::optional<ChainFault> fault = walker_->Add(record);
  Fault(fault);
  if (record.number() == 1 && header_.has_value() && header_->trail != record.hash()) {
    Fault(1, "it is not the first event of the trail that the first line names");
  }
  Fault(witness_->AddCommit(record.number(), record.hash()));
  AddCheckpoint(event);
  last_ = record.number();
  last_hash_ = record.hash();
  if (result_.faults_size() > 0) return;
  result_.set_events(last_ - first_ + 1);
  result_.set_last_number(last_);
  result_.set_head_hash(absl::BytesToHexString(last_hash_));
  result_.set_checkpoints(witness_->checkpoints());
  result_.set_signed_through(witness_->signed_through());
}

void ExportVerifier::AddCheckpoint(const ExportEvent& event) {
  const std::string key = store::CheckpointKeyOf(event.record);
  if (key.empty() != event.checkpoint.empty()) {
    return Fault(event.record.number(), key.empty() ? "it has a checkpoint that it did not store"
                                                    : "the checkpoint that it stored is missing");
  }
  if (key.empty()) return;
  const std::vector<store::Write> writes = {{key, event.checkpoint}};
  if (store::WritesDigest(writes) != event.record.writes_digest()) {
    return Fault(event.record.number(), "its checkpoint is not the one that it stored");
  }
  Fault(witness_->AddCheckpoint(event.checkpoint, event.record.number()));
}

void ExportVerifier::Add(const ExportEnd& end) {
  ended_ = true;
  if (!walker_.has_value()) return Fault(0, "the first line is missing");
  const CommitNumber due = header_.has_value() && header_->last != 0 ? header_->last : last_;
  if (!walker_->MayEndAfter(due)) {
    Fault(walker_->next(), absl::StrCat("the file ends before event ", due));
  } else if (end.events != due - first_ + 1) {
    Fault(due, absl::StrCat("the last line counts ", end.events, " events"));
  } else if (end.head_hash != last_hash_) {
    Fault(due, "the last line names another hash of the last event");
  }
}

v1::VerifyAuditTrailResponse ExportVerifier::Finish() {
  // Of the end there is no line.
  line_ = 0;
  if (!ended_) Fault(Place(), "the file ends without its last line: it was cut short");
  if (witness_.has_value()) {
    Fault(witness_->AddEnd(std::max<CommitNumber>(last_, 0)));
    AddUnsignedFault(*knowledge_, &result_);
  }
  result_.set_signatures_tested(!knowledge_->public_keys.empty());
  result_.set_intact(result_.faults_size() == 0);
  if (result_.faults_size() > 0) {
    result_.set_first_fault(result_.faults(0).number());
    result_.set_description(result_.faults(0).description());
  }
  return std::move(result_);
}

void AddUnsignedFault(const store::ChainKnowledge& knowledge,
                      v1::VerifyAuditTrailResponse* result) {
  if (knowledge.public_keys.empty() || result->faults_size() > 0 || result->checkpoints() > 0) {
    return;
  }
  v1::AuditFault* const fault = result->add_faults();
  fault->set_number(result->last_number());
  fault->set_description("no checkpoint by one of the given keys covers any of it");
}

v1::VerifyAuditTrailResponse VerifyExport(std::istream& in,
                                          const store::ChainKnowledge& knowledge) {
  ExportVerifier verifier(&knowledge);
  std::string line;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (!verifier.Full() &&
         (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)) {
    absl::string_view rest(buffer.data(), static_cast<std::size_t>(in.gcount()));
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      absl::StrAppend(&line, rest.substr(0, end));
      if (end == absl::string_view::npos) break;
      verifier.AddLine(line);
      line.clear();
      rest.remove_prefix(end + 1);
    }
    if (line.size() > kMaxLineBytes) {
      verifier.AddUnreadableLine("the line is longer than any that is written");
      return verifier.Finish();
    }
  }
  if (!line.empty()) verifier.AddUnreadableLine("the line has no end: the file was cut short");
  return verifier.Finish();
}

}  // namespace trialgate::cli
