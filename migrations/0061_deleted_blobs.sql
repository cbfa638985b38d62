-- without a transaction
-- Finds the deleted versions that keep a blob. Without a list of pending entries, which each look-up would read as a whole.
DROP INDEX CONCURRENTLY IF EXISTS deleted_versions_by_blob;
CREATE INDEX CONCURRENTLY deleted_versions_by_blob ON deleted_versions USING gin (blobs) WITH (fastupdate = off);
