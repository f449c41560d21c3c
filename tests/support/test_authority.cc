#include "tests/support/test_authority.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

namespace trialgate {
namespace {

using Certificate = std::shared_ptr<X509>;
using Key = std::shared_ptr<EVP_PKEY>;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test authority: %s failed\n", what);
  std::abort();
}

Key NewKey() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Require(key != nullptr, "making a key");
  return key;
}

long NewSerial() {
  unsigned char bytes[4];
  Require(RAND_bytes(bytes, sizeof(bytes)) == 1, "drawing a serial number");
  return (long{bytes[0] & 0x7f} << 24 | long{bytes[1]} << 16 | long{bytes[2]} << 8 | bytes[3]) + 1;
}

std::string ToPem(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, void (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  Require(write(bio.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string CertificatePem(X509* certificate) {
  return ToPem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

void SetName(X509_NAME* name, const std::string& common_name) {
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.c_str()),
                                     -1, -1, 0) == 1,
          "naming");
}

Certificate NewCertificate(long serial, const std::string& common_name, EVP_PKEY* key,
                           absl::Time from, absl::Time until) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(from));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(until));
  SetName(X509_get_subject_name(certificate.get()), common_name);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), X509_EXTENSION_free);
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
          "adding an extension");
}

void AddNames(X509* certificate, const TestAuthority::Wish& wish) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(GENERAL_NAMES_new(),
                                                                       GENERAL_NAMES_free);
  const auto add = [&names](int type, const std::string& text) {
    ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
    GENERAL_NAME* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names.get(), name);
  };
  for (const std::string& uri : wish.uris) add(GEN_URI, uri);
  for (const std::string& host : wish.host_names) add(GEN_DNS, host);
  if (sk_GENERAL_NAME_num(names.get()) == 0) return;
  Require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1,
          "adding names");
}

void Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  AddExtension(certificate, issuer, NID_subject_key_identifier, "hash");
  Require(X509_sign(certificate, key, EVP_sha256()) > 0, "signing");
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name, absl::Time now, const TestAuthority* parent)
    : now_(now), serial_(NewSerial()), key_(NewKey()) {
  certificate_ = NewCertificate(serial_, name, key_.get(), now, now + absl::Hours(24 * 365));
  X509* const issuer = parent == nullptr ? certificate_.get() : parent->certificate_.get();
  AddExtension(certificate_.get(), issuer, NID_basic_constraints, "critical,CA:true");
  Sign(certificate_.get(), issuer, parent == nullptr ? key_.get() : parent->key_.get());
  certificate_pem_ = CertificatePem(certificate_.get());
}

TestCertificate TestAuthority::Issue(const Wish& wish) const {
  const Key key = NewKey();
  TestCertificate issued;
  issued.serial = NewSerial();
  const Certificate certificate =
      NewCertificate(issued.serial, wish.common_name, key.get(), now_, now_ + wish.valid_for);
  AddExtension(certificate.get(), certificate_.get(), NID_basic_constraints, "critical,CA:false");
  if (!wish.usage.empty()) {
    AddExtension(certificate.get(), certificate_.get(), NID_ext_key_usage, wish.usage.c_str());
  }
  AddNames(certificate.get(), wish);
  Sign(certificate.get(), certificate_.get(), key_.get());
  issued.certificate_pem = CertificatePem(certificate.get());
  issued.key_pem = ToPem([&key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return issued;
}

std::string TestAuthority::Crl(absl::Time from, absl::Time until) const {
  const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> list(X509_CRL_new(), X509_CRL_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> this_update(
      ASN1_TIME_set(nullptr, absl::ToTimeT(from)), ASN1_TIME_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> next_update(
      ASN1_TIME_set(nullptr, absl::ToTimeT(until)), ASN1_TIME_free);
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  X509_CRL_set1_lastUpdate(list.get(), this_update.get());
  X509_CRL_set1_nextUpdate(list.get(), next_update.get());
  for (const long serial : revoked_) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    const std::unique_ptr<ASN1_INTEGER, void (*)(ASN1_INTEGER*)> number(ASN1_INTEGER_new(),
                                                                        ASN1_INTEGER_free);
    ASN1_INTEGER_set(number.get(), serial);
    X509_REVOKED_set_serialNumber(entry, number.get());
    X509_REVOKED_set_revocationDate(entry, this_update.get());
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_CRL_sort(list.get());
  Require(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0, "signing a list");
  return ToPem([&list](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

}  // namespace trialgate
