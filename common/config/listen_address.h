// Addresses to listen on: "127.0.0.1:7420", "[::1]:0", "localhost:7420".
#ifndef TRIALGATE_COMMON_CONFIG_LISTEN_ADDRESS_H_
#define TRIALGATE_COMMON_CONFIG_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trialgate::config {

struct ListenAddress {
  // A literal IPv4 or IPv6 address, without brackets.
  std::string host;
  // 0: any free one.
  int port = 0;
  // Whether only this machine can reach it.
  bool loopback = false;
};

// Reads "host:port". A host is a literal address (IPv6 in brackets) or "localhost", which stands
// for 127.0.0.1: a name could mean several. FAILED_PRECONDITION (CONFIGURATION).
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// The address as ParseListenAddress reads it.
std::string FormatHostPort(const ListenAddress& address);

// Connects to the address and hangs up at once, whether or not anyone listens: wakes who waits for
// a connection.
void Knock(const ListenAddress& address);

// Why `address` could not be listened on, found by trying again: in use, not permitted, not of this
// machine. `text` is what was configured, by `setting`. FAILED_PRECONDITION (CONFIGURATION,
// metadata "address", "setting").
absl::Status ListenError(const ListenAddress& address, absl::string_view text,
                         absl::string_view setting);

}  // namespace trialgate::config

#endif  // TRIALGATE_COMMON_CONFIG_LISTEN_ADDRESS_H_
