import type { Queryable, Transaction } from '../db/port.ts';
import { explainMissing } from './not-found.ts';
import type { Overwriting, RegistryDeps } from './registry.ts';

/** The id of a space, or undefined. */
export async function findSpace(db: Queryable, space: string): Promise<number | undefined> {
  const [row] = await db.query<{ id: number }>('SELECT id FROM spaces WHERE name = $1', [space]);
  return row?.id;
}

/**
 * The id of a space that is made if it is not there. Its row is not locked by that, for every writer comes to it last.
 */
export async function ensureSpace(tx: Transaction, space: string, overwriting: Overwriting): Promise<number> {
  const found = await findSpace(tx, space);
  if (found !== undefined) return found;
  // Of two that insert at once the second waits for the first, and then finds its row.
  await tx.query('INSERT INTO spaces (name, overwriting) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [
    space,
    overwriting,
  ]);
  const made = await findSpace(tx, space);
  if (made === undefined) throw new Error('a space was not written');
  return made;
}

/**
 * The id of a space that something is put into: made if it is not there, where uploads may do that.
 * @throws {RegistryError} `space.notFound`
 */
export async function openSpace(
  tx: Transaction,
  { autoCreateSpaces, overwriting }: Pick<RegistryDeps, 'autoCreateSpaces' | 'overwriting'>,
  space: string,
): Promise<number> {
  const found = autoCreateSpaces ? await ensureSpace(tx, space, overwriting) : await findSpace(tx, space);
  if (found === undefined) throw await explainMissing(tx, { space });
  return found;
}
