import type { RegistryError } from '../errors.ts';
import type { Principal } from './principal.ts';
import type { RegistryRight, SpaceRight } from './rights.ts';

/** Facts of a refusal that its error does not tell the client, for the audit. */
export interface Refusal {
  /** Right that was missing; absent where the credentials are wrong. */
  right?: SpaceRight | RegistryRight;
  space?: string;
  chart?: string | undefined;
  /** Public part of a token that was not accepted. */
  tokenId?: string | undefined;
  /** Existing principal for whom the credentials were wrong. Never a name that a stranger typed: it may be a password. */
  principal?: Principal;
}

const refusals = new WeakMap<RegistryError, Refusal>();

/**
 * Marks an error as a refusal, so that the audit tells it from an error about what does not exist: who may not read
 * something gets the same 404 for both.
 * @returns the error
 */
export function markRefusal(error: RegistryError, refusal: Refusal): RegistryError {
  refusals.set(error, refusal);
  return error;
}

/** Returns the facts of a refusal; undefined for any other error. */
export function refusalOf(error: RegistryError): Refusal | undefined {
  return refusals.get(error);
}
