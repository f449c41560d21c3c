// A server whose answers a test writes down, in this process, on a port of the system's choice.
#ifndef TRIALGATE_TESTS_UNIT_CLI_FAKE_SERVER_H_
#define TRIALGATE_TESTS_UNIT_CLI_FAKE_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "google/protobuf/message.h"

namespace trialgate::cli {

// Thread-safe.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  // host:port.
  std::string address() const;

  // What `method` ("GetSite") answers, call by call; the last answer stays. A method that no answer
  // was written down for fails with INTERNAL.
  void Answer(const std::string& method, const google::protobuf::Message& response);
  void Fail(const std::string& method, const absl::Status& status);

  // What `method` was asked, in order. Each is of the type `Request`.
  template <typename Request>
  std::vector<Request> Asked(const std::string& method) const {
    std::vector<Request> requests;
    for (const std::string& bytes : AskedBytes(method)) {
      requests.emplace_back().ParseFromString(bytes);
    }
    return requests;
  }

  // The principal that the last call named.
  std::string principal() const;

 private:
  struct Reply {
    absl::Status status;
    std::string bytes;
  };
  struct Services;
  friend struct Services;

  std::vector<std::string> AskedBytes(const std::string& method) const;
  Reply Take(const std::string& method, const std::string& principal,
             const google::protobuf::Message& request);

  mutable Mutex mu_;
  std::map<std::string, std::vector<Reply>> replies_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<std::string>> asked_ ABSL_GUARDED_BY(mu_);
  std::string principal_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Services> services_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TESTS_UNIT_CLI_FAKE_SERVER_H_
