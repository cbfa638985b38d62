import { isRegistryError } from '../errors.ts';
import { type Access, invalidCredentialsError } from './access.ts';
import type { ReadRevision } from './actor.ts';
import { anonymousCaller, type Caller } from './principal.ts';
import { type Evidence, verifyEvidence } from './verifiers.ts';

/** Credentials that a caller presents. */
export type PresentedCredentials =
  | { kind: 'none' }
  | { kind: 'bearer'; text: string }
  | { kind: 'basic'; user: string; password: string }
  /** Secret of a browser's cookie. */
  | { kind: 'session'; secret: string }
  | { kind: 'unreadable' };

/** Circumstances under which credentials are presented. */
export interface PresentationContext {
  /** Network of the client, as `networkOf` names it. */
  network: string;
  readRevision: ReadRevision;
  /** Whether registry tokens count: at the OCI interface alone, for which they are issued. */
  acceptsRegistryTokens?: boolean;
}

/**
 * Tells who presents credentials.
 * A token is found in a Bearer header, and as the password of any user name, since Helm knows Basic only.
 * @throws {RegistryError} `access.unauthenticated` for credentials that are wrong, expired or revoked;
 *   `access.tooManyFailures` for such credentials after many failures
 */
export async function identify(
  access: Access,
  presented: PresentedCredentials,
  at: PresentationContext,
): Promise<Caller> {
  if (presented.kind === 'none') return anonymousCaller;
  try {
    const caller = await verifyPresentedCredentials(access, presented, at);
    access.noteAttempt(presented.kind, 'accepted');
    if (caller.kind === 'principal' && caller.tokenId !== undefined) access.noteTokenUse(caller.tokenId);
    return caller;
  } catch (error) {
    access.noteAttempt(presented.kind, outcomeOfError(error));
    throw error;
  }
}

function outcomeOfError(error: unknown): 'refused' | 'limited' | 'error' {
  if (isRegistryError(error, 'access.unauthenticated')) return 'refused';
  return isRegistryError(error, 'access.tooManyFailures') ? 'limited' : 'error';
}

async function verifyPresentedCredentials(
  access: Access,
  presented: Exclude<PresentedCredentials, { kind: 'none' }>,
  { network, readRevision, acceptsRegistryTokens = false }: PresentationContext,
): Promise<Caller> {
  const verifyText = (evidence: Pick<Evidence, 'text' | 'user'>) =>
    verifyEvidence(access, { ...evidence, network, readRevision, acceptsRegistryTokens });
  switch (presented.kind) {
    case 'unreadable':
      throw invalidCredentialsError();
    case 'bearer':
      return verifyText({ text: presented.text });
    case 'basic':
      return verifyText({ text: presented.password, user: presented.user });
    case 'session':
      return identifySession(access, presented.secret, readRevision);
  }
}

async function identifySession(access: Access, secret: string, readRevision: ReadRevision): Promise<Caller> {
  const session = await access.findSession({ secret }, await readRevision());
  if (!session) throw invalidCredentialsError();
  const { principal, hash, proof } = session;
  return {
    kind: 'principal',
    principal,
    credential: 'session',
    session: hash,
    ...(proof === undefined ? {} : { proof }),
  };
}
