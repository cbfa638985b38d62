-- Digests that a version let go of. Their bytes may go once nothing has named them for a grace period; what is written
-- here is no verdict, only where to look. Entries are added and never changed, so nobody waits for anybody to write one.
CREATE TABLE garbage (
  digest text NOT NULL,
  -- Not now(): a transaction may have begun long before it lets go.
  since  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (digest, since)
);
CREATE INDEX garbage_by_age ON garbage (since, digest);

CREATE FUNCTION write_down_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) SELECT DISTINCT digest FROM gone;
  RETURN NULL;
END
$$;

-- Once a statement: a chart with 10,000 versions is one insert.
CREATE TRIGGER versions_deleted AFTER DELETE ON versions
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION write_down_deleted();

CREATE FUNCTION write_down_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (digest) VALUES (OLD.digest);
  RETURN NULL;
END
$$;

CREATE TRIGGER versions_replaced AFTER UPDATE OF digest ON versions
  FOR EACH ROW WHEN (OLD.digest <> NEW.digest) EXECUTE FUNCTION write_down_replaced();
