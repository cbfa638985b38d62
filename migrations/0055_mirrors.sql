-- Spaces that are copies of chart repositories elsewhere.

CREATE TABLE mirrors (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- A mirror ends with its space.
  space_id      bigint NOT NULL UNIQUE REFERENCES spaces ON DELETE CASCADE,
  url           text NOT NULL,
  settings      jsonb NOT NULL,
  -- Sealed for this row; NULL for an upstream that wants none.
  secret        text,
  -- Minutes between two runs; NULL for one that runs when it is told to.
  every         integer,
  created_at    timestamptz NOT NULL DEFAULT now(),
  changed_at    timestamptz NOT NULL DEFAULT now(),
  -- When a worker begins the next run.
  due_at        timestamptz,
  -- Runs in a row that were not complete.
  attempts      integer NOT NULL DEFAULT 0,
  -- Validators of the index that the last complete run has read: it is asked for again only if it has changed.
  etag          text,
  last_modified text,
  succeeded_at  timestamptz
);
CREATE INDEX mirrors_due ON mirrors (due_at) WHERE due_at IS NOT NULL;

CREATE TYPE mirror_run_state AS ENUM ('running', 'complete', 'incomplete', 'failed', 'cancelled');

CREATE TABLE mirror_runs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  mirror_id   uuid NOT NULL REFERENCES mirrors ON DELETE CASCADE,
  state       mirror_run_state NOT NULL DEFAULT 'running',
  -- Worker process that has it, and until when; another one goes on with it then.
  holder      uuid,
  lease_until timestamptz,
  -- How often a worker has taken it: one that breaks off again and again is ended.
  claims      integer NOT NULL DEFAULT 1,
  -- Versions that the index has and the filters choose, by what came of them.
  counts      jsonb NOT NULL DEFAULT '{}',
  error       jsonb,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK ((state = 'running') = (finished_at IS NULL))
);
-- At most one run of a mirror is open.
CREATE UNIQUE INDEX mirror_runs_open ON mirror_runs (mirror_id) WHERE state = 'running';
CREATE INDEX mirror_runs_by_mirror ON mirror_runs (mirror_id, number DESC);

CREATE TYPE mirror_outcome AS ENUM ('stored', 'replaced', 'changed', 'failed', 'gone', 'pruned');

-- Last outcome of each version; a run changes the rows of those that it did something about.
CREATE TABLE mirror_versions (
  mirror_id uuid NOT NULL REFERENCES mirrors ON DELETE CASCADE,
  chart     text COLLATE "C" NOT NULL,
  version   text COLLATE "C" NOT NULL,
  outcome   mirror_outcome NOT NULL,
  -- Whether the mirror has stored what is here: versions that were here before are never pruned.
  copied    boolean NOT NULL DEFAULT false,
  -- Digest that the upstream says now, where it differs from the stored one.
  upstream  text,
  error     jsonb,
  run       bigint NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (mirror_id, chart, version)
);
CREATE INDEX mirror_versions_by_outcome ON mirror_versions (mirror_id, outcome, chart, version);

-- Nobody but its mirror writes into a space: the transactions of a run say which mirror they are of.
CREATE FUNCTION assert_writable(written_space bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  mirrored text;
BEGIN
  SELECT s.name INTO mirrored FROM mirrors m JOIN spaces s ON s.id = m.space_id
   WHERE m.space_id = written_space AND m.id::text IS DISTINCT FROM current_setting('helm_registry.mirror', true);
  IF FOUND THEN
    RAISE EXCEPTION '%', mirrored USING ERRCODE = 'HR001';
  END IF;
END
$$;

CREATE FUNCTION refuse_versions_of_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_writable(space_id) FROM (
    SELECT DISTINCT c.space_id FROM written w JOIN charts c ON c.id = w.chart_id) AS spaces;
  RETURN NULL;
END
$$;
CREATE TRIGGER versions_added_to_mirror AFTER INSERT ON versions
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_versions_of_mirror();
CREATE TRIGGER versions_deleted_from_mirror AFTER DELETE ON versions
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_versions_of_mirror();

CREATE FUNCTION refuse_change_of_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_writable(c.space_id) FROM charts c WHERE c.id = NEW.chart_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER version_of_mirror_replaced AFTER UPDATE OF digest, provenance ON versions FOR EACH ROW
  WHEN (OLD.digest <> NEW.digest OR OLD.provenance IS DISTINCT FROM NEW.provenance)
  EXECUTE FUNCTION refuse_change_of_mirror();

-- The charts of a space that is deleted go with it: its row, and so its mirror, is gone before them.
CREATE FUNCTION refuse_deletion_in_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_writable(OLD.space_id);
  RETURN OLD;
END
$$;
CREATE TRIGGER chart_of_mirror_deleted BEFORE DELETE ON charts FOR EACH ROW EXECUTE FUNCTION refuse_deletion_in_mirror();

CREATE FUNCTION refuse_artifact_of_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_writable(r.space_id) FROM oci_repositories r WHERE r.id = coalesce(NEW.repository_id, OLD.repository_id);
  RETURN NULL;
END
$$;
CREATE FUNCTION refuse_manifest_of_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM assert_writable(r.space_id)
     FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id WHERE m.id = NEW.manifest_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER tag_of_mirror_set AFTER INSERT OR UPDATE ON oci_tags FOR EACH ROW EXECUTE FUNCTION refuse_artifact_of_mirror();
-- Manifests that the registry generates for charts have no subject, and reading makes them.
CREATE TRIGGER referrer_in_mirror AFTER INSERT ON oci_manifests FOR EACH ROW
  WHEN (NEW.subject IS NOT NULL) EXECUTE FUNCTION refuse_artifact_of_mirror();

-- Another manifest under a version that keeps its archive, and the end of a tag.
CREATE TRIGGER manifest_of_mirror_moved AFTER UPDATE OF manifest_id ON oci_chart_manifests FOR EACH ROW
  WHEN (OLD.manifest_id <> NEW.manifest_id) EXECUTE FUNCTION refuse_manifest_of_mirror();
CREATE TRIGGER tag_of_mirror_deleted AFTER DELETE ON oci_tags FOR EACH ROW EXECUTE FUNCTION refuse_artifact_of_mirror();
