import type { Actor } from './actor.ts';

/** Principal as what it made names it. The name outlives the principal. */
export interface Author {
  /** UUID of the principal, which may be gone. */
  id: string;
  name: string;
  /** Id of the token that was used. */
  tokenId?: string;
  /** Proof by the password or the trust rule that was used. */
  proof?: string;
}

/**
 * Returns the author of what an actor makes. Undefined stands for the registry itself, and for everybody where access
 * is open.
 */
export async function authorOf(actor: Actor): Promise<Author | undefined> {
  const caller = await actor.caller();
  if (caller.kind !== 'principal') return undefined;
  const { principal, tokenId, proof } = caller;
  return {
    id: principal.id,
    name: principal.name,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(proof === undefined ? {} : { proof }),
  };
}
