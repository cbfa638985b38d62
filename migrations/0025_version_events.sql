-- Changes of versions that the worker has still to act on: the outbox of publications. A row is written by the transaction
-- of its change, whichever way the change comes, and deleted by the transaction that has acted on it.
CREATE TABLE version_events (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('published', 'replaced', 'deleted')),
  space_id      bigint NOT NULL,
  -- Names, not keys: the version may be gone when its event is taken.
  space         text COLLATE "C" NOT NULL,
  chart         text COLLATE "C" NOT NULL,
  version       text COLLATE "C" NOT NULL,
  -- NULL where the version is deleted.
  digest        text,
  -- NULL where the version is new.
  digest_before text,
  -- Who published the archive, as versions have it.
  author        text,
  at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Failed attempts to act on the event, and when the next one is due.
  attempts      integer NOT NULL DEFAULT 0,
  retry_at      timestamptz NOT NULL DEFAULT '-infinity'
);
-- The order in which events are taken.
CREATE INDEX version_events_due ON version_events (retry_at, id);

CREATE FUNCTION record_published_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO version_events (kind, space_id, space, chart, version, digest, author)
  SELECT 'published', s.id, s.name, c.name, v.version, v.digest, v.author
    FROM added v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
   ORDER BY v.id;
  RETURN NULL;
END $$;
CREATE TRIGGER versions_published_event AFTER INSERT ON versions REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION record_published_versions();

CREATE FUNCTION record_replaced_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO version_events (kind, space_id, space, chart, version, digest, digest_before, author)
  SELECT 'replaced', s.id, s.name, c.name, NEW.version, NEW.digest, OLD.digest, NEW.author
    FROM charts c JOIN spaces s ON s.id = c.space_id WHERE c.id = NEW.chart_id;
  RETURN NULL;
END $$;
CREATE TRIGGER versions_replaced_event AFTER UPDATE OF digest ON versions FOR EACH ROW
  WHEN (OLD.digest IS DISTINCT FROM NEW.digest) EXECUTE FUNCTION record_replaced_version();

-- A version that goes with its chart, or with its space, finds no chart any more: the two functions below have recorded it.
CREATE FUNCTION record_deleted_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO version_events (kind, space_id, space, chart, version, digest_before, author)
  SELECT 'deleted', s.id, s.name, c.name, v.version, v.digest, v.author
    FROM gone v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
   ORDER BY v.id;
  RETURN NULL;
END $$;
CREATE TRIGGER versions_deleted_event AFTER DELETE ON versions REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION record_deleted_versions();

CREATE FUNCTION record_deleted_chart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO version_events (kind, space_id, space, chart, version, digest_before, author)
  SELECT 'deleted', s.id, s.name, OLD.name, v.version, v.digest, v.author
    FROM versions v JOIN spaces s ON s.id = OLD.space_id WHERE v.chart_id = OLD.id
   ORDER BY v.id;
  RETURN OLD;
END $$;
CREATE TRIGGER charts_deleted_event BEFORE DELETE ON charts FOR EACH ROW EXECUTE FUNCTION record_deleted_chart();

CREATE FUNCTION record_deleted_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO version_events (kind, space_id, space, chart, version, digest_before, author)
  SELECT 'deleted', OLD.id, OLD.name, c.name, v.version, v.digest, v.author
    FROM charts c JOIN versions v ON v.chart_id = c.id WHERE c.space_id = OLD.id
   ORDER BY v.id;
  RETURN OLD;
END $$;
CREATE TRIGGER spaces_deleted_event BEFORE DELETE ON spaces FOR EACH ROW EXECUTE FUNCTION record_deleted_space();
