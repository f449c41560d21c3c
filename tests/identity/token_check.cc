// Verifies bearer tokens as the server does, for tests with tokens that others made.
//
//   token_check --issuer URL --audience URL [--jwks-file FILE | --jwks-url URL] [--ca-file FILE]
//
// Standard input has one token a line; for each there is one line on standard output, at once:
//
//   accepted national::carol
//   refused INVALID_TOKEN the bearer token has expired; ...
//
// Without file and URL the keys are found by discovery from the issuer. The log goes to standard
// error.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/config/settings.h"
#include "common/identity/key_source.h"
#include "common/identity/principal.h"
#include "common/identity/token_verifier.h"

namespace trialgate::identity {
namespace {

struct Options {
  TokenConfig token;
  std::string jwks_file;
  std::string jwks_url;
  CurlFetcherOptions fetcher;
};

absl::StatusOr<Options> ReadOptions(const std::vector<std::string>& arguments) {
  Options options;
  config::Settings settings("TOKEN_CHECK_");
  settings.Add("issuer", "URL", "who issues the tokens", &options.token.issuer);
  settings.Add("audience", "URL", "whom they are for", &options.token.audience);
  settings.Add("jwks-file", "FILE", "the issuer's keys", &options.jwks_file);
  settings.Add("jwks-url", "URL", "where the issuer's keys are", &options.jwks_url);
  settings.Add("ca-file", "FILE", "whose certificates are trusted", &options.fetcher.ca_file);
  ABSL_RETURN_IF_ERROR(settings.Load(arguments, {}));
  ABSL_RETURN_IF_ERROR(CheckTokenConfig(options.token));
  return options;
}

absl::StatusOr<std::unique_ptr<KeySource>> Keys(const Options& options, HttpFetcher* fetcher,
                                                const Clock* clock) {
  if (!options.jwks_file.empty()) return NewFileKeySource(options.jwks_file, clock);
  if (!options.jwks_url.empty()) return NewUrlKeySource(options.jwks_url, fetcher, clock);
  return NewDiscoveredKeySource(options.token.issuer, fetcher, clock);
}

absl::Status Run(const std::vector<std::string>& arguments) {
  ABSL_ASSIGN_OR_RETURN(const Options options, ReadOptions(arguments));
  const SystemClock clock;
  const std::unique_ptr<HttpFetcher> fetcher = NewCurlFetcher(options.fetcher);
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<KeySource> keys,
                        Keys(options, fetcher.get(), &clock));
  TokenVerifier verifier(options.token, keys.get(), &clock);
  for (std::string line; std::getline(std::cin, line);) {
    const Secret token(line);
    const absl::StatusOr<v1::Principal> principal = verifier.Verify(token.Reveal());
    if (principal.ok()) {
      std::cout << "accepted " << FormatPrincipal(*principal) << std::endl;
    } else {
      std::cout << "refused " << ReasonName(ReasonOf(principal.status())) << " "
                << principal.status().message() << std::endl;
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace trialgate::identity

int main(int argc, char** argv) {
  const absl::Status status =
      trialgate::identity::Run(std::vector<std::string>(argv + 1, argv + argc));
  if (status.ok()) return 0;
  std::cerr << status << std::endl;
  return 1;
}
