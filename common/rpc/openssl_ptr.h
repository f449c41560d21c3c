// Objects of OpenSSL that free themselves.
#ifndef TRIALGATE_COMMON_RPC_OPENSSL_PTR_H_
#define TRIALGATE_COMMON_RPC_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/string_view.h"

namespace trialgate::rpc {

struct OpensslFree {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

using BioPtr = std::unique_ptr<BIO, OpensslFree>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree>;
using X509Ptr = std::unique_ptr<X509, OpensslFree>;
using CrlPtr = std::unique_ptr<X509_CRL, OpensslFree>;
using StorePtr = std::unique_ptr<X509_STORE, OpensslFree>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree>;

// Reads `bytes`, which outlive it.
inline BioPtr Over(absl::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_OPENSSL_PTR_H_
