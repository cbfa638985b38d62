import { inArrayScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import type { Digest } from '../blobs/port.ts';
import { checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, RegistryDeps, VersionRef } from './registry.ts';
import { hasVersion } from './version-lookup.ts';

/** A version that was composed from another. */
export type Dependent = VersionRef & {
  /** Digest that the source had then; the source may have been replaced since. */
  sourceDigest: Digest;
};

/**
 * Lists the versions composed from a version that the actor may read, newest first.
 * The version itself may be deleted, as long as a version composed from it exists. The total is counted up to 10,000
 * only, so that a page has a bounded cost.
 * @throws {RegistryError} `version.notFound`, or that of its chart or space
 */
export async function listDependents(
  registry: RegistryDeps,
  ref: VersionRef,
  paging: Paging,
): Promise<Page<Dependent>> {
  checkVersionRef(ref);
  const source = [ref.space, ref.chart, ref.version];
  const scope = await registry.actor.scope();
  const bounds = isUnboundedScope(scope) ? [] : toScopeArrays(scope);
  const from = fromDependentsSql(bounds.length > 0);
  const [counted] = await registry.db.query<{ total: number }>(
    `SELECT count(*) AS total FROM (SELECT ${from} LIMIT 10000) counted`,
    [...source, ...bounds],
  );
  const total = counted?.total ?? 0;
  if (total === 0 && !(await hasVersion(registry.db, ref)))
    throw await explainMissing(registry.db, ref, registry.suggestible);
  const items = await registry.db.query<Dependent>(
    `SELECT s.name AS space, c.name AS chart, v.version, l.digest AS "sourceDigest"
       FROM (SELECT l.version_id, l.digest ${from}
              ORDER BY l.version_id DESC OFFSET $${4 + bounds.length} LIMIT $${5 + bounds.length}) l
            JOIN versions v ON v.id = l.version_id JOIN charts c ON c.id = v.chart_id
            JOIN spaces s ON s.id = c.space_id
      ORDER BY l.version_id DESC`,
    [...source, ...bounds, paging.start, paging.limit],
  );
  return { total, items };
}

/** SQL of the versions composed from one, in all spaces or in those of a scope. */
function fromDependentsSql(isBounded: boolean): string {
  const readable = `JOIN versions v ON v.id = l.version_id JOIN charts c ON c.id = v.chart_id
            JOIN spaces s ON s.id = c.space_id AND ${inArrayScopeSql('s', 4)}`;
  return `FROM lineage_sources l ${isBounded ? readable : ''}
            WHERE l.space = $1 AND l.chart = $2 AND l.version = $3`;
}
