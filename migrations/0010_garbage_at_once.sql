-- Two that let go of one digest within the same microsecond are two entries, and neither is to fail.
ALTER TABLE garbage DROP CONSTRAINT garbage_pkey;
CREATE INDEX garbage_by_digest ON garbage (digest, since);
