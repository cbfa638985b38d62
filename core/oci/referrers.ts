import type { RegistryDeps } from '../registry/registry.ts';
import type { OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';

/** A manifest whose subject is another, as the list of referrers shows it. */
export interface Referrer {
  mediaType: string;
  digest: OciDigest;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** Referrers of one response. */
const maxResponseReferrers = 100;

/** Bytes of all annotations of one response (4 MiB); a first referrer with more is returned alone. */
const maxResponseAnnotationBytes = 4 * 1024 * 1024;

/**
 * Lists the manifests of a repository whose subject is a digest. The subject need not exist.
 * @param after lists digests after this one; '' begins at the start
 * @returns `more` when further referrers follow
 */
export async function listReferrers(
  registry: RegistryDeps,
  { space, name }: RepositoryRef,
  subject: OciDigest,
  artifactType: string | undefined,
  after: string,
): Promise<{ referrers: Referrer[]; more: boolean }> {
  const rows = await registry.db.query<{
    mediaType: string;
    digest: OciDigest;
    size: number;
    artifactType: string | null;
    annotations: Record<string, string> | null;
    fits: boolean;
  }>(
    // Annotations beyond the limit are not read, since those of one manifest may have megabytes.
    `SELECT "mediaType", digest, size, "artifactType", fits, CASE WHEN fits THEN annotations END AS annotations
       FROM (SELECT *, number = 1 OR number <= $6 AND sum(bytes) OVER (ORDER BY digest) <= $7 AS fits
               FROM (SELECT m.media_type AS "mediaType", m.digest, octet_length(m.content) AS size,
                            m.artifact_type AS "artifactType", m.annotations,
                            coalesce(octet_length(m.annotations::text), 0) AS bytes,
                            row_number() OVER (ORDER BY m.digest) AS number
                       FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id
                            JOIN spaces s ON s.id = r.space_id
                      WHERE s.name = $1 AND r.name = $2 AND m.subject = $3 AND m.digest > $4
                        AND ($5::text IS NULL OR m.artifact_type = $5)
                      ORDER BY m.digest LIMIT $6 + 1) AS page) AS counted
      ORDER BY digest`,
    [space, name, subject, after, artifactType ?? null, maxResponseReferrers, maxResponseAnnotationBytes],
  );
  const fitting = rows.filter(({ fits }) => fits);
  return {
    referrers: fitting.map(({ mediaType, digest, size, artifactType: type, annotations }) => ({
      mediaType,
      digest,
      size,
      ...(type === null ? {} : { artifactType: type }),
      ...(annotations === null ? {} : { annotations }),
    })),
    more: fitting.length < rows.length,
  };
}
