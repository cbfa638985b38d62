-- Ids of upload sessions say who issued them, so a session has a row only once it has chunks or has ended.

-- The key that signs the ids, shared by all processes. A random uuid has 122 bits from the operating system's source.
CREATE TABLE oci_upload_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea NOT NULL
);
INSERT INTO oci_upload_key (key) SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- An ended session keeps its row until its id has expired, or the id would be that of a new session again.
ALTER TABLE oci_uploads ADD COLUMN ended boolean NOT NULL DEFAULT false;
