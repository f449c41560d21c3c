#include "common/rpc/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>
#include <utility>

namespace trialgate::rpc {
namespace {

// A key with a password is none that a server can use, and nobody is to be asked at a terminal.
int NoPassword(char*, int, int, void*) { return -1; }

// Whether the last read failed only because nothing of the kind was left.
bool AtEnd() {
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end;
}

template <typename Pointer, typename Read>
std::optional<std::vector<Pointer>> ReadAll(absl::string_view pem, std::size_t max, Read read) {
  const BioPtr bio = Over(pem);
  std::vector<Pointer> all;
  ERR_clear_error();
  while (Pointer next{read(bio.get(), nullptr, NoPassword, nullptr)}) {
    if (all.size() == max) return std::nullopt;
    all.push_back(std::move(next));
  }
  if (!AtEnd() || all.empty()) return std::nullopt;
  return all;
}

// Valid as long as `bio` is, and nothing more is written.
absl::string_view Written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

std::optional<std::vector<X509Ptr>> CertificatesOfPem(absl::string_view pem, std::size_t max) {
  return ReadAll<X509Ptr>(pem, max, PEM_read_bio_X509);
}

std::optional<std::vector<CrlPtr>> CrlsOfPem(absl::string_view pem, std::size_t max) {
  return ReadAll<CrlPtr>(pem, max, PEM_read_bio_X509_CRL);
}

KeyPtr KeyOfPem(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(Over(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return key;
}

std::string ToPem(const std::vector<X509Ptr>& certificates) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  for (const X509Ptr& certificate : certificates) PEM_write_bio_X509(bio.get(), certificate.get());
  return std::string(Written(bio.get()));
}

Secret ToPem(EVP_PKEY* key) {
  // Of a kind that wipes what it held.
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO_write(bio.get(), "", 1);
  return Secret(Written(bio.get()));
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace trialgate::rpc
