-- Blobs whose stored bytes are known to be damaged or missing although rows name them. Found by a download, a recipe or
-- verify; mended by the next upload of the same content, or by verify --repair. Usually empty.
CREATE TABLE blob_faults (
  digest   text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  fault    text NOT NULL CHECK (fault IN ('damaged', 'missing')),
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Reads that were refused because of it.
  refused  bigint NOT NULL DEFAULT 0
);

-- As in 0007, but in a space whose versions are immutable a tag goes on giving the manifest that it has given, also when the
-- version gets its first provenance file: that is found where chart repositories have it.
CREATE OR REPLACE FUNCTION oci_retire_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.digest = NEW.digest AND OLD.provenance IS NULL AND EXISTS (
       SELECT FROM charts c JOIN spaces s ON s.id = c.space_id WHERE c.id = NEW.chart_id AND s.overwriting = 'immutable') THEN
    UPDATE oci_chart_manifests SET provenance = NEW.provenance WHERE version_id = OLD.id;
    RETURN NULL;
  END IF;
  UPDATE oci_manifests m SET retired_at = clock_timestamp()
    FROM oci_chart_manifests c WHERE c.version_id = OLD.id AND m.id = c.manifest_id;
  DELETE FROM oci_chart_manifests WHERE version_id = OLD.id;
  RETURN NULL;
END
$$;
