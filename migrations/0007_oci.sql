-- Repositories of artifacts as OCI registries have them. Versions of charts are not here: their tags and manifests are
-- made of the versions themselves, and only what was made is kept, so that its digest stays.

CREATE TABLE oci_repositories (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  -- Below the space: `web`, which is also where the versions of the chart `web` are, or `team/web`.
  name     text COLLATE "C" NOT NULL,
  UNIQUE (space_id, name)
);

CREATE TABLE oci_manifests (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id bigint NOT NULL REFERENCES oci_repositories ON DELETE CASCADE,
  digest        text COLLATE "C" NOT NULL CHECK (digest ~ '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$'),
  media_type    text NOT NULL,
  -- Byte for byte as it was pushed.
  content       bytea NOT NULL,
  -- What the list of referrers says of it.
  subject       text COLLATE "C",
  artifact_type text,
  annotations   jsonb,
  -- Since when another has its place as the manifest of a version; it goes after the grace, unless it has a tag.
  retired_at    timestamptz,
  UNIQUE (repository_id, digest)
);
CREATE INDEX oci_manifests_by_subject ON oci_manifests (repository_id, subject, digest) WHERE subject IS NOT NULL;
CREATE INDEX oci_manifests_retired ON oci_manifests (retired_at) WHERE retired_at IS NOT NULL;

-- After oci_manifests: when a repository goes, what names blobs must go before them.
CREATE TABLE oci_blobs (
  repository_id bigint NOT NULL REFERENCES oci_repositories ON DELETE CASCADE,
  digest        text COLLATE "C" NOT NULL CHECK (digest ~ '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$'),
  -- What the object store calls the bytes; or the bytes themselves, of a configuration that was made here.
  blob          text CHECK (blob ~ '^sha256:[0-9a-f]{64}$'),
  content       bytea,
  size          bigint NOT NULL CHECK (size >= 0),
  -- Whether a manifest has ever named it, and since when none does; an entry may be late, never missing.
  named         boolean NOT NULL DEFAULT false,
  idle_since    timestamptz DEFAULT clock_timestamp(),
  PRIMARY KEY (repository_id, digest),
  CHECK ((blob IS NULL) <> (content IS NULL))
);
CREATE INDEX oci_blobs_by_digest ON oci_blobs (digest);
CREATE INDEX oci_blobs_by_blob ON oci_blobs (blob) WHERE blob IS NOT NULL;
CREATE INDEX oci_blobs_idle ON oci_blobs (idle_since) WHERE idle_since IS NOT NULL;

-- The reference decides between who deletes a blob and who puts a manifest that names it.
CREATE TABLE oci_manifest_blobs (
  manifest_id   bigint NOT NULL REFERENCES oci_manifests ON DELETE CASCADE,
  repository_id bigint NOT NULL,
  digest        text COLLATE "C" NOT NULL,
  PRIMARY KEY (manifest_id, digest),
  FOREIGN KEY (repository_id, digest) REFERENCES oci_blobs (repository_id, digest)
);
CREATE INDEX oci_manifest_blobs_by_blob ON oci_manifest_blobs (repository_id, digest);

CREATE FUNCTION oci_let_go_of_blobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH held AS (
    SELECT b.repository_id, b.digest FROM oci_blobs b
     WHERE (b.repository_id, b.digest) IN (SELECT repository_id, digest FROM gone)
     ORDER BY b.repository_id, b.digest FOR NO KEY UPDATE
  )
  UPDATE oci_blobs b SET idle_since = clock_timestamp() FROM held
   WHERE b.repository_id = held.repository_id AND b.digest = held.digest;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_manifest_blobs_deleted AFTER DELETE ON oci_manifest_blobs
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION oci_let_go_of_blobs();

-- Tags that are no versions of a chart.
CREATE TABLE oci_tags (
  repository_id bigint NOT NULL REFERENCES oci_repositories ON DELETE CASCADE,
  name          text COLLATE "C" NOT NULL,
  manifest_id   bigint NOT NULL REFERENCES oci_manifests ON DELETE CASCADE,
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX oci_tags_by_manifest ON oci_tags (manifest_id);

-- A version as a tag.
CREATE INDEX versions_by_tag ON versions (chart_id, replace(version, '+', '_'));

-- The manifest of a version: pushed, or made when it was first asked for. It counts only for the archive and the provenance
-- that it was made of.
CREATE TABLE oci_chart_manifests (
  version_id  bigint PRIMARY KEY REFERENCES versions ON DELETE CASCADE,
  manifest_id bigint NOT NULL UNIQUE REFERENCES oci_manifests ON DELETE CASCADE,
  archive     text NOT NULL,
  provenance  text
);

-- A version that is rewritten leaves its manifest to those who are pulling it at this moment; one that is deleted takes it along.
CREATE FUNCTION oci_retire_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE oci_manifests m SET retired_at = clock_timestamp()
    FROM oci_chart_manifests c WHERE c.version_id = OLD.id AND m.id = c.manifest_id;
  DELETE FROM oci_chart_manifests WHERE version_id = OLD.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_version_rewritten AFTER UPDATE OF digest, provenance ON versions
  FOR EACH ROW WHEN (OLD.digest <> NEW.digest OR OLD.provenance IS DISTINCT FROM NEW.provenance)
  EXECUTE FUNCTION oci_retire_manifest();

CREATE FUNCTION oci_delete_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM oci_manifests m WHERE m.id = OLD.manifest_id AND m.retired_at IS NULL
    AND NOT EXISTS (SELECT FROM oci_tags t WHERE t.manifest_id = m.id);
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_version_deleted AFTER DELETE ON oci_chart_manifests
  FOR EACH ROW EXECUTE FUNCTION oci_delete_manifest();

CREATE FUNCTION oci_retire_other_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE oci_manifests SET retired_at = clock_timestamp() WHERE id = OLD.manifest_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_version_pushed_again AFTER UPDATE OF manifest_id ON oci_chart_manifests
  FOR EACH ROW WHEN (OLD.manifest_id <> NEW.manifest_id) EXECUTE FUNCTION oci_retire_other_manifest();

-- Uploads in chunks. Each chunk is a blob of its own until the last has come.
CREATE TABLE oci_uploads (
  id         uuid PRIMARY KEY,
  -- A name, not a key: nothing is made of an upload before its end.
  repository text COLLATE "C" NOT NULL,
  size       bigint NOT NULL DEFAULT 0,
  parts      integer NOT NULL DEFAULT 0,
  touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX oci_uploads_by_age ON oci_uploads (touched_at);

CREATE TABLE oci_upload_parts (
  upload_id uuid NOT NULL REFERENCES oci_uploads ON DELETE CASCADE,
  number    integer NOT NULL,
  digest    text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size      bigint NOT NULL CHECK (size > 0),
  PRIMARY KEY (upload_id, number)
);
CREATE INDEX oci_upload_parts_by_digest ON oci_upload_parts (digest);

CREATE OR REPLACE VIEW named_blobs (digest, size, what) AS
  SELECT digest, size, 'archive' FROM versions
  UNION ALL
  SELECT provenance, provenance_size, 'provenance' FROM versions WHERE provenance IS NOT NULL
  UNION ALL
  SELECT blob, size, 'blob' FROM oci_blobs WHERE blob IS NOT NULL
  UNION ALL
  SELECT digest, size, 'chunk' FROM oci_upload_parts;

CREATE FUNCTION write_down_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) SELECT DISTINCT digest FROM gone;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_upload_parts_deleted AFTER DELETE ON oci_upload_parts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION write_down_parts();

-- What a manifest named has had its grace already when it goes.
CREATE FUNCTION write_down_blobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest, since)
  SELECT blob, max(CASE WHEN named THEN coalesce(idle_since, clock_timestamp()) ELSE clock_timestamp() END)
    FROM gone WHERE blob IS NOT NULL GROUP BY blob
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_blobs_deleted AFTER DELETE ON oci_blobs
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION write_down_blobs();
