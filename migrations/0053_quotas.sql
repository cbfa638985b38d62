-- Quotas of spaces: bytes of blobs, each of which counts once in a space, and versions.

-- NULL for the default, which is a setting of the processes; 0 for none.
ALTER TABLE spaces ADD COLUMN quota_bytes    bigint CHECK (quota_bytes >= 0),
                   ADD COLUMN quota_versions bigint CHECK (quota_versions >= 0);

-- Quota in effect; 0 for none. Connections name the defaults, so they are those of the process that writes.
CREATE FUNCTION quota_of(own bigint, name text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(own, nullif(current_setting('helm_registry.quota_' || name, true), '')::bigint, 0)
$$;

-- Blobs of a space, with the number of rows there that reference each: versions by archive and provenance file, and blobs
-- of OCI repositories.
CREATE TABLE space_blobs (
  space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  digest   text COLLATE "C" NOT NULL,
  size     bigint NOT NULL,
  uses     bigint NOT NULL,
  PRIMARY KEY (space_id, digest)
);

-- Bytes of those blobs. A space has several rows, one for some of the connections each, so that uploads into one space
-- do not wait for one another's commit; the sum counts.
CREATE TABLE space_usage (
  space_id   bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  shard      integer NOT NULL,
  bytes      bigint NOT NULL,
  -- Bytes that the last transaction has added in all, which transaction it was, and how often the row was changed.
  grown      bigint NOT NULL,
  changed_by xid8 NOT NULL,
  step       bigint NOT NULL,
  PRIMARY KEY (space_id, shard)
);

-- Quotas of which a space has come to use most, until a worker has told of it.
CREATE TABLE quota_events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space_id   bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  quota      text NOT NULL CHECK (quota IN ('bytes', 'versions')),
  quota_used bigint NOT NULL,
  quota_most bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX quota_events_by_space ON quota_events (space_id);

-- Adds uses of blobs, negative for those that end. Rows are locked in the order of their keys.
CREATE FUNCTION count_blobs(given_spaces bigint[], given_digests text[], given_sizes bigint[], given_uses integer[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH change AS MATERIALIZED (
    SELECT space_id, digest, max(size) AS size, sum(uses) AS uses
      FROM unnest(given_spaces, given_digests, given_sizes, given_uses) AS u (space_id, digest, size, uses)
     GROUP BY space_id, digest HAVING sum(uses) <> 0
  ), counted AS (
    INSERT INTO space_blobs AS b (space_id, digest, size, uses)
    SELECT space_id, digest, size, uses FROM change ORDER BY space_id, digest
    ON CONFLICT (space_id, digest) DO UPDATE SET uses = b.uses + excluded.uses
    RETURNING b.space_id, b.digest, b.size, b.uses
  ), grown AS (
    -- A row with no other uses than these is new; one without any has gone.
    SELECT b.space_id, sum(CASE WHEN b.uses > 0 THEN b.size ELSE -b.size END) AS bytes
      FROM counted b JOIN change c ON c.space_id = b.space_id AND c.digest = b.digest
     WHERE (b.uses > 0) = (b.uses = c.uses)
     GROUP BY b.space_id
  )
  INSERT INTO space_usage AS u (space_id, shard, bytes, grown, changed_by, step)
  SELECT space_id, pg_backend_pid() % 64, bytes, bytes, pg_current_xact_id(), 0 FROM grown WHERE bytes <> 0 ORDER BY space_id
  ON CONFLICT (space_id, shard) DO UPDATE SET
    bytes = u.bytes + excluded.bytes,
    grown = excluded.grown + CASE WHEN u.changed_by = excluded.changed_by THEN u.grown ELSE 0 END,
    changed_by = excluded.changed_by, step = u.step + 1;
  IF 0 > ANY (given_uses) THEN
    DELETE FROM space_blobs b USING (SELECT DISTINCT * FROM unnest(given_spaces, given_digests) AS u (space_id, digest)) u
     WHERE b.space_id = u.space_id AND b.digest = u.digest AND b.uses <= 0;
  END IF;
END
$$;

-- Versions that come, or go by themselves. Those that go with their chart find none any more: see below.
CREATE FUNCTION count_written_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(array_agg(c.space_id), array_agg(b.digest), array_agg(b.size),
                      array_agg(CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END))
     FROM written v JOIN charts c ON c.id = v.chart_id
          CROSS JOIN LATERAL (VALUES (v.digest, v.size), (v.provenance, v.provenance_size)) AS b (digest, size)
    WHERE b.digest IS NOT NULL HAVING count(*) > 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER versions_counted AFTER INSERT ON versions
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_written_versions();
CREATE TRIGGER versions_uncounted AFTER DELETE ON versions
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_written_versions();

CREATE FUNCTION count_replaced_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(array_agg(c.space_id), array_agg(b.digest), array_agg(b.size), array_agg(b.uses))
     FROM charts c CROSS JOIN (
       VALUES (OLD.digest, OLD.size, -1), (OLD.provenance, OLD.provenance_size, -1),
              (NEW.digest, NEW.size, 1), (NEW.provenance, NEW.provenance_size, 1)) AS b (digest, size, uses)
    WHERE c.id = NEW.chart_id AND b.digest IS NOT NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER version_counted_anew AFTER UPDATE OF digest, provenance ON versions FOR EACH ROW
  WHEN (OLD.digest <> NEW.digest OR OLD.provenance IS DISTINCT FROM NEW.provenance) EXECUTE FUNCTION count_replaced_version();

-- Nothing is counted of a space that goes with its charts.
CREATE FUNCTION uncount_chart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM spaces WHERE id = OLD.space_id) THEN
    PERFORM count_blobs(array_agg(OLD.space_id), array_agg(b.digest), array_agg(b.size), array_agg(-1))
       FROM versions v
            CROSS JOIN LATERAL (VALUES (v.digest, v.size), (v.provenance, v.provenance_size)) AS b (digest, size)
      WHERE v.chart_id = OLD.id AND b.digest IS NOT NULL HAVING count(*) > 0;
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER charts_uncounted BEFORE DELETE ON charts FOR EACH ROW EXECUTE FUNCTION uncount_chart();

-- Bytes that the row itself keeps are those of manifests that were made here, and count for nobody.
CREATE FUNCTION count_oci_blobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(array_agg(r.space_id), array_agg(b.blob), array_agg(b.size),
                      array_agg(CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END))
     FROM written b JOIN oci_repositories r ON r.id = b.repository_id
    WHERE b.blob IS NOT NULL HAVING count(*) > 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_blobs_counted AFTER INSERT ON oci_blobs
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_oci_blobs();
CREATE TRIGGER oci_blobs_uncounted AFTER DELETE ON oci_blobs
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_oci_blobs();

CREATE FUNCTION count_stored_oci_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(ARRAY[r.space_id], ARRAY[NEW.blob], ARRAY[NEW.size], ARRAY[1])
     FROM oci_repositories r WHERE r.id = NEW.repository_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_blob_stored AFTER UPDATE OF blob ON oci_blobs FOR EACH ROW
  WHEN (OLD.blob IS NULL AND NEW.blob IS NOT NULL) EXECUTE FUNCTION count_stored_oci_blob();

-- Refuses a transaction that has grown a space beyond a quota, and notes when it comes to use 85 % of one. The caller has
-- locked the row of the space, so that transactions are judged one after the other.
CREATE FUNCTION judge_quota(space spaces, name text, used bigint, most bigint, grown bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF used > most THEN
    RAISE EXCEPTION 'the quota of % of space % is exceeded', name, space.name USING ERRCODE = 'HRQ01',
      DETAIL = jsonb_build_object('space', space.name, 'quota', name, 'limit', most, 'used', used - grown, 'added', grown)::text;
  END IF;
  IF used >= most * 0.85 AND used - grown < most * 0.85 THEN
    INSERT INTO quota_events (space_id, quota, quota_used, quota_most) VALUES (space.id, name, used, most);
  END IF;
END
$$;

-- Every writer of a version locks the row of its space last, to raise the revision. So does this for uploads of OCI blobs,
-- at their commit, but only where there is a quota. The bytes of those that had the lock before are committed by then.
CREATE FUNCTION check_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  space spaces;
BEGIN
  -- A later change of the transaction has a check of its own.
  IF NOT EXISTS (SELECT FROM space_usage u WHERE u.space_id = NEW.space_id AND u.shard = NEW.shard AND u.step = NEW.step)
     OR NOT EXISTS (SELECT FROM spaces s WHERE s.id = NEW.space_id AND quota_of(s.quota_bytes, 'bytes') > 0) THEN
    RETURN NULL;
  END IF;
  SELECT s.* INTO space FROM spaces s WHERE s.id = NEW.space_id FOR NO KEY UPDATE;
  IF quota_of(space.quota_bytes, 'bytes') > 0 THEN
    PERFORM judge_quota(space, 'bytes', sum(u.bytes)::bigint, quota_of(space.quota_bytes, 'bytes'), NEW.grown)
       FROM space_usage u WHERE u.space_id = NEW.space_id;
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER space_within_bytes AFTER INSERT OR UPDATE ON space_usage DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.grown > 0) EXECUTE FUNCTION check_bytes();

CREATE FUNCTION check_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF quota_of(NEW.quota_versions, 'versions') > 0 THEN
    PERFORM judge_quota(NEW, 'versions', NEW.version_count, quota_of(NEW.quota_versions, 'versions'),
                        NEW.version_count - OLD.version_count);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER space_within_versions AFTER UPDATE OF version_count ON spaces FOR EACH ROW
  WHEN (NEW.version_count > OLD.version_count) EXECUTE FUNCTION check_versions();

-- Those that are stored already.
INSERT INTO space_blobs (space_id, digest, size, uses)
SELECT space_id, digest, max(size), count(*)
  FROM (SELECT c.space_id, b.digest, b.size
          FROM versions v JOIN charts c ON c.id = v.chart_id
               CROSS JOIN LATERAL (VALUES (v.digest, v.size), (v.provenance, v.provenance_size)) AS b (digest, size)
         WHERE b.digest IS NOT NULL
        UNION ALL
        SELECT r.space_id, b.blob, b.size FROM oci_blobs b JOIN oci_repositories r ON r.id = b.repository_id
         WHERE b.blob IS NOT NULL) used
 GROUP BY space_id, digest;
INSERT INTO space_usage (space_id, shard, bytes, grown, changed_by, step)
SELECT space_id, 0, sum(size), 0, pg_current_xact_id(), 0 FROM space_blobs GROUP BY space_id;
