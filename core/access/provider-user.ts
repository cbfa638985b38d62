import { z } from 'zod';

/** User as the provider knows it. */
export interface ProviderUser {
  issuer: string;
  /** The provider's name for the user, which never changes and is never given to another. */
  subject: string;
  /** Name for people that the user has there; it may change, and may be somebody's local name here. */
  name: string | undefined;
  groups: readonly string[];
}

/** Names of the claims that say more than who it is. */
export interface UserClaimNames {
  name: string;
  groups: string;
}

/** Groups that are read of one user; a provider that has more of them sends none. */
const maxGroups = 1_000;

/** Text that PostgreSQL can hold. */
const textSchema = z.string().refine((value) => !value.includes('\0'));
const identitySchema = z.object({ iss: textSchema, sub: textSchema.min(1).max(255) });
const groupsSchema = z.union([z.array(textSchema), textSchema.transform((name) => [name])]).catch([]);
const nameSchema = z.string().optional().catch(undefined);

/**
 * Reads a user from verified claims. A claim of another form counts as absent: nobody gets a group by a mistake.
 * @throws Error without issuer or subject
 */
export function readProviderUser(
  claims: Readonly<Record<string, unknown>>,
  names: UserClaimNames,
): ProviderUser {
  const { iss, sub } = identitySchema.parse(claims);
  return {
    issuer: iss,
    subject: sub,
    name: nameSchema.parse(claims[names.name]),
    groups: groupsSchema.parse(claims[names.groups] ?? []).slice(0, maxGroups),
  };
}

/** Characters of the longest name that is made; a number may be added. */
const maxUserNameLength = 80;

/**
 * Makes the name of a new user from the one at the provider. The name has lower case, and no blanks or other odd
 * characters.
 */
export function toUserName(name: string | undefined): string {
  const plain = (name ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9._@-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, maxUserNameLength)
    .replace(/[^a-z0-9]+$/, '');
  return plain === '' ? 'user' : plain;
}
