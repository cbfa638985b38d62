import type { Digest } from '../blobs/port.ts';
import { isChartName } from '../chart/names.ts';
import { isStrictVersion, parseVersion } from '../chart/version.ts';
import { RegistryError } from '../errors.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Registry, VersionRef } from '../registry/registry.ts';
import { findSpace } from '../registry/space-rows.ts';
import type { StoredArchive } from '../registry/versions.ts';

/** A version that was found by the name of its file. */
export interface FoundFile extends VersionRef {
  archive: StoredArchive;
}

/**
 * Finds the version whose archive is called `NAME-VERSION.tgz`. Both may contain dashes, so all ways to part them are looked
 * up at once. Two versions can share a file name (`a-1.0.0` in `2.0.0`, `a` in `1.0.0-2.0.0`): then a strict version goes
 * before a loose one, and the longer chart name before the shorter.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `version.notFound`
 */
export async function findFile(registry: Registry, space: string, file: string): Promise<FoundFile> {
  checkSpaceName(space);
  const parts = partName(file.replace(/\.tgz$/, ''));
  const [found] = await registry.db.query<{
    chart: string;
    version: string;
    digest: Digest;
    size: number;
    updatedAt: Date;
  }>(
    `SELECT c.name AS chart, v.version, v.digest, v.size, v.updated_at AS "updatedAt"
               FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS named (chart, version, preference)
                    JOIN spaces s ON s.name = $1
                    JOIN charts c ON c.space_id = s.id AND c.name = named.chart
                    JOIN versions v ON v.chart_id = c.id AND v.version = named.version
              ORDER BY preference LIMIT 1`,
    [space, parts.map(({ chart }) => chart), parts.map(({ version }) => version)],
  );
  if (found) {
    const { chart, version, ...archive } = found;
    return { space, chart, version, archive };
  }
  if ((await findSpace(registry.db, space)) === undefined) throw await explainMissing(registry.db, { space });
  throw new RegistryError('version.notFound', `There is no ${file} in space ${space}.`);
}

/** Every way to read a name as `CHART-VERSION`, the likeliest first. */
export function partName(name: string): { chart: string; version: string }[] {
  const parts: { chart: string; version: string }[] = [];
  for (let at = name.lastIndexOf('-'); at > 0; at = name.lastIndexOf('-', at - 1)) {
    const [chart, version] = [name.slice(0, at), name.slice(at + 1)];
    if (isChartName(chart) && parseVersion(version)) parts.push({ chart, version });
  }
  const strict = parts.filter(({ version }) => isStrictVersion(version));
  return [...strict, ...parts.filter((part) => !strict.includes(part))];
}
