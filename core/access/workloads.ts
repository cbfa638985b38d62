import { createHash } from 'node:crypto';
import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Queryable } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { isIssuerUrl } from './issuer-url.ts';
import type { Principal } from './principal.ts';
import { proofOfRule } from './proofs.ts';
import { markRefusal } from './refusals.ts';
import { findTrustRules, matchRules, type WorkloadRule } from './trust-rules.ts';

/** Service account that a workload acts as, and the end of its token. */
export interface VerifiedWorkload {
  principal: Principal;
  /** Proof by the trust rule that the token met. */
  proof: string;
  expiresAt: Date;
}

/**
 * Verifies a workload's token: a JWT of an issuer that has trust rules.
 * @param revision revision of access, as it was read for the request
 * @param account `SPACE/NAME` or `NAME` that the client gave as its user name; decides where rules of several accounts match
 * @returns undefined for a token that nobody trusts
 * @throws {RegistryError} `access.unauthenticated` where several accounts match and none is named;
 *   `service.unavailable` while the issuer's keys cannot be read
 */
export type VerifyWorkload = (
  text: string,
  revision: string,
  account?: string,
) => Promise<VerifiedWorkload | undefined>;

/** Characters of the largest token that is read. */
const maxTokenCharacters = 16_384;
/** Tokens that one process remembers. */
const maxRemembered = 10_000;
/** Seconds that the clocks of issuers may be ahead of this one, for `nbf`. */
const clockToleranceSeconds = 30;

/** Algorithms of signatures with a public key. `none` and those with a shared secret prove nothing. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Whether a text has the form of a JWT, signed or not. */
export function looksLikeJwt(text: string): boolean {
  return text.length <= maxTokenCharacters && /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}

interface RememberedToken {
  revision: string;
  rules: WorkloadRule[];
  expiresAt: Date;
}

/** Creates the verifier. It remembers verified tokens until they end or rights change. */
export function createWorkloadVerifier(db: Queryable, keysOf: IssuerKeys): VerifyWorkload {
  const remembered = new LRUCache<string, RememberedToken>({ max: maxRemembered });
  return async (text, revision, account) => {
    const digest = createHash('sha256').update(text).digest('base64');
    const known = remembered.get(digest);
    if (known?.revision === revision && known.expiresAt.getTime() > Date.now())
      return chooseMatchedAccount(known, account);
    const verified = await verifyWorkloadToken(db, keysOf, text);
    if (!verified) return undefined;
    remembered.set(digest, { revision, ...verified });
    return chooseMatchedAccount(verified, account);
  };
}

/** Verifies a token, and finds the accounts whose rules it meets; undefined for a token without any. */
async function verifyWorkloadToken(
  db: Queryable,
  keysOf: IssuerKeys,
  text: string,
): Promise<Omit<RememberedToken, 'revision'> | undefined> {
  const issuer = looksLikeJwt(text) ? readIssuer(text) : undefined;
  const rules = issuer === undefined ? [] : await findTrustRules(db, issuer);
  if (issuer === undefined || rules.length === 0) return undefined;
  const payload = await verifySignature(text, issuer, keysOf);
  if (payload?.exp === undefined) return undefined;
  const expiresAt = new Date(payload.exp * 1000);
  const met = expiresAt.getTime() > Date.now() ? matchRules(rules, payload) : [];
  return met.length === 0 ? undefined : { rules: met, expiresAt };
}

/** Reads the issuer that a token claims; nothing of it is verified yet. */
function readIssuer(text: string): string | undefined {
  try {
    const { iss } = decodeJwt(text);
    return typeof iss === 'string' && isIssuerUrl(iss) ? iss : undefined;
  } catch {
    return undefined;
  }
}

/** Verifies signature, issuer, `exp` and `nbf`. The audience is a matter of each rule. */
async function verifySignature(
  text: string,
  issuer: string,
  keysOf: IssuerKeys,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(text, keysOf(issuer), {
      issuer,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'aud'],
    });
    return payload;
  } catch (error) {
    // Keys of issuers are foreign input too: whatever else they cause, the token is not verified.
    if (isRegistryError(error)) throw error;
    return undefined;
  }
}

function chooseMatchedAccount(
  { rules, expiresAt }: Omit<RememberedToken, 'revision'>,
  name: string | undefined,
): VerifiedWorkload {
  const named = rules.find(({ account }) => account.name === name);
  const [only, ...others] = rules;
  const rule = named ?? (others.length === 0 ? only : undefined);
  if (rule) return { principal: rule.account, proof: proofOfRule(rule.id), expiresAt };
  const ambiguous = new RegistryError(
    'access.unauthenticated',
    'Trust rules of several service accounts match this token. Send the token as password, and as user name the account, such as SPACE/NAME.',
  );
  throw markRefusal(ambiguous, {});
}
