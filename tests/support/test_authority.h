// A certificate authority for tests.
//
//   const TestAuthority authority("authority", clock.Now());
//   const TestCertificate alice = authority.Issue({.uris = {"urn:trialgate:national::alice"}});
#ifndef TRIALGATE_TESTS_SUPPORT_TEST_AUTHORITY_H_
#define TRIALGATE_TESTS_SUPPORT_TEST_AUTHORITY_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

struct evp_pkey_st;
struct x509_st;

namespace trialgate {

struct TestCertificate {
  // What OpenSSL draws for it.
  long serial = 0;
  std::string certificate_pem;
  std::string key_pem;
};

// Ends the process where OpenSSL fails. Not thread-safe while it issues and revokes.
class TestAuthority {
 public:
  struct Wish {
    // Subject alternative names.
    std::vector<std::string> uris = {};
    std::vector<std::string> host_names = {};
    // "clientAuth", "serverAuth", both with a comma; empty: no extended key usage.
    std::string usage = "clientAuth";
    // From the authority's first instant on.
    absl::Duration valid_for = absl::Hours(24 * 30);
    std::string common_name = "test";
  };

  // Valid for a year from `now` on; signed by itself, or by `parent`.
  TestAuthority(const std::string& name, absl::Time now, const TestAuthority* parent = nullptr);

  TestCertificate Issue(const Wish& wish) const;

  // Puts it on the lists that are made from now on.
  void Revoke(const TestCertificate& certificate) { revoked_.insert(certificate.serial); }
  void Revoke(const TestAuthority& authority) { revoked_.insert(authority.serial_); }
  // A revocation list, in PEM, that holds between the two instants.
  std::string Crl(absl::Time from, absl::Time until) const;

  const std::string& certificate_pem() const { return certificate_pem_; }

 private:
  absl::Time now_;
  long serial_;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  std::string certificate_pem_;
  std::set<long> revoked_;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_TEST_AUTHORITY_H_
