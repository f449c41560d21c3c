#include "tools/load/client.h"

#include <chrono>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace trialgate::load {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Target& target,
                                                        const std::string& role) {
  if (target.pki.empty()) return grpc::InsecureChannelCredentials();
  const std::string own = absl::StrCat(target.pki, "/clients/load-", role);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Read(target.pki + "/ca.crt");
  options.pem_private_key = Read(own + ".key");
  options.pem_cert_chain = Read(own + ".crt");
  return grpc::SslCredentials(options);
}

}  // namespace

Client::Client(const Target& target, const std::string& role)
    : principal_(target.pki.empty() ? absl::StrCat(role, "::load") : ""),
      channel(grpc::CreateChannel(target.server, CredentialsOf(target, role))),
      requests(v1::TrialRequestService::NewStub(channel)),
      referrals(v1::ReferralService::NewStub(channel)),
      directory(v1::DirectoryService::NewStub(channel)),
      audit(v1::AuditService::NewStub(channel)) {}

void Client::Prepare(grpc::ClientContext& context, int seconds) const {
  if (!principal_.empty()) context.AddMetadata("trialgate-principal", principal_);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
}

}  // namespace trialgate::load
