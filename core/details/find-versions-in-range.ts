import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { boundText } from '../runtime/bound-text.ts';
import { boundsOfConstraint } from '../semver/bounds.ts';
import { parseConstraint, satisfies } from '../semver/constraint.ts';
import { parseVersion } from '../semver/version.ts';

/** Versions of one query, few enough to match them while nobody waits for the event loop. */
const batchSize = 5_000;

/** Sorts after every sort key and every version. */
const afterEverySortKey = '~';

interface Candidate {
  id: number;
  sortKey: string;
  version: string;
}

/**
 * Finds the versions of a chart that a SemVer range allows, by Helm's rules. Pre-releases count only where it names
 * one. Only versions within the bounds of the range are read.
 * @returns their ids
 * @throws {RegistryError} `request.invalid` for a text that is not a range
 */
export async function findVersionsInRange(db: Queryable, chartId: number, range: string): Promise<number[]> {
  const constraint = parseConstraint(range);
  if (!constraint) {
    throw new RegistryError(
      'request.invalid',
      `range: ${JSON.stringify(boundText(range, 60))} is not a range of versions. Write one as Helm reads it, such as ^1.2 or ">=1.0 <3.0".`,
      { parameter: 'range' },
    );
  }
  const { from = '', to = afterEverySortKey } = boundsOfConstraint(constraint);
  const ids: number[] = [];
  for (let after = { sortKey: from, version: '' }; ; ) {
    const batch = await db.query<Candidate>(
      `SELECT id, sort_key AS "sortKey", version FROM versions
        WHERE chart_id = $1 AND (sort_key, version) > ($2, $3) AND sort_key <= $4
        ORDER BY sort_key, version LIMIT $5`,
      [chartId, after.sortKey, after.version, to, batchSize],
    );
    for (const { id, version, sortKey } of batch) {
      const parsed = parseVersion(version);
      if (parsed && satisfies(parsed, constraint, sortKey)) ids.push(id);
    }
    const last = batch.at(-1);
    if (!last || batch.length < batchSize) return ids;
    after = last;
  }
}
