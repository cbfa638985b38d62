import { markRefusal } from '../access/refusals.ts';
import { someChartPlaceholder } from '../access/rights.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { explainMissing, rewordMissing } from '../registry/not-found.ts';
import type { RecipeRights } from './recipe-rights.ts';

/**
 * Checks that the spaces of `save.from` are there. A space that the author may not read gets the error of an absent
 * one.
 * @throws {RegistryError} `source.notFound` with the pointer of the first space that is missing
 */
export async function checkFromSpaces(
  db: Queryable,
  from: readonly string[],
  { mayRead, scope }: RecipeRights,
): Promise<void> {
  if (from.length === 0) return;
  const rows = await db.query<{ name: string }>('SELECT name FROM spaces WHERE name = ANY($1::text[])', [
    from,
  ]);
  const present = new Set(rows.map(({ name }) => name));
  const readable = await Promise.all(from.map((space) => mayRead({ space, chart: someChartPlaceholder })));
  const index = from.findIndex((space, position) => !present.has(space) || !readable[position]);
  const space = from[index];
  if (space === undefined) return;
  const pointer = `/save/from/${index}`;
  const missing = await explainMissing(db, { space }, scope);
  const explained = rewordMissing(
    missing,
    ({ message, details }) =>
      new RegistryError('source.notFound', `${pointer}: ${message}`, {
        pointer,
        missing: 'space',
        ...details,
      }),
  );
  throw readable[index] ? explained : markRefusal(explained, { right: 'chart.read', space });
}
