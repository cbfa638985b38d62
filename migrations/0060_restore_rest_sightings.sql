-- Blobs of a deleted version: archive, provenance file, and what its OCI manifest lists. They are kept as long as the version
-- can be had back.
ALTER TABLE deleted_versions ADD COLUMN blobs text[];
UPDATE deleted_versions SET blobs = array_remove(ARRAY[digest, provenance], NULL);

-- As before, with the blobs.
CREATE OR REPLACE FUNCTION keep_deleted(ids bigint[], chart charts) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_versions (space_id, chart, version, sort_key, digest, size, provenance, provenance_size, metadata, entry,
    author_id, author, created_at, updated_at, lineage, lineage_sources, manifest, manifest_digest, manifest_type, run_id, blobs)
  SELECT s.id, chart.name, v.version, v.sort_key, v.digest, v.size, v.provenance, v.provenance_size, v.metadata, v.entry,
         v.author_id, v.author, v.created_at, v.updated_at, to_jsonb(l),
         CASE WHEN l.version_id IS NOT NULL THEN (
           SELECT jsonb_agg(jsonb_build_object('space', x.space, 'chart', x.chart, 'version', x.version, 'digest', x.digest))
             FROM lineage_sources x WHERE x.version_id = v.id) END,
         m.content, m.digest, m.media_type,
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

-- Hold (its time) for which a worker has ended all that it had begun before; NULL for none.
ALTER TABLE workers ADD COLUMN resting_for timestamptz;

-- When a mirror first saw each version of its upstream, with the bytes of that time. Kept for mirrors with a minimum age.
CREATE TABLE mirror_sightings (
  mirror_id uuid NOT NULL REFERENCES mirrors ON DELETE CASCADE,
  chart     text COLLATE "C" NOT NULL,
  version   text COLLATE "C" NOT NULL,
  -- NULL where the upstream does not say it.
  digest    text,
  seen_at   timestamptz NOT NULL,
  PRIMARY KEY (mirror_id, chart, version)
);

-- Upstream whose versions the sightings are; NULL before the first look.
ALTER TABLE mirrors ADD COLUMN sighted_url text;
