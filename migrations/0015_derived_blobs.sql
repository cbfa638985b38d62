-- Blobs made from others, which can be made anew: the prepared forms of sources. Never the only copy of anything.
CREATE TABLE derived_blobs (
  -- Digest of the archive that it was made from. No foreign key: versions share archives.
  source text NOT NULL CHECK (source ~ '^sha256:[0-9a-f]{64}$'),
  -- Number of the form; releases with different ones may run beside each other.
  form   smallint NOT NULL,
  blob   text NOT NULL CHECK (blob ~ '^sha256:[0-9a-f]{64}$'),
  size   bigint NOT NULL CHECK (size > 0),
  PRIMARY KEY (source, form)
);
CREATE INDEX derived_blobs_by_blob ON derived_blobs (blob);

CREATE OR REPLACE VIEW named_blobs (digest, size, what) AS
  SELECT digest, size, 'archive' FROM versions
  UNION ALL
  SELECT provenance, provenance_size, 'provenance' FROM versions WHERE provenance IS NOT NULL
  UNION ALL
  SELECT blob, size, 'blob' FROM oci_blobs WHERE blob IS NOT NULL
  UNION ALL
  SELECT digest, size, 'chunk' FROM oci_upload_parts
  UNION ALL
  SELECT blob, size, 'derived' FROM derived_blobs;

CREATE FUNCTION record_derived_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) SELECT DISTINCT blob FROM gone;
  RETURN NULL;
END
$$;
CREATE TRIGGER derived_blobs_deleted AFTER DELETE ON derived_blobs
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION record_derived_orphans();

CREATE FUNCTION record_replaced_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) VALUES (OLD.blob);
  RETURN NULL;
END
$$;
CREATE TRIGGER derived_blobs_replaced AFTER UPDATE OF blob ON derived_blobs
  FOR EACH ROW WHEN (OLD.blob <> NEW.blob) EXECUTE FUNCTION record_replaced_derived();

-- Archives to prepare before their first use as a source; taking one deletes it. An entry that is lost costs time only.
CREATE TABLE sources_to_prepare (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text NOT NULL
);

CREATE FUNCTION note_source_to_prepare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sources_to_prepare (digest) VALUES (NEW.digest);
  RETURN NULL;
END
$$;
-- Uploaded charts: composed ones have no values yet, and are seldom sources. Small archives are prepared as fast as they are
-- loaded; archives over 1 MiB take much memory, and wait for their first use.
CREATE TRIGGER versions_added_to_prepare AFTER INSERT ON versions
  FOR EACH ROW WHEN (NEW.values IS NOT NULL AND NEW.size BETWEEN 8193 AND 1048576)
  EXECUTE FUNCTION note_source_to_prepare();
CREATE TRIGGER versions_replaced_to_prepare AFTER UPDATE OF digest ON versions
  FOR EACH ROW WHEN (OLD.digest <> NEW.digest AND NEW.values IS NOT NULL AND NEW.size BETWEEN 8193 AND 1048576)
  EXECUTE FUNCTION note_source_to_prepare();
