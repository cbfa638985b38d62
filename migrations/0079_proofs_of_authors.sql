-- Proof of a password or a trust rule, by which the author of a recipe was known. The work ends with it. NULL for tokens,
-- which token_id names, for users of a provider, and for what programs before this migration accepted.

ALTER TABLE jobs ADD COLUMN proof text;
ALTER TABLE follow_runs ADD COLUMN proof text;

-- Proof of a follow, which counts while both were set together. A program before this migration sets a follow again
-- without it.
ALTER TABLE follows ADD COLUMN proof text, ADD COLUMN proof_set_at timestamptz;

-- Proof of a password whose hash was made anew at another cost. It counts with the hash of this SHA-256 alone: a program
-- before this migration changes the password without it. NULL where the proof is made from the hash.
ALTER TABLE principals ADD COLUMN password_proof text, ADD COLUMN password_proof_of bytea;

-- Revision of access, for which processes remember the proofs of a principal. A new rule is a new proof.
CREATE CONSTRAINT TRIGGER trust_rules_added AFTER INSERT ON trust_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
