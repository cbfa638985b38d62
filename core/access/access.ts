import { accessMode } from '../config/access-mode.ts';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { AccessState, AccessStates } from '../read-cache/space-state.ts';
import type { Log } from '../runtime/log.ts';
import { noGrants, type Subject } from './decide.ts';
import { createPrincipalReader, type FindPrincipal } from './find-principal.ts';
import { createGrantReader } from './grants.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { createLoginLimits, type LoginLimits } from './login-limits.ts';
import { intersectNarrowings } from './narrowing.ts';
import { type CheckPassword, createPasswordCheck } from './password-check.ts';
import type { Caller } from './principal.ts';
import { createDocumentReader, type ReadDocument } from './read-document.ts';
import { markRefusal, type Refusal } from './refusals.ts';
import type { RegistryTokens } from './registry-tokens.ts';
import { createSessionReader, type FindSession } from './sessions.ts';
import { createTokenReader, type FindToken } from './tokens.ts';
import { createWorkloadVerifier, type VerifyWorkload } from './workloads.ts';

/** Counts credentials by how they were presented, and whether they were accepted. */
export type CountAuthAttempt = (
  method: string,
  outcome: 'accepted' | 'refused' | 'limited' | 'error',
) => void;

/** Rights of callers as they are now. */
export interface Access {
  /** Whether rights are checked; else everybody may do everything. */
  guarded: boolean;
  findToken: FindToken;
  findPrincipal: FindPrincipal;
  findSession: FindSession;
  registryTokens: RegistryTokens;
  verifyWorkload: VerifyWorkload;
  checkPassword: CheckPassword;
  /** Limits of failed log-ins, shared by all processes. */
  loginLimits: LoginLimits;
  /** Counts a request with credentials. */
  noteAttempt: CountAuthAttempt;
  /** Notes that a token was accepted. */
  noteTokenUse(tokenId: string): void;
  /**
   * Reads the revision of access, and a space, both as they are now, in a query shared with other requests.
   * @param space name of the space that a decision will be about
   */
  readState(space?: string): Promise<AccessState>;
  /**
   * Reads the rights of a caller as of a revision, or later.
   * @throws {RegistryError} `access.unauthenticated` when the caller's credential is no longer valid
   */
  readSubject(caller: Caller, revision: string): Promise<Subject>;
}

/** Parts and settings of access. */
export interface AccessParts {
  config: Pick<Config, 'access' | 'webhookAllow'>;
  log: Log;
  registryTokens: RegistryTokens;
  /** Reads documents of issuers of identities. */
  readDocument?: ReadDocument;
  noteAttempt?: CountAuthAttempt;
  noteTokenUse: Access['noteTokenUse'];
}

/** Creates the reader of rights of one process. */
export function createAccess(
  db: Database,
  states: AccessStates,
  { config, log, registryTokens, readDocument, noteAttempt = () => undefined, noteTokenUse }: AccessParts,
): Access {
  const readGrants = createGrantReader(db);
  const findToken = createTokenReader(db);
  const findPrincipal = createPrincipalReader(db);
  const findSession = createSessionReader(db);
  const loginLimits = createLoginLimits(db);

  async function readSubject(caller: Caller, revision: string): Promise<Subject> {
    if (caller.kind !== 'principal') return { caller, grants: noGrants };
    const { principal, tokenId, proof, session } = caller;
    const [grants, token, provable, live] = await Promise.all([
      readGrants(principal.id, revision),
      tokenId === undefined ? undefined : findToken(tokenId, revision),
      proof === undefined ? undefined : findPrincipal(principal.id, revision),
      session === undefined ? undefined : findSession({ hash: session }, revision),
    ]);
    const isTokenLive = tokenId === undefined || token?.principal.id === principal.id;
    const isProven = proof === undefined || provable?.proofs.has(proof);
    const isSessionLive = session === undefined || live?.principal.id === principal.id;
    if (!grants || !isTokenLive || !isProven || !isSessionLive) throw invalidCredentialsError({ tokenId });
    const narrowing = intersectNarrowings(token?.narrowing, caller.narrowing);
    return { caller: narrowing ? { ...caller, narrowing } : caller, grants };
  }

  return {
    guarded: accessMode(config) === 'guarded',
    findToken,
    findPrincipal,
    findSession,
    registryTokens,
    verifyWorkload: createWorkloadVerifier(
      db,
      createIssuerKeys(readDocument ?? createDocumentReader(config.webhookAllow)),
    ),
    checkPassword: createPasswordCheck(db, { limits: loginLimits, log }),
    loginLimits,
    noteAttempt,
    noteTokenUse,
    readState: (space) => states.readAccess(space),
    readSubject,
  };
}

/**
 * Makes the error for credentials that are wrong, expired, revoked, or of a disabled principal.
 * @param refusal facts for the audit
 */
export function invalidCredentialsError(refusal: Pick<Refusal, 'tokenId' | 'principal'> = {}): RegistryError {
  const error = new RegistryError(
    'access.unauthenticated',
    'These credentials are wrong, expired or revoked. Log in again, or make a new token.',
  );
  return markRefusal(error, refusal);
}
