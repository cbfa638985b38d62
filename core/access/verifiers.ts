import { isRegistryError } from '../errors.ts';
import { type Access, invalidCredentialsError } from './access.ts';
import type { ReadRevision } from './actor.ts';
import { tooManyFailuresError } from './login-limits.ts';
import { anonymousCaller, type Caller } from './principal.ts';
import { toRegistryScopes } from './registry-scopes.ts';
import { isRegistryToken } from './registry-tokens.ts';
import { looksLikeToken, parseToken } from './tokens.ts';
import { looksLikeJwt } from './workloads.ts';

/** Text that is to prove who somebody is. */
export interface Evidence {
  text: string;
  /** User name that came with it; absent for a Bearer text. */
  user?: string;
  /** Network of the client, as `networkOf` names it; failures count there. */
  network: string;
  /** Whether registry tokens count here. */
  acceptsRegistryTokens: boolean;
  readRevision: ReadRevision;
}

/** Verifier of one kind of credentials. */
interface Verifier {
  /** Whether a text has the form of this kind, right or wrong. The first verifier that says so decides. */
  recognizes(evidence: Evidence): boolean;
  /** @returns undefined for wrong, expired or revoked credentials */
  verify(access: Access, evidence: Evidence): Promise<Caller | undefined>;
}

const tokenVerifier: Verifier = {
  recognizes: ({ text }) => looksLikeToken(text),
  async verify(access, { text, readRevision }) {
    const presented = parseToken(text);
    const token = presented && (await access.findToken(presented.id, await readRevision()));
    if (!token?.accepts(presented?.secret ?? '')) throw invalidCredentialsError({ tokenId: presented?.id });
    const { id, name, principal } = token;
    return { kind: 'principal', principal, credential: 'token', tokenId: id, tokenName: name };
  },
};

/** Registry tokens name what they were issued for, a token or another proof. It is read anew, and they end with it. */
const registryTokenVerifier: Verifier = {
  recognizes: ({ text, user, acceptsRegistryTokens }) =>
    acceptsRegistryTokens && user === undefined && isRegistryToken(text),
  async verify(access, { text, readRevision }) {
    const claims = await access.registryTokens.read(text);
    if (!claims) return undefined;
    const { principalId, tokenId, proof = '' } = claims;
    const scopes = toRegistryScopes(claims);
    if (principalId === undefined) return { ...anonymousCaller, scopes };
    const revision = await readRevision();
    const token = tokenId === undefined ? undefined : await access.findToken(tokenId, revision);
    if (tokenId !== undefined && token?.principal.id !== principalId) return undefined;
    const proven = token ? undefined : await access.findPrincipal(principalId, revision);
    const principal = token?.principal ?? (proven?.proofs.has(proof) ? proven.principal : undefined);
    if (!principal) return undefined;
    const origin = token ? { tokenId: token.id, tokenName: token.name } : { proof };
    return { kind: 'principal', principal, credential: 'registryToken', scopes, ...origin };
  },
};

/** Tokens of CI jobs; the user name may say which account is meant. */
const workloadVerifier: Verifier = {
  recognizes: ({ text }) => looksLikeJwt(text),
  async verify(access, { text, user, readRevision }) {
    const workload = await access.verifyWorkload(text, await readRevision(), user);
    if (!workload) return undefined;
    const { principal, proof } = workload;
    return { kind: 'principal', principal, credential: 'workload', proof };
  },
};

/** Passwords count their failures themselves, by account and network. */
const passwordVerifier: Verifier = {
  recognizes: ({ user }) => user !== undefined && user !== '',
  async verify(access, { text, user = '', network, readRevision }) {
    const checked = await access.checkPassword(user, text, {
      network,
      revision: await readRevision(),
    });
    if (checked.kind === 'verified') {
      const { principal, proof } = checked;
      return { kind: 'principal', principal, credential: 'password', proof };
    }
    if (checked.retryAfterSeconds !== undefined) throw tooManyFailuresError(checked.retryAfterSeconds);
    throw invalidCredentialsError();
  },
};

/** Verifiers by kind of credentials, the most special form first. */
const verifiers: readonly Verifier[] = [
  tokenVerifier,
  registryTokenVerifier,
  workloadVerifier,
  passwordVerifier,
];

/**
 * Verifies a text that is to prove who somebody is.
 * @throws {RegistryError} `access.unauthenticated` for a wrong, expired or revoked one; `access.tooManyFailures` for such
 *   a one while a delay holds for the network or the account
 */
export async function verifyEvidence(access: Access, evidence: Evidence): Promise<Caller> {
  const verifier = verifiers.find((candidate) => candidate.recognizes(evidence));
  // Registry tokens end in the middle of a push, and nobody guesses a signature: their 401 has a client fetch the next.
  const isUncounted = verifier === passwordVerifier || verifier === registryTokenVerifier;
  try {
    const caller = await verifier?.verify(access, evidence);
    if (caller) return caller;
    throw invalidCredentialsError();
  } catch (error) {
    if (isUncounted || !isRegistryError(error, 'access.unauthenticated')) throw error;
    const seconds = await access.loginLimits.countFailure({ network: evidence.network });
    throw seconds === undefined ? error : tooManyFailuresError(seconds);
  }
}
