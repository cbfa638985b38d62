import { type Access, invalidCredentials } from './access.ts';
import { anonymousCaller, type Caller } from './principal.ts';
import { toScopes } from './registry-scopes.ts';
import { isRegistryToken } from './registry-tokens.ts';
import { looksLikeToken, parseToken } from './tokens.ts';

/** Credentials that a caller presents. */
export type PresentedCredentials =
  | { kind: 'none' }
  | { kind: 'bearer'; text: string }
  | { kind: 'basic'; user: string; password: string }
  | { kind: 'unreadable' };

/** Text that is to prove who somebody is. */
interface Evidence {
  text: string;
  /** User name that came with it; absent for a Bearer text. */
  user?: string;
  /** Whether registry tokens count here. */
  acceptsRegistryTokens: boolean;
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
  async verify(access, { text }) {
    const presented = parseToken(text);
    const token = presented && (await access.findToken(presented.id, await access.readRevision()));
    if (!token?.accepts(presented?.secret ?? '')) throw invalidCredentials({ tokenId: presented?.id });
    const { id, name, principal } = token;
    return { kind: 'principal', principal, credential: 'token', tokenId: id, tokenName: name };
  },
};

/** Registry tokens name principal and token, which are read anew: a revoked one ends all that were made of it. */
const registryTokenVerifier: Verifier = {
  recognizes: ({ text, user, acceptsRegistryTokens }) =>
    acceptsRegistryTokens && user === undefined && isRegistryToken(text),
  async verify(access, { text }) {
    const claims = await access.registryTokens.read(text);
    if (!claims) return undefined;
    const { principalId, tokenId } = claims;
    const scopes = toScopes(claims);
    if (principalId === undefined) return { ...anonymousCaller, scopes };
    const revision = await access.readRevision();
    const token = tokenId === undefined ? undefined : await access.findToken(tokenId, revision);
    if (tokenId !== undefined && token?.principal.id !== principalId) return undefined;
    const principal = token?.principal ?? (await access.findPrincipal(principalId, revision));
    if (!principal) return undefined;
    const origin = token && { tokenId: token.id, tokenName: token.name };
    return { kind: 'principal', principal, credential: 'registryToken', scopes, ...origin };
  },
};

/** Verifiers by kind of credentials, the most special form first. */
const verifiers: readonly Verifier[] = [tokenVerifier, registryTokenVerifier];

/**
 * Tells who presents credentials.
 * A token is found in a Bearer header, and as the password of any user name, since Helm knows Basic only.
 * @param options.acceptsRegistryTokens whether registry tokens count: at the OCI interface alone, for which they are issued
 * @throws {RegistryError} `access.unauthenticated` for credentials that are wrong, expired or revoked
 */
export async function identify(
  access: Access,
  presented: PresentedCredentials,
  { acceptsRegistryTokens = false }: { acceptsRegistryTokens?: boolean } = {},
): Promise<Caller> {
  switch (presented.kind) {
    case 'none':
      return anonymousCaller;
    case 'unreadable':
      throw invalidCredentials();
    case 'bearer':
      return verify(access, { text: presented.text, acceptsRegistryTokens });
    case 'basic':
      return verify(access, { text: presented.password, user: presented.user, acceptsRegistryTokens });
  }
}

async function verify(access: Access, evidence: Evidence): Promise<Caller> {
  const verifier = verifiers.find((candidate) => candidate.recognizes(evidence));
  const caller = await verifier?.verify(access, evidence);
  if (!caller) throw invalidCredentials();
  return caller;
}
