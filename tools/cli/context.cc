#include "tools/cli/context.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/config/listen_address.h"
#include "common/identity/http_fetcher.h"
#include "tools/cli/arguments.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

// Values of one group say the same thing in different ways: saying one takes the place of those
// said below.
using Group = std::vector<std::vector<absl::string_view>>;

const Group& Connections() {
  static const Group group = {{"insecure"}, {"ca", "certificate", "key", "server-name"}};
  return group;
}

const Group& Identities() {
  static const Group group = {{"as"},
                              {"token-file"},
                              {"issuer", "issuer-ca", "client-id", "audience", "scopes",
                               "client-secret-file", "client-secret-env"}};
  return group;
}

bool Has(const SaidValues& values, absl::string_view key) {
  const auto found = values.find(std::string(key));
  return found != values.end() && !found->second.value.empty();
}

// The first of `keys` that is said, or null.
const Said* FirstOf(const SaidValues& values, const std::vector<absl::string_view>& keys) {
  for (const absl::string_view key : keys) {
    if (Has(values, key)) return &values.at(std::string(key));
  }
  return nullptr;
}

void Supersede(const Group& group, const SaidValues& values, SaidValues* below) {
  for (const auto& chosen : group) {
    if (FirstOf(values, chosen) == nullptr) continue;
    for (const auto& others : group) {
      if (&others == &chosen) continue;
      for (const absl::string_view key : others) below->erase(std::string(key));
    }
  }
}

// Two ways of `group` at once.
void CheckGroup(const Group& group, const SaidValues& values, absl::string_view words,
                FieldFaults* faults) {
  const Said* first = nullptr;
  for (const auto& keys : group) {
    const Said* const said = FirstOf(values, keys);
    if (said == nullptr) continue;
    if (first != nullptr) {
      faults->Add(said->where, v1::ERROR_REASON_CONTRADICTION,
                  absl::StrCat(words, ", besides ", first->where, ": leave out one of the two"));
    }
    first = said;
  }
}

void CheckNeeds(const SaidValues& values, absl::string_view key, absl::string_view needed,
                FieldFaults* faults) {
  if (!Has(values, key) || Has(values, needed)) return;
  faults->Add(values.at(std::string(key)).where, v1::ERROR_REASON_REQUIRED,
              absl::StrCat("needs ", needed, " besides"));
}

bool IsVariableName(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c));
         });
}

void CheckForms(const SaidValues& values, FieldFaults* faults) {
  if (Has(values, "as")) {
    const Said& as = values.at("as");
    FieldFaults of_text;
    ParsePrincipal(as.value, &of_text);
    for (const FieldViolation& fault : of_text.told()) {
      faults->Add(as.where, fault.reason, fault.description);
    }
  }
  if (Has(values, "issuer") && (!IsTrustworthyUrl(values.at("issuer").value) ||
                                absl::StrContains(values.at("issuer").value, "?"))) {
    faults->Add(values.at("issuer").where, v1::ERROR_REASON_INVALID_FORMAT,
                "must be an https address (http on this machine) without user, query or fragment");
  }
  if (Has(values, "client-secret-env") && !IsVariableName(values.at("client-secret-env").value)) {
    faults->Add(values.at("client-secret-env").where, v1::ERROR_REASON_INVALID_FORMAT,
                "must be the name of a variable, not the secret itself");
  }
}

// What is said without proof must not leave the machine.
void CheckWithoutTls(const SaidValues& values, FieldFaults* faults) {
  const bool elsewhere = Has(values, "server") && !IsLoopback(values.at("server").value);
  if (elsewhere && Has(values, "insecure")) {
    faults->Add(values.at("insecure").where, v1::ERROR_REASON_CONTRADICTION,
                "is for servers on this machine only, such as 127.0.0.1:7420");
  }
  if (Has(values, "as") && IsTls(values)) {
    faults->Add(values.at("as").where, v1::ERROR_REASON_CONTRADICTION,
                "is for servers on this machine without TLS (--insecure-dev); with TLS a "
                "certificate or a token says who you are");
  }
}

}  // namespace

const std::vector<ContextKey>& ContextKeys() {
  static const std::vector<ContextKey> keys = {
      {"server", KeyKind::kText, true, "The server's address, host:port; default: 127.0.0.1:7420"},
      {"ca", KeyKind::kPath, true,
       "Certificates of the authorities that may sign the server's (PEM); default: the machine's"},
      {"certificate", KeyKind::kPath, true, "Certificate to be known by, with its chain (PEM)"},
      {"key", KeyKind::kPath, true, "Private key of the certificate (PEM)"},
      {"server-name", KeyKind::kText, true,
       "The name in the server's certificate where it is not that of the address"},
      {"insecure", KeyKind::kSwitch, true, "Without TLS; only to a server on this machine"},
      {"as", KeyKind::kText, true,
       "For whom to act, where the server runs with --insecure-dev; role:scope:subject: "
       "requester:organizations/acme:alice, coordinator:desks/north-denmark:bob, "
       "national::carol, auditor::dan"},
      {"token-file", KeyKind::kPath, true, "File that holds an access token, read at each command"},
      {"issuer", KeyKind::kText, false, "OpenID provider at which `login` signs in"},
      {"issuer-ca", KeyKind::kPath, false,
       "Certificates of the authorities that may sign the provider's (PEM); default: the "
       "machine's"},
      {"client-id", KeyKind::kText, false, "By what name the provider knows this program"},
      {"audience", KeyKind::kText, false,
       "The server as the provider knows it (resource, RFC 8707)"},
      {"scopes", KeyKind::kText, false,
       "Scopes to ask for, separated by spaces; default: openid offline_access"},
      {"client-secret-file", KeyKind::kPath, false, "File that holds the client's secret"},
      {"client-secret-env", KeyKind::kText, false,
       "Environment variable that holds the client's secret"},
  };
  return keys;
}

const ContextKey* FindContextKey(absl::string_view name) {
  for (const ContextKey& key : ContextKeys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::string VariableOf(const ContextKey& key) {
  return absl::StrCat("TRIALGATE_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(key.name, {{"-", "_"}})));
}

SaidValues SaidAt(absl::string_view prefix, const ContextValues& values) {
  SaidValues said;
  for (const auto& [key, value] : values) said[key] = {value, absl::StrCat(prefix, key)};
  return said;
}

SaidValues LayOver(const SaidValues& below, const SaidValues& values) {
  SaidValues both = below;
  Supersede(Connections(), values, &both);
  Supersede(Identities(), values, &both);
  for (const auto& [key, said] : values) both[key] = said;
  return both;
}

void CheckContext(const SaidValues& values, FieldFaults* faults) {
  CheckForms(values, faults);
  CheckWithoutTls(values, faults);
  CheckGroup(Connections(), values, "is for a connection with TLS", faults);
  CheckGroup(Identities(), values, "says who you are", faults);
  CheckNeeds(values, "certificate", "key", faults);
  CheckNeeds(values, "key", "certificate", faults);
  CheckNeeds(values, "issuer", "client-id", faults);
  for (const absl::string_view key : Identities().back()) {
    if (key != "issuer") CheckNeeds(values, key, "issuer", faults);
  }
  CheckGroup({{"client-secret-file"}, {"client-secret-env"}}, values, "says where the secret is",
             faults);
}

bool IsTls(const SaidValues& values) {
  if (Has(values, "insecure")) return false;
  return FirstOf(values, Connections().back()) != nullptr || Has(values, "token-file") ||
         Has(values, "issuer") || (Has(values, "server") && !IsLoopback(values.at("server").value));
}

bool IsLoopback(absl::string_view server) {
  const auto address = config::ParseListenAddress(server);
  return address.ok() && address->loopback;
}

bool IsTrustworthyUrl(absl::string_view url) {
  return identity::CheckFetchUrl(url).ok() && !absl::StrContains(url, "#");
}

bool IsContextName(absl::string_view name) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxContextName &&
         absl::ascii_isalnum(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), plain);
}

}  // namespace trialgate::cli
