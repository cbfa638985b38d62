import type { Queryable } from '../db/port.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import type { OciDigest } from './digest.ts';
import type { StoredManifest } from './manifest-rows.ts';
import { chartNameOf, type RepositoryRef, versionOfTag } from './names.ts';
import type { ManifestReference } from './read-manifest.ts';

/** Manifest that a request names. */
export interface ManifestRef {
  repository: RepositoryRef;
  reference: ManifestReference;
}

/** Manifest as it is stored; that of a version may not have been generated yet. */
export type FoundManifest = LookedUpManifest | 'not generated' | undefined;

/** Manifest that was looked up by the name of its space. */
export interface LookedUpManifest extends StoredManifest {
  /** Id of the space that has it; absent for one that was generated just now. */
  spaceId?: number;
  /** Whether it was found by its digest, and no version has it: one that is being pushed has none yet. */
  isUnversioned?: boolean;
}

interface ManifestRow extends Omit<LookedUpManifest, 'digest'> {
  number: number;
  /** Null for a version whose manifest has not been generated. */
  digest: LookedUpManifest['digest'] | null;
}

const repositoryIdSql = `(SELECT r.id FROM oci_repositories r WHERE r.name = w.name AND r.space_id =
     (SELECT s.id FROM spaces s WHERE s.name = w.space))`;

/**
 * Finds several manifests in one query, in their order. A manifest that its repository does not have is undefined. A
 * tag that is a version of the repository's chart stands for the version's manifest, never for a pushed tag.
 */
export async function findManifests(db: Queryable, refs: readonly ManifestRef[]): Promise<FoundManifest[]> {
  const rows = await (refs.some(({ reference }) => 'tag' in reference)
    ? findByTagOrDigest(db, refs)
    : findByDigest(db, refs));
  const found = new Map(rows.map((row) => [row.number, row]));
  return refs.map((_, index) => toFoundManifest(found.get(index + 1)));
}

function findByTagOrDigest(db: Queryable, refs: readonly ManifestRef[]): Promise<ManifestRow[]> {
  const columns = refs.map(({ repository, reference }) => {
    const tag = 'tag' in reference ? reference.tag : null;
    const version = tag === null ? undefined : versionOfTag(tag);
    const chart = chartNameOf(repository) ?? null;
    return [repository.space, repository.name, digestIn(reference), tag, chart, version ?? null];
  });
  return db.query(
    `SELECT w.number, ${columnsSql},
            w.digest IS NOT NULL AND ${isUnversionedSql} AS "isUnversioned"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]),
                   (SELECT $5::text[]), (SELECT $6::text[]))
            WITH ORDINALITY AS w (space, name, digest, tag, chart, version, number)
       LEFT JOIN LATERAL (
         SELECT id, digest, provenance FROM versions
          WHERE id = ${versionIdSql('w.space', 'w.chart', 'w.version')} OFFSET 0) v ON true
       LEFT JOIN LATERAL (
         SELECT l.manifest_id AS id FROM oci_chart_manifests l
          WHERE l.version_id = v.id AND l.archive = v.digest AND l.provenance IS NOT DISTINCT FROM v.provenance
          UNION ALL
         SELECT d.id FROM oci_manifests d WHERE d.digest = w.digest AND d.repository_id = ${repositoryIdSql}
          UNION ALL
         SELECT t.manifest_id FROM oci_tags t
          WHERE v.id IS NULL AND t.name = w.tag AND t.repository_id = ${repositoryIdSql}
          LIMIT 1) found ON true
       LEFT JOIN LATERAL (SELECT * FROM oci_manifests WHERE id = found.id OFFSET 0) m ON true
      WHERE v.id IS NOT NULL OR m.id IS NOT NULL`,
    [0, 1, 2, 3, 4, 5].map((column) => columns.map((values) => values[column])),
  );
}

/** Finds manifests by their digests alone, as pushes do. Opening the tables of versions and tags costs as much again. */
function findByDigest(db: Queryable, refs: readonly ManifestRef[]): Promise<ManifestRow[]> {
  return db.query(
    `SELECT w.number, ${columnsSql},
            ${isUnversionedSql} AS "isUnversioned"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]))
            WITH ORDINALITY AS w (space, name, digest, number)
       CROSS JOIN LATERAL (
         SELECT * FROM oci_manifests d WHERE d.digest = w.digest AND d.repository_id = ${repositoryIdSql} OFFSET 0) m`,
    [
      refs.map(({ repository }) => repository.space),
      refs.map(({ repository }) => repository.name),
      refs.map(({ reference }) => digestIn(reference)),
    ],
  );
}

const columnsSql = `m.digest, m.media_type AS "mediaType", octet_length(m.content) AS size, m.content,
            (SELECT s.id FROM spaces s WHERE s.name = w.space) AS "spaceId"`;

const isUnversionedSql =
  '(SELECT true FROM oci_chart_manifests l WHERE l.manifest_id = m.id LIMIT 1) IS NULL';

function digestIn(reference: ManifestReference): OciDigest | null {
  return 'digest' in reference ? reference.digest : null;
}

function toFoundManifest(row: ManifestRow | undefined): FoundManifest {
  if (!row) return undefined;
  const { number: _, digest, ...manifest } = row;
  return digest === null ? 'not generated' : { digest, ...manifest };
}
