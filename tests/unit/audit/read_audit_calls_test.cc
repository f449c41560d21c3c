// That the recording of reads decides over calls: those with confidential content, and no others.
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/rpc/call_runner.h"
#include "common/store/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/audit_service.h"
#include "services/audit/read_audit_app.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;

class FullDisk final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  absl::StatusOr<store::CommitOutcome> Commit(store::CommitRequest request) override {
    if (full) return absl::UnavailableError("no space left");
    return StoreDecorator::Commit(std::move(request));
  }

  bool full = false;
};

class ReadAuditCallsTest : public testing::Test {
 protected:
  ReadAuditCallsTest()
      : memory_(store::NewMemoryStore({})),
        store_(memory_.get()),
        reads_(&store_, &clock_, &ids_),
        app_(&store_),
        service_(NewAuditService(&app_)) {
    rpc::CallRunnerOptions options;
    options.threads = 1;
    options.authenticator = authenticator_.get();
    options.read_recorder = &reads_;
    runner_ = std::make_unique<rpc::CallRunner>(options);
  }

  // Calls a method with an empty request.
  absl::Status Call(const std::string& method) {
    std::promise<absl::Status> done;
    rpc::IncomingCall call;
    call.credentials.named_principals = {"auditor::dan"};
    call.finish = [&](rpc::IncomingCall::Answer answer) { done.set_value(answer.status()); };
    runner_->Run(service_->full_name(), service_->methods().at(method), nullptr, std::move(call));
    return done.get_future().get();
  }

  FakeClock clock_;
  FakeIds ids_{"commit"};
  std::unique_ptr<store::Store> memory_;
  FullDisk store_;
  ReadAuditApp reads_;
  AuditApp app_;
  std::unique_ptr<rpc::Service> service_;
  const std::unique_ptr<rpc::Authenticator> authenticator_ = rpc::NewInsecureAuthenticator();
  std::unique_ptr<rpc::CallRunner> runner_;
};

TEST_F(ReadAuditCallsTest, AnExportIsRecordedAListIsNot) {
  ASSERT_OK(Call("ListAuditEvents"));
  EXPECT_EQ(reads_.waiting(), 0u);
  ASSERT_OK(Call("ExportAuditEvents"));
  EXPECT_EQ(reads_.waiting(), 1u);
}

TEST_F(ReadAuditCallsTest, WhileReadsCannotBeStoredOnlyConfidentialCallsAreRefused) {
  store_.full = true;
  ASSERT_OK(Call("ExportAuditEvents")) << "nothing has failed yet";
  EXPECT_FALSE(reads_.FlushNow().ok());
  EXPECT_THAT(Call("ExportAuditEvents"), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                               HasReason(v1::ERROR_REASON_AUDIT_UNAVAILABLE)));
  EXPECT_OK(Call("ListAuditEvents"));
  EXPECT_OK(Call("VerifyAuditTrail"));
  store_.full = false;
  ASSERT_OK(reads_.FlushNow());
  EXPECT_OK(Call("ExportAuditEvents"));
}

}  // namespace
}  // namespace trialgate::audit
