#include "common/rpc/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace trialgate::rpc {
namespace {

constexpr std::size_t kMaxBytes = 64;
constexpr std::size_t kNetworkBytes = 8;  // of 16

std::string AsItIs(absl::string_view peer) { return std::string(peer.substr(0, kMaxBytes)); }

}  // namespace

std::string PeerNetwork(absl::string_view peer) {
  absl::string_view rest = peer;
  if (absl::ConsumePrefix(&rest, "ipv4:")) return AsItIs(rest.substr(0, rest.rfind(':')));
  if (!absl::ConsumePrefix(&rest, "ipv6:")) return AsItIs(peer);
  // gRPC writes it as part of a URI.
  const std::string text = absl::StrReplaceAll(rest, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  const absl::string_view bracketed = text;
  if (bracketed.empty() || bracketed.front() != '[') return AsItIs(peer);
  const std::string host(bracketed.substr(1, bracketed.find_first_of("]%") - 1));
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return AsItIs(peer);
  std::memset(address.s6_addr + kNetworkBytes, 0, sizeof(address.s6_addr) - kNetworkBytes);
  std::array<char, INET6_ADDRSTRLEN> network = {};
  inet_ntop(AF_INET6, &address, network.data(), network.size());
  return absl::StrCat(network.data(), "/64");
}

}  // namespace trialgate::rpc
