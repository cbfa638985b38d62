-- Charts of the cycle by which a follow has failed, until a worker has told of it: a failed run, a failed job, and their
-- webhooks. NULL where nothing is to be told; empty where the search for a cycle was given up.
ALTER TABLE follows ADD COLUMN untold_cycle jsonb;
