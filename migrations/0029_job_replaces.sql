-- Digest of the archive that a job composes over, as it was when its recipe was accepted; NULL for a new version.
ALTER TABLE jobs ADD COLUMN replaces text;
