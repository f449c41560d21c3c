#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/sign_in.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string TimeOf(Session& session, absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", time, session.screen().zone);
}

absl::StatusOr<Connection> ConnectionToSignInTo(Session& session) {
  ABSL_ASSIGN_OR_RETURN(Connection connection,
                        ChooseConnection(session.flags().connection, session.environment()));
  if (connection.sign_in.has_value()) return connection;
  if (connection.context.empty()) {
    return WithHint(UsageError("there is no context to sign in to"),
                    "`trialgate config set-context NAME --server … --issuer … --client-id …`, then "
                    "`trialgate login --context NAME`");
  }
  return WithHint(
      UsageError(absl::StrCat("the context ", connection.context, " says nowhere to sign in")),
      absl::StrCat("`trialgate config set-context ", connection.context,
                   " --issuer … --client-id …`"));
}

void ShowCode(Session& session, const DeviceCode& code) {
  session.Note(absl::StrCat("To sign in, open\n\n    ", Clean(code.verification_uri),
                            "\n\nand enter the code\n\n    ", Clean(code.user_code), "\n"));
  if (!code.verification_uri_complete.empty()) {
    session.Note(
        absl::StrCat("or open both at once:\n\n    ", Clean(code.verification_uri_complete), "\n"));
  }
  session.Note(absl::StrCat("Waiting until ", TimeOf(session, code.expires), "; Ctrl-C ends it."));
}

absl::Status Login(Session& session, bool client_credentials) {
  ABSL_ASSIGN_OR_RETURN(const Connection connection, ConnectionToSignInTo(session));
  const InterruptGuard guard;
  SignInSession sign_in(session.sign_in_world(), connection);
  const absl::StatusOr<absl::Time> until =
      client_credentials
          ? sign_in.SignInByClientCredentials()
          : sign_in.SignInByDevice([&](const DeviceCode& code) { ShowCode(session, code); });
  if (absl::IsCancelled(until.status())) session.Note("\nCancelled: nobody is signed in.");
  if (!until.ok()) return until.status();
  session.Note(absl::StrCat("Signed in to the context ", connection.context,
                            ". The token holds until ", TimeOf(session, *until),
                            "; it is renewed by itself where the provider permits."));
  return absl::OkStatus();
}

absl::Status Logout(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const Connection connection, ConnectionToSignInTo(session));
  SignInSession sign_in(session.sign_in_world(), connection);
  ABSL_ASSIGN_OR_RETURN(const std::string words, sign_in.SignOut());
  session.Note(words);
  return absl::OkStatus();
}

}  // namespace

void AddLoginCommands(CLI::App& app, Session& session) {
  CLI::App* login = app.add_subcommand(
      "login", "Sign in at the OpenID provider of a context; the tokens are kept for its commands");
  const auto device = std::make_shared<bool>(false);
  const auto client_credentials = std::make_shared<bool>(false);
  CLI::Option* by_device = login->add_flag(
      "--device", *device, "As a person, with a browser, on this or another device (default)");
  login
      ->add_flag("--client-credentials", *client_credentials,
                 "As a program, with the secret that client-secret-file or client-secret-env names")
      ->excludes(by_device);
  OnLocalCall(login, session, [&session, device, client_credentials] {
    return Login(session, *client_credentials);
  });
  CLI::App* logout =
      app.add_subcommand("logout", "Forget the tokens of a context, and have them revoked");
  OnLocalCall(logout, session, [&session] { return Logout(session); });
}

}  // namespace trialgate::cli
