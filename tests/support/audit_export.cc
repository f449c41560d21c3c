#include "tests/support/audit_export.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/audit/audit_app.h"
#include "services/audit/checkpoint_app.h"
#include "tests/support/fake_ids.h"
#include "tests/support/memory_store.h"
#include "tests/support/status_matchers.h"
#include "tools/cli/export_line.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate {
SampleTrail::SampleTrail(int events, int checkpoint_every)
    : store_(store::MemoryStoreWith(&clock_)) {
  for (int i = 1; i <= events; ++i) {
    clock_.Advance(absl::Milliseconds(1234));
    if (i % checkpoint_every == 0) {
      Checkpoint();
    } else if (i % 5 == 0) {
      Reads(i);
    } else {
      Change(i);
    }
  }
}

void SampleTrail::Change(int i) {
  v1::AuditEvent event;
  event.mutable_principal()->set_role(v1::ROLE_REQUESTER);
  event.mutable_principal()->set_subject(absl::StrCat("subject-", i % 17));
  event.mutable_principal()->set_organization("organizations/acme");
  event.set_action("SubmitTrialRequest");
  if (i % 3 == 0) event.set_reason("Ærligt talt: \"quoted\", 日本");
  event.add_changes()->set_name(absl::StrCat("trialRequests/r", i));
  std::vector<store::Write> writes = {
      {absl::StrCat("10/trialRequests/r", i), absl::StrCat("value ", i)},
      {absl::StrCat("a2/organizations/acme\1trialRequests/r", i), ""}};
  EXPECT_OK(store_->Commit({absl::StrCat("commit", i), {}, writes, event.SerializeAsString()}));
}

void SampleTrail::Reads(int i) {
  v1::AuditEvent event;
  event.mutable_principal()->set_role(v1::ROLE_PROGRAM);
  event.set_action("ReadConfidential");
  v1::AuditRead* const read = event.add_reads();
  read->mutable_principal()->set_role(v1::ROLE_NATIONAL);
  read->set_method("GetTrialRequest");
  read->add_names(absl::StrCat("trialRequests/r", i - 1));
  EXPECT_OK(store_->Commit({absl::StrCat("commit", i), {}, {}, event.SerializeAsString()}));
}

void SampleTrail::Checkpoint() {
  FakeIds ids(absl::StrCat("sign", store_->Head(), "-"));
  audit::CheckpointApp app(store_.get(), &clock_, &ids, key_);
  EXPECT_OK(app.Sign(/*anyhow=*/true));
}

std::vector<std::string> SampleTrail::Lines(store::CommitNumber first, store::CommitNumber last) {
  std::vector<std::string> lines;
  const auto add = [&](const cli::ExportLine& content) {
    auto line = cli::FormatLine(content);
    EXPECT_OK(line);
    lines.push_back(std::move(line).value_or(""));
  };
  const audit::AuditApp app(store_.get());
  v1::ExportAuditEventsRequest request;
  request.set_first_number(first);
  request.set_last_number(last);
  cli::ExportEnd end;
  do {
    auto page = app.Export(request);
    EXPECT_OK(page);
    if (lines.empty()) {
      end.head_hash = page->audit_records_size() > 0 ? page->audit_records(0).previous_hash()
                                                     : store::GenesisHash();
      add(cli::ExportHeader{page->trail(), first, page->last_number(), end.head_hash,
                            "auditor::axel", "2026-03-05T09:00:00+00:00"});
    }
    for (v1::AuditRecord& record : *page->mutable_audit_records()) {
      ++end.events;
      end.head_hash = record.hash();
      add(cli::FromAuditRecord(std::move(record)));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  add(end);
  return lines;
}

std::string FileOf(const std::vector<std::string>& lines) {
  std::string file;
  for (const std::string& line : lines) absl::StrAppend(&file, line, "\n");
  return file;
}

}  // namespace trialgate
