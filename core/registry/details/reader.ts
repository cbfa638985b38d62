import type { Actor } from '../../access/actor.ts';
import type { DetailReader } from './version-details.ts';

/**
 * Finds out what an actor sees of details.
 * Names of people who published something are for readers who have proved who they are.
 */
export async function findDetailReader(actor: Actor): Promise<DetailReader> {
  const [scope, caller] = await Promise.all([actor.scope(), actor.caller()]);
  return { scope, seesAuthors: caller.kind !== 'anonymous' };
}
