-- Jobs that are over are deleted after a time. The oldest of each state are found by the index of lists by last change.

-- Keys go with their job.
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);

-- Charts that the errors of a run may name, kept when its job is deleted: readers who may not read them get no text.
ALTER TABLE follow_runs ADD COLUMN named jsonb;
