-- Scheme, host and port that a run of a mirror asks. Two mirrors of one host run one after the other, since the host would get
-- the requests of both. NULL for runs of a program before this migration.

ALTER TABLE mirror_runs ADD COLUMN origin text;

-- Whether the OCI manifest of a deleted version counted toward the quota, as those do that somebody has pushed: it counts
-- again when the version is restored. Those deleted before do not.
ALTER TABLE deleted_versions ADD COLUMN manifest_counted boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION keep_deleted(ids bigint[], chart charts) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_versions (space_id, chart, version, sort_key, digest, size, provenance, provenance_size, metadata, entry,
    author_id, author, created_at, updated_at, lineage, lineage_sources, manifest, manifest_digest, manifest_type, manifest_counted,
    run_id, blobs)
  SELECT s.id, chart.name, v.version, v.sort_key, v.digest, v.size, v.provenance, v.provenance_size, v.metadata, v.entry,
         v.author_id, v.author, v.created_at, v.updated_at, to_jsonb(l),
         CASE WHEN l.version_id IS NOT NULL THEN (
           SELECT jsonb_agg(jsonb_build_object('space', x.space, 'chart', x.chart, 'version', x.version, 'digest', x.digest))
             FROM lineage_sources x WHERE x.version_id = v.id) END,
         m.content, m.digest, m.media_type, coalesce(m.counted, false),
         nullif(current_setting('helm_registry.retention_run', true), '')::uuid,
         array_remove(ARRAY[v.digest, v.provenance], NULL)
           || ARRAY(SELECT b.digest::text FROM oci_manifest_blobs b WHERE b.manifest_id = m.id AND b.digest <> v.digest)
    FROM versions v JOIN spaces s ON s.id = chart.space_id
         LEFT JOIN lineage l ON l.version_id = v.id
         LEFT JOIN oci_chart_manifests o ON o.version_id = v.id AND o.archive = v.digest
                                        AND o.provenance IS NOT DISTINCT FROM v.provenance
         LEFT JOIN oci_manifests m ON m.id = o.manifest_id
   WHERE v.id = ANY (ids) ORDER BY v.id;
END
$$;
