import { splitArchiveName } from '../archive/archive-name.ts';
import type { Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import type { StoredArchive } from '../registry/versions.ts';

/** A version found by the file name of its archive. */
export interface FoundFile extends VersionRef {
  archive: StoredArchive;
}

/**
 * Finds the version whose archive has the file name `NAME-VERSION.tgz`.
 * Both parts may contain dashes, so one query looks up all ways to split the name. When two versions share a file name
 * (`a-1.0.0` in `2.0.0`, `a` in `1.0.0-2.0.0`), the longer chart name wins. A loose version is looked up only if no
 * split gives a strict SemVer version. In indexes, ambiguous names have another path; see `archivePath`.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `version.notFound`
 */
export async function findVersionByFileName(
  registry: RegistryDeps,
  space: string,
  file: string,
): Promise<FoundFile> {
  checkSpaceName(space);
  const splits = splitArchiveName(file.replace(/\.tgz$/, ''));
  const [found] = await registry.db.query<{
    chart: string;
    version: string;
    digest: Digest;
    size: number;
    updatedAt: Date;
  }>(
    `SELECT c.name AS chart, v.version, v.digest, v.size, v.updated_at AS "updatedAt"
               FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS candidate (chart, version, preference)
                    JOIN spaces s ON s.name = $1
                    JOIN charts c ON c.space_id = s.id AND c.name = candidate.chart
                    JOIN versions v ON v.chart_id = c.id AND v.version = candidate.version
              ORDER BY preference LIMIT 1`,
    [space, splits.map(({ chart }) => chart), splits.map(({ version }) => version)],
  );
  if (found) {
    const { chart, version, ...archive } = found;
    return { space, chart, version, archive };
  }
  if ((await findSpaceId(registry.db, space)) === undefined)
    throw await explainMissing(registry.db, { space }, registry.suggestible);
  throw fileNotFoundError(space, file);
}

/** Makes the error for a file name that no archive of a space has. */
export function fileNotFoundError(space: string, file: string): RegistryError {
  return new RegistryError('version.notFound', `There is no ${file} in space ${space}.`);
}
