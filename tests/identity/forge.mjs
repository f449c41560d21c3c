// Tokens as an attacker would make them, and a few good ones (npm jose).
//
//   node tests/identity/forge.mjs KEYS.json ISSUER AUDIENCE
//
// Writes the provider's public keys to the file, and one JSON object a line to standard output:
// {"name", "token", "good"}.

import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { load } from '../support/npm_packages.mjs';

const [, , keysFile, issuer, audience] = process.argv;
const jose = await load('jose');

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const pairs = {};
const jwks = {};
for (const alg of ALGORITHMS) {
  pairs[alg] = await jose.generateKeyPair(alg, { extractable: true });
  jwks[alg] = { ...(await jose.exportJWK(pairs[alg].publicKey)), kid: alg, alg, use: 'sig' };
}
// Mistakes that providers have made: their secret and private keys published, and a weak one.
const secret = { kty: 'oct', kid: 'oct', alg: 'HS256', k: jose.base64url.encode('a'.repeat(32)) };
const leaked = await jose.generateKeyPair('ES256', { extractable: true });
const leakedJwk = { ...(await jose.exportJWK(leaked.privateKey)), kid: 'leaked', alg: 'ES256' };
await writeFile(keysFile, JSON.stringify({ keys: [...Object.values(jwks), secret, leakedJwk] }));

const now = Math.floor(Date.now() / 1000);
const CLAIMS = {
  iss: issuer,
  aud: audience,
  sub: 'mallory',
  iat: now,
  exp: now + 300,
  trialgate_role: 'operator',
};

function tell(name, token, good = false) {
  process.stdout.write(`${JSON.stringify({ name, token, good })}\n`);
}

function sign(header, claims, key) {
  return new jose.SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader(header).sign(key);
}

const es256 = (claims, header) =>
  sign({ alg: 'ES256', kid: 'ES256', ...header }, claims, pairs.ES256.privateKey);

const encode = (value) =>
  jose.base64url.encode(typeof value === 'string' ? value : JSON.stringify(value));

// A token with a signature of our own making.
const raw = (header, claims, signature) => `${encode(header)}.${encode(claims)}.${signature}`;

for (const alg of ALGORITHMS) {
  tell(`good ${alg}`, await sign({ alg, kid: alg }, {}, pairs[alg].privateKey), true);
  const another = await jose.generateKeyPair(alg);
  tell(`another key, ${alg}`, await sign({ alg, kid: alg }, {}, another.privateKey));
  // Named after a key of another kind.
  for (const kid of ALGORITHMS.filter((name) => name !== alg)) {
    tell(`${alg} as ${kid}`, await sign({ alg, kid }, {}, pairs[alg].privateKey));
  }
}
tell('good typ at+jwt', await es256({}, { typ: 'at+jwt' }), true);
tell('good typ JWT', await es256({}, { typ: 'JWT' }), true);

// RFC 8725, 2.1: weak or no signature.
const unsecured = new jose.UnsecuredJWT(CLAIMS).encode();
tell('unsecured', unsecured);
for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
  tell(`alg ${alg}`, raw({ alg, kid: 'RS256' }, CLAIMS, ''));
  const [, payload, signature] = (await es256()).split('.');
  tell(`alg ${alg}, signed`, `${encode({ alg, kid: 'ES256' })}.${payload}.${signature}`);
}
// The public key as a secret, in each form that it has.
const forms = {
  spki: await jose.exportSPKI(pairs.RS256.publicKey),
  jwk: JSON.stringify(jwks.RS256),
  modulus: jwks.RS256.n,
};
for (const [form, text] of Object.entries(forms)) {
  for (const hash of ['256', '384', '512']) {
    const header = { alg: `HS${hash}`, kid: 'RS256' };
    const input = `${encode(header)}.${encode(CLAIMS)}`;
    const mac = createHmac(`sha${hash}`, text).update(input).digest('base64url');
    tell(`HS${hash} with the public ${form}`, `${input}.${mac}`);
  }
}
tell('HS256 with the published secret',
     await sign({ alg: 'HS256', kid: 'oct' }, {}, Buffer.from('a'.repeat(32))));
tell('signed with a published private key',
     await sign({ alg: 'ES256', kid: 'leaked' }, {}, leaked.privateKey));

// Algorithms that are none of the four, with keys that could.
for (const alg of ['RS384', 'RS512', 'PS384', 'PS512']) {
  const kind = alg.startsWith('RS') ? 'RS256' : 'PS256';
  const key = await jose.importPKCS8(await jose.exportPKCS8(pairs[kind].privateKey), alg);
  tell(alg, await sign({ alg, kid: kind }, {}, key));
}
for (const alg of ['ES384', 'ES512']) {
  tell(alg, await sign({ alg, kid: 'ES256' }, {}, (await jose.generateKeyPair(alg)).privateKey));
}

// RFC 8725, 3.10: keys that the token brings along.
const own = await jose.generateKeyPair('ES256', { extractable: true });
const ownJwk = await jose.exportJWK(own.publicKey);
for (const brought of [{ jwk: ownJwk }, { jku: 'https://evil.example/keys' },
                       { x5u: 'https://evil.example/cert' }, { x5c: ['AAAA'] }]) {
  const header = { alg: 'ES256', kid: 'ES256', ...brought };
  tell(`brings ${Object.keys(brought)}`, await sign(header, {}, own.privateKey));
}
tell('without kid', await es256({}, { kid: undefined }));
for (const kid of ['', 'es256', '../ES256', "ES256' OR '1'='1", '*']) {
  tell(`kid ${kid}`, await es256({}, { kid }));
}

// Extensions.
const payload = new TextEncoder().encode(JSON.stringify(CLAIMS));
const unencoded = await new jose.FlattenedSign(payload)
  .setProtectedHeader({ alg: 'ES256', kid: 'ES256', b64: false, crit: ['b64'] })
  .sign(pairs.ES256.privateKey);
tell('unencoded payload', `${unencoded.protected}.${encode(CLAIMS)}.${unencoded.signature}`);
const critical = await new jose.CompactSign(payload)
  .setProtectedHeader({ alg: 'ES256', kid: 'ES256', crit: ['x'], x: 1 })
  .sign(pairs.ES256.privateKey, { crit: { x: true } });
tell('crit', critical);
for (const typ of ['dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JOSE', '']) {
  tell(`typ ${typ}`, await es256({}, { typ }));
}

// Other serializations, and what is no JWS.
const general = await new jose.GeneralSign(payload)
  .addSignature(pairs.ES256.privateKey)
  .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
  .sign();
tell('JSON serialization', JSON.stringify(general));
tell('encrypted', await new jose.EncryptJWT(CLAIMS)
  .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256', kid: 'ES256' })
  .encrypt(Buffer.alloc(32, 1)));
const nested = await new jose.CompactSign(new TextEncoder().encode(await es256()))
  .setProtectedHeader({ alg: 'ES256', kid: 'ES256', cty: 'JWT' })
  .sign(pairs.ES256.privateKey);
tell('nested', nested);

// Claims that the provider signed, but not for this.
const wrong = {
  'expired': { exp: now - 60 },
  'without exp': { exp: undefined },
  'exp as text': { exp: String(now + 300) },
  'exp negative': { exp: -1 },
  'exp huge': { exp: 1e300 },
  'not yet': { nbf: now + 3600 },
  'issued in the future': { iat: now + 3600 },
  'another audience': { aud: 'https://other.example' },
  'no audience': { aud: undefined },
  'audience in an array in an array': { aud: [[audience]] },
  'audience as a prefix': { aud: `${audience}.evil.example` },
  'another issuer': { iss: 'https://evil.example' },
  'issuer with a slash': { iss: `${issuer}/` },
  'issuer in an array': { iss: [issuer] },
  'no issuer': { iss: undefined },
  'no subject': { sub: undefined },
  'subject with NUL': { sub: 'mal\0lory' },
  'role program': { trialgate_role: 'program' },
  'two roles': { trialgate_role: ['operator', 'national'] },
  'role in an object': { trialgate_role: { name: 'operator' } },
};
for (const [name, claims] of Object.entries(wrong)) tell(name, await es256(claims));
for (const seconds of [-30, 300]) tell(`exp ${seconds}`, await es256({ exp: now + seconds }), true);

// The same member twice: whichever reader one asks.
const twice = JSON.stringify(CLAIMS).replace('{', '{"trialgate_role":"auditor",');
tell('role twice', await new jose.CompactSign(new TextEncoder().encode(twice))
  .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
  .sign(pairs.ES256.privateKey));

// Signatures of which only the form is right.
for (const [alg, size] of [['ES256', 64], ['EdDSA', 64], ['RS256', 256], ['PS256', 256]]) {
  const zero = jose.base64url.encode(new Uint8Array(size));
  tell(`zero signature, ${alg}`, raw({ alg, kid: alg }, CLAIMS, zero));
  tell(`empty signature, ${alg}`, raw({ alg, kid: alg }, CLAIMS, ''));
}
const [h, p, s] = (await es256()).split('.');
const other = encode({ ...CLAIMS, trialgate_role: 'national' });
tell('another payload under the signature', `${h}.${other}.${s}`);
// ES256 in ASN.1, as OpenSSL writes it, instead of R and S.
const bytes = jose.base64url.decode(s);
const integer = (part) => (part[0] & 0x80 ? [2, 33, 0, ...part] : [2, 32, ...part]);
const numbers = [...integer(bytes.slice(0, 32)), ...integer(bytes.slice(32))];
tell('signature in ASN.1', `${h}.${p}.${jose.base64url.encode(
  new Uint8Array([0x30, numbers.length, ...numbers]))}`);
tell('padded', `${h}.${p}.${s}==`);
tell('blank after it', `${h}.${p}.${s} `);
tell('Bearer before it', `Bearer ${h}.${p}.${s}`);
tell('four parts', `${h}.${p}.${s}.${s}`);
tell('too long', await es256({ more: 'x'.repeat(16 * 1024) }));
