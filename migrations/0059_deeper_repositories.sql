-- Repositories deeper than SPACE/NAME, which no chart has: spaces list them by name.
CREATE INDEX oci_repositories_deeper ON oci_repositories (space_id, name) WHERE name LIKE '%/%';
