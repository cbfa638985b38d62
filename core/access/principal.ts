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
  | { kind: 'anonymous' }
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
      /** Name of the token, for the audit. */
      tokenName?: string;
      narrowing?: Narrowing;
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

/** Caller of a registry with open access. */
export const openCaller: Caller = { kind: 'open' };
/** Caller without credentials. */
export const anonymousCaller: Caller = { kind: 'anonymous' };
/** Caller of work that nobody asked for. */
export const systemCaller: Caller = { kind: 'system' };
