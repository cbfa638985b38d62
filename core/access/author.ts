import type { Actor } from './actor.ts';

/** Principal as what it made names it. The name outlives the principal. */
export interface Author {
  /** UUID of the principal, which may be gone. */
  id: string;
  name: string;
  /** Id of the token that was used. */
  tokenId?: string;
}

/** Tells who makes something; undefined for the registry itself, and for everybody of one with open access. */
export async function authorOf(actor: Actor): Promise<Author | undefined> {
  const caller = await actor.caller();
  if (caller.kind !== 'principal') return undefined;
  const { principal, tokenId } = caller;
  return { id: principal.id, name: principal.name, ...(tokenId === undefined ? {} : { tokenId }) };
}
