import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { VersionRef } from './registry.ts';

/** @param hint what to do about it, to be read after the name */
export function spaceNotFound(space: string, hint = ''): RegistryError {
  return new RegistryError('space.notFound', `There is no space ${space}${hint}.`);
}

export function chartNotFound(space: string, chart: string): RegistryError {
  return new RegistryError('chart.notFound', `There is no chart ${chart} in space ${space}.`);
}

export function versionNotFound({ space, chart, version }: VersionRef): RegistryError {
  return new RegistryError('version.notFound', `There is no version ${version} of ${space}/${chart}.`);
}

/** The error that names the outermost thing that is missing, for a query that found no row. */
export async function explainMissing(
  db: Queryable,
  ref: { space: string; chart: string; version?: string },
): Promise<RegistryError> {
  const [found] = await db.query<{ space: boolean; chart: boolean }>(
    `SELECT EXISTS (SELECT FROM spaces WHERE name = $1) AS space,
            EXISTS (SELECT FROM charts c JOIN spaces s ON s.id = c.space_id
                     WHERE s.name = $1 AND c.name = $2) AS chart`,
    [ref.space, ref.chart],
  );
  if (!found?.space) return spaceNotFound(ref.space);
  if (!found.chart || ref.version === undefined) return chartNotFound(ref.space, ref.chart);
  return versionNotFound({ ...ref, version: ref.version });
}
