-- without a transaction
-- Finds repositories deeper than SPACE/NAME, which no chart has: spaces list them by name.
DROP INDEX CONCURRENTLY IF EXISTS oci_repositories_deeper;
CREATE INDEX CONCURRENTLY oci_repositories_deeper ON oci_repositories (space_id, name) WHERE name LIKE '%/%';
