// Whom a peer is held to be, by its address.
#ifndef TRIALGATE_COMMON_RPC_PEER_ADDRESS_H_
#define TRIALGATE_COMMON_RPC_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace trialgate::rpc {

// The address without its port, from the form in which gRPC tells it: "192.0.2.1" of
// "ipv4:192.0.2.1:4711". Of an IPv6 address the network alone, as whoever has one address has all
// of them: "2001:db8:1:2::/64" of "ipv6:%5B2001:db8:1:2:3:4:5:6%5D:4711". Anything else as it is,
// cut to 64 bytes.
std::string PeerNetwork(absl::string_view peer);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_PEER_ADDRESS_H_
