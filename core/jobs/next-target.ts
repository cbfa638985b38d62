import type { Queryable } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { VersionRef } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { type NextStep, nextVersion, sortKeyPrefixOfLine } from '../semver/next-version.ts';
import { parseVersion, sortKey, type Version } from '../semver/version.ts';

/** Sorts after every sort key that begins as a line does: what follows is digits. */
const afterLineSuffix = '~';

/**
 * Finds the version that a step leads to, in a chart of the same space. The version is one after the highest version of the
 * line. Stored versions count, those that unfinished jobs have reserved, and the version that is composed again. Two
 * that ask at once may get the same answer; the lock on the version lets one of them have it.
 */
export async function findNextVersion(
  db: Queryable,
  from: VersionRef,
  chart: string,
  step: NextStep,
): Promise<string> {
  const base = parseVersion(from.version);
  if (!base) throw new Error(`${from.version} is not a version`);
  const line = sortKeyPrefixOfLine(base, step);
  const rows = await db.query<{ version: string }>(
    `(SELECT version FROM versions
       WHERE chart_id = ${chartIdSql('$1', '$2')}
         AND sort_key >= $3 AND sort_key < $4
       ORDER BY sort_key DESC LIMIT 1)
     UNION ALL
     SELECT version FROM jobs WHERE space = $1 AND chart = $2 AND state IN ('queued', 'running')`,
    [from.space, chart, line, line + afterLineSuffix],
  );
  let highest = { version: base, key: sortKey(base) };
  for (const version of rows.map((row) => parseVersion(row.version)))
    if (version && isHigherIn(line, version, highest.key)) highest = { version, key: sortKey(version) };
  return nextVersion(highest.version, step);
}

/** Whether an error says that another has a version, or is about to. The next one may be free. */
export function isVersionTakenError(error: unknown): boolean {
  return isRegistryError(error, 'version.exists') || isRegistryError(error, 'version.composing');
}

function isHigherIn(line: string, version: Version, key: string): boolean {
  const own = sortKey(version);
  return own.startsWith(line) && own > key;
}
