import { checkVersionRef } from '../names.ts';
import { explainMissing } from '../not-found.ts';
import type { RegistryDeps, VersionRef } from '../registry.ts';
import { versionIdSql } from '../version-lookup.ts';
import { findDetailReader } from './reader.ts';
import {
  type DetailRow,
  detailColumns,
  detailParameters,
  toDetails,
  type VersionDetails,
} from './version-details.ts';

/** Details of a version with what its Chart.yaml says. */
export interface WholeVersionDetails extends VersionDetails {
  home?: string;
  sources: unknown;
  maintainers: unknown;
  annotations: unknown;
}

/** Largest number of bytes of a list or map of Chart.yaml that is shown; a larger one is left out. */
const maxBytes = 64 * 1024;

/**
 * Reads the details of one version.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`
 */
export async function readVersionDetails(
  registry: RegistryDeps,
  ref: VersionRef,
): Promise<WholeVersionDetails> {
  checkVersionRef(ref);
  const reader = await findDetailReader(registry.actor);
  const bounded = (key: string, type: string, otherwise: string) =>
    `CASE WHEN jsonb_typeof(v.metadata -> '${key}') = '${type}' AND octet_length((v.metadata -> '${key}')::text) <= ${maxBytes}
          THEN v.metadata -> '${key}' ELSE '${otherwise}'::jsonb END AS ${key}`;
  const [row] = await registry.db.query<
    DetailRow & Omit<WholeVersionDetails, 'home'> & { home: string | null }
  >(
    `SELECT ${detailColumns(reader, 4)}, left(v.metadata ->> 'home', 1000) AS home,
            ${bounded('sources', 'array', '[]')}, ${bounded('maintainers', 'array', '[]')},
            ${bounded('annotations', 'object', '{}')}
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version, ...detailParameters(reader)],
  );
  if (!row) throw await explainMissing(registry.db, ref, registry.suggestible);
  const { home, sources, maintainers, annotations, ...details } = row;
  return {
    ...toDetails(details),
    ...(home === null ? {} : { home }),
    sources,
    maintainers,
    annotations,
  };
}
