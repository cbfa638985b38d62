-- Deletion of a version's manifest: its blobs are locked first, in their order, as by who puts a manifest. Otherwise the row of
-- the manifest is locked before them, and the two wait for each other. The second statement sees the tags that were put
-- until then. A manifest that is retired stays, with its blobs.
CREATE OR REPLACE FUNCTION oci_delete_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM oci_blobs b
    WHERE (b.repository_id, b.digest) IN (
      SELECT l.repository_id, l.digest FROM oci_manifest_blobs l JOIN oci_manifests m ON m.id = l.manifest_id
       WHERE m.id = OLD.manifest_id AND m.retired_at IS NULL)
    ORDER BY b.repository_id, b.digest FOR NO KEY UPDATE;
  DELETE FROM oci_manifests m WHERE m.id = OLD.manifest_id AND m.retired_at IS NULL
    AND NOT EXISTS (SELECT FROM oci_tags t WHERE t.manifest_id = m.id);
  RETURN NULL;
END
$$;
