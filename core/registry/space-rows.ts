import type { Actor } from '../access/actor.ts';
import { someChartPlaceholder } from '../access/rights.ts';
import { recordAudit } from '../audit/record.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import { explainMissing } from './not-found.ts';
import type { Overwriting, RegistryDeps } from './registry.ts';
import { checkSpaceCreator, insertOwner } from './space-creator.ts';

/** SQL of whether a space is a mirror. @param row name of the row of `spaces` */
export const isMirrorSql = (row: string) => `EXISTS (SELECT FROM mirrors m WHERE m.space_id = ${row}.id)`;

/** Finds the id of a space. @returns undefined when it does not exist */
export async function findSpaceId(db: Queryable, space: string): Promise<number | undefined> {
  const [row] = await db.query<{ id: number }>('SELECT id FROM spaces WHERE name = $1', [space]);
  return row?.id;
}

/**
 * Finds the id of a space, and creates the space if it does not exist.
 * An existing row is not locked: every write locks the space's row last, by raising the revision.
 */
export async function ensureSpace(tx: Transaction, space: string, overwriting: Overwriting): Promise<number> {
  const found = await findSpaceId(tx, space);
  if (found !== undefined) return found;
  return (await insertSpace(tx, space, overwriting)).id;
}

/** Creates a space unless it exists. @returns its id, and whether it is new */
async function insertSpace(
  tx: Transaction,
  space: string,
  overwriting: Overwriting,
): Promise<{ id: number; isNew: boolean }> {
  // The second of two simultaneous inserts waits for the first, and then finds its row.
  const [inserted] = await tx.query<{ id: number }>(
    'INSERT INTO spaces (name, overwriting) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id',
    [space, overwriting],
  );
  const id = inserted?.id ?? (await findSpaceId(tx, space));
  if (id === undefined) throw new Error('the INSERT of a space added no row');
  return { id, isNew: inserted !== undefined };
}

/** Dependencies that decide whether an upload may create its space. */
type CreationDeps = Pick<RegistryDeps, 'autoCreateSpaces' | 'overwriting' | 'suggestible' | 'actor'>;

/**
 * Finds the space of an upload, and creates the space if uploads may do that. Who creates it becomes its owner.
 * @returns its id
 * @throws {RegistryError} as `createUploadSpace`
 */
export async function findOrCreateUploadSpace(
  tx: Transaction,
  registry: CreationDeps,
  space: string,
): Promise<number> {
  return (await findSpaceId(tx, space)) ?? createUploadSpace(tx, registry, space);
}

/**
 * Creates the space of an upload, which was not there when the transaction looked.
 * @throws {RegistryError} `space.notFound`; `access.denied` for an actor that may not create it, or may not publish in
 *   one that somebody else has created since
 */
async function createUploadSpace(
  tx: Transaction,
  { autoCreateSpaces, overwriting, suggestible, actor }: CreationDeps,
  space: string,
): Promise<number> {
  if (!autoCreateSpaces) throw await explainMissing(tx, { space }, suggestible);
  const owner = await checkSpaceCreator(tx, actor, space);
  const { id, isNew } = await insertSpace(tx, space, overwriting);
  if (!isNew) {
    await actor.confirm(tx, 'chart.publish', { space, chart: someChartPlaceholder });
    return id;
  }
  if (owner !== undefined) await insertOwner(tx, id, owner);
  await recordAudit(tx, actor, { action: 'space.create', right: 'space.create', space });
  return id;
}

/**
 * Confirms or creates the space that a write belongs into, and returns its id. The transaction of the write has read
 * which one has the name now. The right is read again. While the request was received and stored, the role or the token
 * may have gone, and somebody else may have created the space, or made it anew.
 * @param existing id of that space; undefined where there is none, and the write creates one
 * @throws {RegistryError} as `createUploadSpace`
 */
export async function confirmOrCreateSpace(
  tx: Transaction,
  registry: CreationDeps,
  { space, chart }: { space: string; chart: string },
  existing: number | undefined,
): Promise<number> {
  if (existing === undefined) return createUploadSpace(tx, registry, space);
  await registry.actor.confirm(tx, 'chart.publish', { space, chart });
  return existing;
}

/**
 * Whether an actor may replace versions in the space of a write. The transaction of the write reads the right again:
 * it may have gone, or another space than the checked one has the name by now.
 * @param mayReplace whether it might in the space that was checked; a right given since then counts in another space alone
 */
export async function mayReplaceInSpace(
  tx: Transaction,
  actor: Actor,
  ref: { space: string; chart: string },
  {
    mayReplace,
    existing,
    checked,
  }: { mayReplace: boolean; existing: number | undefined; checked: number | undefined },
): Promise<boolean> {
  if (!actor.guarded || existing === undefined) return mayReplace;
  if (!mayReplace && existing === checked) return false;
  return actor.confirm(tx, 'chart.replace', ref).then(
    () => true,
    (error: unknown) => {
      // A registry token may be bounded by its scope where its owner might replace.
      if (isRegistryError(error, 'access.denied') || isRegistryError(error, 'access.insufficientScope'))
        return false;
      throw error;
    },
  );
}
