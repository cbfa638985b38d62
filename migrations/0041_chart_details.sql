-- Charts as lists sort and filter them, kept by the transaction of each write of a version, whichever way it comes.

CREATE TABLE chart_details (
  chart_id   bigint PRIMARY KEY REFERENCES charts ON DELETE CASCADE,
  space_id   bigint NOT NULL,
  name       text COLLATE "C" NOT NULL,
  -- The latest version; the triggers below see to it, so it is no foreign key.
  latest_id  bigint NOT NULL,
  versions   bigint NOT NULL,
  -- When the first of its versions was stored, and when any was stored last.
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- Of the latest version.
  type       text COLLATE "C" NOT NULL,
  keywords   text[] COLLATE "C" NOT NULL,
  deprecated boolean NOT NULL,
  provenance boolean NOT NULL
);
CREATE INDEX chart_details_by_name ON chart_details (space_id, name);
CREATE INDEX chart_details_by_update ON chart_details (space_id, updated_at, name);
CREATE INDEX chart_details_by_creation ON chart_details (space_id, created_at, name);
CREATE INDEX chart_details_by_versions ON chart_details (space_id, versions, name);

-- The rows of the charts are held before their versions are looked at, so of two writers the second sees what the first has
-- committed. Locks are taken in the order of every write: chart, version, space. A writer that has locked a version already
-- has the lock on its name too, so nobody who holds the chart waits for it.
CREATE FUNCTION refresh_chart_details(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM charts WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO chart_details (chart_id, space_id, name, latest_id, versions, created_at, updated_at, type, keywords, deprecated, provenance)
  SELECT c.id, c.space_id, c.name, v.id, c.version_count,
         (SELECT min(created_at) FROM versions WHERE chart_id = c.id),
         (SELECT max(updated_at) FROM versions WHERE chart_id = c.id),
         v.shown ->> 'type', ARRAY(SELECT jsonb_array_elements_text(v.shown -> 'keywords')),
         (v.shown -> 'deprecated')::boolean, v.provenance IS NOT NULL
    FROM charts c CROSS JOIN LATERAL (
           SELECT id, shown, provenance FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1
         ) v
   WHERE c.id = ANY (ids)
  ON CONFLICT (chart_id) DO UPDATE
    SET latest_id = excluded.latest_id, versions = excluded.versions, created_at = excluded.created_at,
        updated_at = excluded.updated_at, type = excluded.type, keywords = excluded.keywords,
        deprecated = excluded.deprecated, provenance = excluded.provenance;
END
$$;

CREATE FUNCTION follow_written_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_chart_details(ARRAY(SELECT DISTINCT chart_id FROM written));
  RETURN NULL;
END
$$;
CREATE TRIGGER versions_added_to_details AFTER INSERT ON versions
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION follow_written_versions();
CREATE TRIGGER versions_deleted_from_details AFTER DELETE ON versions
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION follow_written_versions();

CREATE FUNCTION follow_replaced_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_chart_details(ARRAY[NEW.chart_id]);
  RETURN NULL;
END
$$;
CREATE TRIGGER version_replaced_in_details AFTER UPDATE OF digest, metadata, provenance, updated_at ON versions
  FOR EACH ROW WHEN (OLD.digest <> NEW.digest OR OLD.shown IS DISTINCT FROM NEW.shown
                     OR OLD.provenance IS DISTINCT FROM NEW.provenance OR OLD.updated_at <> NEW.updated_at)
  EXECUTE FUNCTION follow_replaced_version();

-- Those that are stored already.
SELECT refresh_chart_details(ARRAY(SELECT id FROM charts));

-- Signatures that cosign puts beside a manifest: referrers, or a tag named after its digest.
CREATE FUNCTION is_signature(artifact_type text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT artifact_type LIKE 'application/vnd.dev.cosign.%' OR artifact_type LIKE 'application/vnd.dev.sigstore.bundle%'
$$;
CREATE INDEX oci_manifests_signing ON oci_manifests (repository_id, subject)
  WHERE subject IS NOT NULL AND is_signature(artifact_type);

-- A signature changes what lists show, and writes no version: it raises the revision, by which lists are cached, when its
-- transaction commits, so that the row of the space is locked for the commit alone.
CREATE FUNCTION raise_revision_for_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH signed AS (
    SELECT id, space_id, name FROM oci_repositories WHERE id = coalesce(NEW.repository_id, OLD.repository_id)
  ), raised AS (
    UPDATE spaces s SET revision = s.revision + 1, changed_at = clock_timestamp()
      FROM signed WHERE s.id = signed.space_id RETURNING s.id, s.revision, signed.name
  )
  INSERT INTO changes (space_id, revision, chart) SELECT id, revision, name FROM raised;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER referrer_signs AFTER INSERT ON oci_manifests DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.subject IS NOT NULL AND is_signature(NEW.artifact_type)) EXECUTE FUNCTION raise_revision_for_signature();
CREATE CONSTRAINT TRIGGER referrer_signs_no_more AFTER DELETE ON oci_manifests DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.subject IS NOT NULL AND is_signature(OLD.artifact_type)) EXECUTE FUNCTION raise_revision_for_signature();
CREATE CONSTRAINT TRIGGER tag_signs AFTER INSERT ON oci_tags DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.name LIKE 'sha256-%.sig') EXECUTE FUNCTION raise_revision_for_signature();
CREATE CONSTRAINT TRIGGER tag_signs_no_more AFTER DELETE ON oci_tags DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.name LIKE 'sha256-%.sig') EXECUTE FUNCTION raise_revision_for_signature();
