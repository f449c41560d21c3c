#include "common/config/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::config {
namespace {

constexpr int kMaxPort = 65535;

absl::Status Malformed(absl::string_view text) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("\"", text, "\" is no address to listen on: give host:port, such as ",
                            "127.0.0.1:7420 or [::1]:0"))
      .WithMetadata("address", text);
}

// The socket address, or false where the host is no literal.
bool ToSocketAddress(const ListenAddress& address, sockaddr_storage* storage, socklen_t* length) {
  std::memset(storage, 0, sizeof(*storage));
  auto* const v4 = reinterpret_cast<sockaddr_in*>(storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(storage);
  const auto port = htons(static_cast<std::uint16_t>(address.port));
  if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    *length = sizeof(*v4);
    return true;
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port;
    *length = sizeof(*v6);
    return true;
  }
  return false;
}

bool IsLoopback(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

// errno of binding and listening; 0 if it works.
int TryListen(const ListenAddress& address) {
  sockaddr_storage storage;
  socklen_t length = 0;
  if (!ToSocketAddress(address, &storage, &length)) return EINVAL;
  const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool ok =
      bind(fd, reinterpret_cast<const sockaddr*>(&storage), length) == 0 && listen(fd, 1) == 0;
  const int error = ok ? 0 : errno;
  close(fd);
  return error;
}

std::string Advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another process listens there: stop it, or choose another port";
    case EACCES:
      return "the port is not permitted to this user: choose one from 1024 on";
    case EADDRNOTAVAIL:
      return "it is no address of this machine";
    case 0:
      return "try again";
    default:
      return std::strerror(error);
  }
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(text);
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port = text.substr(colon + 1);
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address;
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  const bool digits = port.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!digits || !absl::SimpleAtoi(port, &address.port) || address.port > kMaxPort) {
    return Malformed(text);
  }
  sockaddr_storage storage;
  socklen_t length = 0;
  if (!ToSocketAddress(address, &storage, &length)) return Malformed(text);
  if (bracketed != (storage.ss_family == AF_INET6)) return Malformed(text);
  address.loopback = IsLoopback(storage);
  return address;
}

std::string FormatHostPort(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", address.host, v6 ? "]:" : ":", address.port);
}

void Knock(const ListenAddress& address) {
  sockaddr_storage storage;
  socklen_t length = 0;
  if (!ToSocketAddress(address, &storage, &length)) return;
  // Without blocking: that the connection is under way is enough.
  const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  connect(fd, reinterpret_cast<const sockaddr*>(&storage), length);
  close(fd);
}

absl::Status ListenError(const ListenAddress& address, absl::string_view text,
                         absl::string_view setting) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot listen on ", text, ": ", Advice(TryListen(address)), " (",
                            setting, ")"))
      .WithMetadata("address", text)
      .WithMetadata("setting", setting);
}

}  // namespace trialgate::config
