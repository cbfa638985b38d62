import type { SpaceRole } from './charts.ts';

/** Role in the registry as a whole. */
export type RegistryRole = 'creator' | 'auditor' | 'admin';

/** Caller without credentials, or any caller of a registry with open access. */
export interface NamelessCaller {
  kind: 'anonymous' | 'open';
}

/** Caller that the registry knows. */
export interface KnownCaller {
  kind: 'user' | 'account';
  name: string;
  credential: 'password' | 'token' | 'registryToken' | 'workload' | 'session';
  registryRoles: RegistryRole[];
  spaces: { space: string; role: SpaceRole }[];
  /** Bounds of the token in use; null without bounds. */
  bounds: { role: SpaceRole | null; spaces: string[] | null; charts: string[] | null } | null;
  token: { id: string; name: string; expiresAt: string } | null;
}

/** Caller, as the registry sees it. */
export type WhoAmI = NamelessCaller | KnownCaller;

/** Token without its secret. */
export interface Token {
  id: string;
  name: string;
  owner: string;
  role: SpaceRole | null;
  spaces: string[] | null;
  charts: string[] | null;
  state: 'live' | 'expired' | 'revoked';
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  /** Time until which the secret before a rotation is accepted. */
  previousUntil: string | null;
  madeWith: string | null;
}

/** Token with its text, which is shown once. */
export interface ShownToken extends Token {
  token: string;
}

/** Wanted token. */
export interface NewToken {
  name: string;
  /** Days until it expires; 90 if absent. */
  expiresInDays?: number;
  /** Highest role of the token; that of its owner if absent. */
  role?: SpaceRole;
  /** Only spaces that it counts in. */
  spaces?: string[];
  /** Globs, of which the name of a chart must match one. */
  charts?: string[];
}

/** Wanted rotation of a token. */
export interface TokenRotation {
  expiresInDays?: number;
  /** Hours for which the secret before is still accepted; 24 if absent. */
  overlapHours?: number;
}

/** Filter of a list of tokens. */
export interface TokenFilter {
  /** Only live tokens that expire within so many days, the next first. */
  expiresWithin?: number;
}

/** Wanted log-in of a command. */
export interface WantedDeviceLogin {
  /** Name of the command for its user, 1 to 80 characters. */
  client: string;
  /** Days until its token expires; the user may choose another number. */
  expiresInDays?: number;
}

/** Log-in of a command that has begun, with the names of RFC 8628. */
export interface DeviceLogin {
  /** Secret by which the token is collected. */
  device_code: string;
  /** Code that the user compares. */
  user_code: string;
  /** Page on which a user approves it, and the page with the code filled in. */
  verification_uri: string;
  verification_uri_complete: string;
  /** Seconds in which it can be approved. */
  expires_in: number;
  /** Seconds from one poll to the next. */
  interval: number;
}

/** Token of a log-in that was approved. */
export interface DeviceToken {
  /** Text of the token, which is shown this once. */
  access_token: string;
  token_type: 'Bearer';
  /** Seconds until it expires. */
  expires_in: number;
  token: Token;
}

/** Log-in of a command that waits for the decision of a user. */
export interface DeviceRequest {
  user_code: string;
  /** Name that the command gives itself; anybody can choose it. */
  client: string;
  /** Address that the command asked from. */
  address: string;
  /** Days that it wishes for its token; null for the usual ones. */
  expiresInDays: number | null;
  createdAt: string;
  expiresAt: string;
}

/** Member of a space. */
export interface Member {
  /** `user:NAME`, `group:NAME`, `account:NAME`, or `account:SPACE/NAME`. */
  principal: string;
  role: SpaceRole;
  disabled: boolean;
}

/** User. */
export interface User {
  name: string;
  role: RegistryRole | null;
  disabled: boolean;
  login: 'password' | 'provider' | 'none';
  issuer: string | null;
  createdAt: string;
}

/** Wanted user; without a password it acts by tokens only. */
export interface NewUser {
  name: string;
  password?: string;
  role?: RegistryRole | null;
}

/** Change of a user. What is absent stays, and null takes a role or the password away. */
export interface UserChange {
  role?: RegistryRole | null;
  disabled?: boolean;
  password?: string | null;
}

/** Group of users. */
export interface Group {
  name: string;
  role: RegistryRole | null;
  members: number;
  createdAt: string;
}

/** Member of a group. */
export interface GroupMember {
  user: string;
  /** Whether a claim of the provider made it a member. */
  fromClaim: boolean;
}

/** Service account of a space or of the registry. */
export interface Account<Role extends SpaceRole | RegistryRole> {
  name: string;
  principal: string;
  role: Role | null;
  disabled: boolean;
  createdAt: string;
}

/** Change of a service account; what is absent stays, and null takes its role away. */
export interface AccountChange<Role extends SpaceRole | RegistryRole> {
  role?: Role | null;
  disabled?: boolean;
}

/** Workloads that a service account trusts: issuer, audience and exact claims of their tokens. */
export interface NewTrustRule {
  issuer: string;
  audience: string;
  claims: Record<string, string>;
}

/** Trust rule of a service account. */
export interface TrustRule extends NewTrustRule {
  id: string;
  createdAt: string;
}
