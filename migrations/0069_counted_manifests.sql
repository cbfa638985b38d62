-- Manifests that somebody has pushed count toward the quota of bytes: each may have megabytes of annotations. Those that were
-- made here for a pull do not, since a read must not be refused. What was pushed before counts once it is pushed again.

ALTER TABLE oci_manifests ADD COLUMN counted boolean NOT NULL DEFAULT false;

CREATE FUNCTION count_manifests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(array_agg(r.space_id), array_agg(m.digest::text), array_agg(octet_length(m.content)::bigint),
                      array_agg(CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END))
     FROM written m JOIN oci_repositories r ON r.id = m.repository_id
    WHERE m.counted HAVING count(*) > 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_manifests_counted AFTER INSERT ON oci_manifests
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_manifests();
CREATE TRIGGER oci_manifests_uncounted AFTER DELETE ON oci_manifests
  REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_manifests();

CREATE FUNCTION count_pushed_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_blobs(ARRAY[r.space_id], ARRAY[NEW.digest::text], ARRAY[octet_length(NEW.content)::bigint], ARRAY[1])
     FROM oci_repositories r WHERE r.id = NEW.repository_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER oci_manifest_pushed AFTER UPDATE OF counted ON oci_manifests FOR EACH ROW
  WHEN (NEW.counted AND NOT OLD.counted) EXECUTE FUNCTION count_pushed_manifest();
