// A real OpenID Provider on loopback, for tests (npm oidc-provider).
//
//   node tests/support/oidc_provider.mjs        (after tools/lib/install_dev_tools.sh)
//
// Standard input, first line: what to be, as JSON; every member may be left out:
//
//   {"audience": "https://trialgate.example",   the `aud` of its access tokens
//    "ttl": 600,                                seconds that they are valid
//    "clients": [{"id": "robot", "alg": "ES256", "claims": {"trialgate_role": "auditor"}}],
//    "users": [{"id": "alice", "claims": {"trialgate_role": "national"}}],
//    "device_alg": "RS256"}                     what tokens of the device flow are signed with
//
// `alg` is RS256 (also if absent), PS256, ES256 or EdDSA. Standard output, one line, once it
// listens:
//
//   {"issuer", "jwks_uri", "token_endpoint", "device_authorization_endpoint", "audience", "approve"}
//
// It ends when standard input does. What it says besides goes to standard error.
//
// Each client gets tokens at token_endpoint: grant_type=client_credentials, HTTP Basic with its id
// and the secret "<id>-secret". The public client "trialgate-cli" has the device flow (scope "openid
// offline_access api") and refresh tokens. In place of a person with a browser, a test says who
// signed in, or who did not want to:
//
//   POST approve {"user_code": "...", "user": "alice"}      204; 404: no such code or user
//   POST approve {"user_code": "...", "deny": true}

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { load } from './npm_packages.mjs';

// The provider's advice to who runs it is not for the reader of standard output.
console.info = console.error;
console.log = console.error;

const SCOPE = 'api';
const KEYS = { RS256: 'RSA', PS256: 'RSA', ES256: 'EC', EdDSA: 'OKP' };

const { default: Provider } = await load('oidc-provider');
const jose = await load('jose');

async function signingKeys() {
  const keys = [];
  for (const alg of Object.keys(KEYS)) {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    keys.push({ ...(await jose.exportJWK(privateKey)), kid: `key-${alg}`, alg, use: 'sig' });
  }
  return { keys };
}

function providerFor(issuer, wanted, jwks) {
  const clients = new Map(wanted.clients.map((client) => [client.id, client]));
  const users = new Map(wanted.users.map((user) => [user.id, user]));
  const algOf = (id) => clients.get(id)?.alg ?? (clients.has(id) ? 'RS256' : wanted.device_alg);
  return new Provider(issuer, {
    jwks,
    clients: [
      ...wanted.clients.map(({ id }) => ({
        client_id: id,
        client_secret: `${id}-secret`,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      })),
      {
        client_id: 'trialgate-cli',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    scopes: ['openid', 'offline_access', SCOPE],
    findAccount: (ctx, id) =>
      users.has(id) ? { accountId: id, claims: async () => ({ sub: id }) } : undefined,
    extraTokenClaims: (ctx, token) =>
      (token.accountId ? users.get(token.accountId) : clients.get(token.clientId))?.claims,
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => wanted.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) => ({
          audience: resource,
          scope: SCOPE,
          accessTokenTTL: wanted.ttl,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algOf(client.clientId) } },
        }),
      },
    },
    ttl: { DeviceCode: 600 },
  });
}

// What the provider does itself once somebody has signed in and agreed in a browser.
async function settle(provider, wanted, { user_code: userCode, user, deny }) {
  const code = await provider.DeviceCode.findByUserCode(String(userCode).replace(/\W/g, ''));
  if (!code || code.accountId || code.error) return false;
  if (deny) {
    Object.assign(code, { error: 'access_denied', errorDescription: 'the user said no' });
    await code.save();
    return true;
  }
  if (!wanted.users.some(({ id }) => id === user)) return false;
  const scope = code.params.scope ?? '';
  const grant = new provider.Grant({ accountId: user, clientId: code.clientId });
  grant.addOIDCScope(scope);
  grant.addResourceScope(wanted.audience, scope);
  Object.assign(code, {
    accountId: user,
    authTime: Math.floor(Date.now() / 1000),
    grantId: await grant.save(),
    scope,
    resource: wanted.audience,
  });
  await code.save();
  return true;
}

async function bodyOf(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
}

async function start(wanted) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = providerFor(issuer, wanted, await signingKeys());
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/test/approve') {
      answer(request, response);
      return;
    }
    const settled = await settle(provider, wanted, await bodyOf(request)).catch((error) => {
      console.error(error);
      return false;
    });
    response.writeHead(settled ? 204 : 404).end();
  });
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device/auth`,
    audience: wanted.audience,
    approve: `${issuer}/test/approve`,
  };
}

const input = createInterface({ input: process.stdin });
input.on('close', () => process.exit(0));
input.once('line', async (line) => {
  const wanted = {
    audience: 'https://trialgate.example',
    ttl: 600,
    clients: [],
    users: [],
    device_alg: 'RS256',
    ...JSON.parse(line),
  };
  process.stdout.write(`${JSON.stringify(await start(wanted))}\n`);
});
