-- Versions that were deleted, so that they can be had back while the store has their archives. Values and outlines are not
-- kept: they are made from the archive when they are next asked for.

CREATE TABLE deleted_versions (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- With a space go its deleted versions.
  space_id        bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  chart           text COLLATE "C" NOT NULL,
  version         text COLLATE "C" NOT NULL,
  sort_key        text COLLATE "C" NOT NULL,
  digest          text NOT NULL,
  size            bigint NOT NULL,
  provenance      text,
  provenance_size bigint,
  metadata        jsonb NOT NULL,
  entry           text NOT NULL,
  author_id       uuid,
  author          text,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  -- Row of its lineage, with its sources as a list; NULL for one that was uploaded.
  lineage         jsonb,
  lineage_sources jsonb,
  -- Its OCI manifest, so that its digest and the signatures of it count again.
  manifest        bytea,
  manifest_digest text,
  manifest_type   text,
  -- Run of retention that has deleted it.
  run_id          uuid,
  deleted_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX deleted_versions_by_name ON deleted_versions (space_id, chart, version, id);
CREATE INDEX deleted_versions_by_chart ON deleted_versions (space_id, chart, deleted_at, id);
CREATE INDEX deleted_versions_by_space ON deleted_versions (space_id, deleted_at, id);
CREATE INDEX deleted_versions_by_age ON deleted_versions (deleted_at);

-- In a space that is there still: the row of one that is being deleted cannot be seen any more.
CREATE FUNCTION keep_deleted(ids bigint[], chart charts) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_versions (space_id, chart, version, sort_key, digest, size, provenance, provenance_size, metadata, entry,
    author_id, author, created_at, updated_at, lineage, lineage_sources, manifest, manifest_digest, manifest_type, run_id)
  SELECT s.id, chart.name, v.version, v.sort_key, v.digest, v.size, v.provenance, v.provenance_size, v.metadata, v.entry,
         v.author_id, v.author, v.created_at, v.updated_at, to_jsonb(l),
         CASE WHEN l.version_id IS NOT NULL THEN (
           SELECT jsonb_agg(jsonb_build_object('space', x.space, 'chart', x.chart, 'version', x.version, 'digest', x.digest))
             FROM lineage_sources x WHERE x.version_id = v.id) END,
         m.content, m.digest, m.media_type,
         nullif(current_setting('helm_registry.retention_run', true), '')::uuid
    FROM versions v JOIN spaces s ON s.id = chart.space_id
         LEFT JOIN lineage l ON l.version_id = v.id
         LEFT JOIN oci_chart_manifests o ON o.version_id = v.id AND o.archive = v.digest
                                        AND o.provenance IS NOT DISTINCT FROM v.provenance
         LEFT JOIN oci_manifests m ON m.id = o.manifest_id
   WHERE v.id = ANY (ids) ORDER BY v.id;
END
$$;

CREATE FUNCTION keep_deleted_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  chart charts;
BEGIN
  -- Of a chart that goes as a whole the function below has kept the versions.
  SELECT * INTO chart FROM charts WHERE id = OLD.chart_id;
  IF FOUND THEN
    PERFORM keep_deleted(ARRAY[OLD.id], chart);
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER versions_kept_for_restore BEFORE DELETE ON versions FOR EACH ROW EXECUTE FUNCTION keep_deleted_version();

CREATE FUNCTION keep_deleted_chart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM keep_deleted(ARRAY(SELECT id FROM versions WHERE chart_id = OLD.id), OLD);
  RETURN OLD;
END
$$;
CREATE TRIGGER charts_kept_for_restore BEFORE DELETE ON charts FOR EACH ROW EXECUTE FUNCTION keep_deleted_chart();
