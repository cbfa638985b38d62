/**
 * SQL of the ids of versions of a space that cosign has signed, from its signatures: they are few beside versions.
 * @param spaceId SQL of the id of the space
 */
function signedIdsSql(spaceId: string): string {
  const versionOf = (digest: string) =>
    `oci_manifests m JOIN oci_chart_manifests l ON l.manifest_id = m.id
       WHERE m.repository_id = r.id AND m.digest = ${digest}`;
  return `SELECT l.version_id FROM oci_repositories r CROSS JOIN LATERAL (
            SELECT l.version_id FROM (
              SELECT DISTINCT subject FROM oci_manifests
               WHERE repository_id = r.id AND subject IS NOT NULL AND is_signature(artifact_type)
            ) s CROSS JOIN LATERAL (SELECT l.version_id FROM ${versionOf('s.subject')} LIMIT 1) l
            UNION ALL
            SELECT l.version_id FROM (
              SELECT name FROM oci_tags WHERE repository_id = r.id AND name LIKE 'sha256-%.sig'
            ) t CROSS JOIN LATERAL (SELECT l.version_id FROM ${versionOf("'sha256:' || substr(t.name, 8, 64)")} LIMIT 1) l
          ) l WHERE r.space_id = ${spaceId}`;
}

/**
 * SQL that is true for a chart whose latest version is signed. The SQL reads the row `d` of `chart_details`.
 * @param spaceId SQL of the id of the space
 */
export function isChartSignedSql(spaceId: string): string {
  return `(d.provenance OR d.latest_id = ANY (ARRAY(${signedIdsSql(spaceId)})))`;
}
