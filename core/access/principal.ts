import type { RegistryScopes } from './registry-scopes.ts';
import type { SpaceRole } from './rights.ts';

/** Kinds of principals that have a row. */
export const principalKinds = ['user', 'group', 'account'] as const;
/** Kind of a principal; an account is a service account. */
export type PrincipalKind = (typeof principalKinds)[number];

/** User or service account that has proved who it is. */
export interface Principal {
  /** UUID of its row. */
  id: string;
  kind: 'user' | 'account';
  /** Name for people: a user's, or `SPACE/NAME` of a space's service account. */
  name: string;
}

/** Means by which a caller has proved who it is. */
export type Credential = 'password' | 'token' | 'registryToken' | 'workload' | 'session';

/** Caller: the sender of a request. */
export type Caller =
  | { kind: 'anonymous'; scopes?: RegistryScopes }
  /** Everybody, in a registry with open access. */
  | { kind: 'open' }
  /** The registry itself, in work that nobody asked for. */
  | { kind: 'system' }
  | {
      kind: 'principal';
      principal: Principal;
      credential: Credential;
      /** Id of the token that was used, directly or by a registry token. */
      tokenId?: string;
      /** Proof by a password or a trust rule, with which registry tokens, jobs and follows of this caller end. */
      proof?: string;
      /** Hash of its browser's session, in hex. What is under way ends with it; what the caller has begun does not. */
      session?: string;
      /** Name of the token, for the audit. */
      tokenName?: string;
      narrowing?: Narrowing;
      /** Bounds of the registry token that was used. */
      scopes?: RegistryScopes;
    };

/** Bounds that a credential sets to the rights of its principal. */
export interface Narrowing {
  /** Highest role; undefined for that of the principal. */
  role?: SpaceRole;
  /** Ids of the spaces; undefined for all. */
  spaceIds?: ReadonlySet<number>;
  /** Globs of chart names, of which one must match; undefined for all charts. */
  charts?: readonly string[];
}

/** Returns the bounds of the registry token that a caller used; undefined for another credential. */
export function scopesOfCaller(caller: Caller): RegistryScopes | undefined {
  return caller.kind === 'anonymous' || caller.kind === 'principal' ? caller.scopes : undefined;
}

/** Caller of a registry with open access. */
export const openCaller: Caller = { kind: 'open' };
/** Caller without credentials. */
export const anonymousCaller: Caller = { kind: 'anonymous' };
/** Caller of work that nobody asked for. */
export const systemCaller: Caller = { kind: 'system' };
