// TLS for gRPC's server, with material that changes while it runs.
#ifndef TRIALGATE_COMMON_RPC_TLS_CREDENTIALS_H_
#define TRIALGATE_COMMON_RPC_TLS_CREDENTIALS_H_

#include <memory>

#include "common/rpc/tls_reloader.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace trialgate::rpc {

// Whether clients have to prove who they are in the handshake. One that they give is verified
// either way; where the material has no authorities for clients, they are asked for none.
enum class ClientCertificates { kRequired, kOptional };

// TLS 1.2 or later. Each handshake uses what `tls` has by then; connections that are open stay. The
// result is for one port, and lives longer than its server; `tls` is not owned and outlives it.
std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(const TlsReloader* tls,
                                                           ClientCertificates clients);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_TLS_CREDENTIALS_H_
