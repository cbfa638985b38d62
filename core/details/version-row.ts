import type { Digest } from '../blobs/port.ts';
import type { VersionRef } from '../registry/registry.ts';
import type { VersionDetails } from './details.ts';

/** Fields of Chart.yaml that rows show, as migration 0040 keeps them. */
type ShownFields = Pick<
  VersionDetails,
  'deprecated' | 'description' | 'appVersion' | 'kubeVersion' | 'type' | 'keywords' | 'icon'
>;

/** Row of a version, as {@link versionColumns} select it. */
export interface VersionRow {
  version: string;
  createdAt: Date;
  updatedAt: Date;
  size: number;
  digest: Digest;
  author: string | null;
  signed: boolean;
  composed: boolean;
  preRelease: boolean;
  shown: ShownFields;
}

// Lookups are nested, so that each row of a page costs a few entries of indexes, whatever the tables have.
const hasSignatureSql = `EXISTS (
  SELECT FROM oci_chart_manifests l JOIN oci_manifests m ON m.id = l.manifest_id
   WHERE l.version_id = v.id AND l.archive = v.digest AND l.provenance IS NOT DISTINCT FROM v.provenance
     AND (EXISTS (SELECT FROM oci_manifests s
                   WHERE s.repository_id = m.repository_id AND s.subject = m.digest AND is_signature(s.artifact_type))
          OR EXISTS (SELECT FROM oci_tags t
                      WHERE t.repository_id = m.repository_id AND t.name = replace(m.digest, ':', '-') || '.sig')))`;

/** Columns of {@link VersionRow}, over the version `v`. */
export const versionColumns = `v.version, v.created_at AS "createdAt", v.updated_at AS "updatedAt", v.size, v.digest, v.author,
  v.provenance IS NOT NULL OR ${hasSignatureSql} AS signed,
  EXISTS (SELECT FROM lineage WHERE version_id = v.id) AS composed, right(v.sort_key, 1) <> '~' AS "preRelease", v.shown`;

/** Makes the details of a version from its row, without its state. */
export function toVersionDetails(
  { space, chart }: Pick<VersionRef, 'space' | 'chart'>,
  row: VersionRow,
): VersionDetails {
  const { deprecated, description, appVersion, kubeVersion, type, keywords, icon } = row.shown;
  return {
    space,
    chart,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    size: row.size,
    digest: row.digest,
    ...(row.author === null ? {} : { author: row.author }),
    signed: row.signed,
    composed: row.composed,
    deprecated,
    preRelease: row.preRelease,
    ...(description === undefined ? {} : { description }),
    ...(appVersion === undefined ? {} : { appVersion }),
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    type,
    keywords,
    icon,
  };
}
