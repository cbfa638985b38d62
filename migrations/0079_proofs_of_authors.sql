-- Proof by which the author of a recipe was known: a password or a trust rule. The work ends with it. NULL for tokens, which
-- token_id names, for users of a provider, and for what programs before this migration accepted.

ALTER TABLE jobs ADD COLUMN proof text;
ALTER TABLE follow_runs ADD COLUMN proof text;

-- Counts while it was set together with the follow: a program before this migration sets a follow again without it.
ALTER TABLE follows ADD COLUMN proof text, ADD COLUMN proof_set_at timestamptz;

-- Proof of the password where its hash was made anew at another cost; NULL where the proof is made from the hash.
ALTER TABLE principals ADD COLUMN password_proof text;

-- Processes remember the proofs of a principal for one revision of access: a new rule is a new proof.
CREATE CONSTRAINT TRIGGER trust_rules_added AFTER INSERT ON trust_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
