-- Last change of a job: the transaction that made it, by which streams of jobs read what they have not seen, and its time.
-- A number of a sequence would not do: a transaction with a lower one may commit after a reader has passed it.
ALTER TABLE jobs ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id(),
                 ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE jobs SET changed_at = coalesce(finished_at, started_at, created_at);

-- Stages that a job has entered, in order: pairs of the stage and the milliseconds since the job was created. A stage ends
-- where the next begins, and the last with the job. NULL for jobs of releases before.
ALTER TABLE jobs ADD COLUMN stages jsonb;

-- The row of a job changes for its lease too, which nobody is told.
CREATE FUNCTION note_job_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := pg_current_xact_id();
  NEW.changed_at := coalesce(NEW.finished_at, clock_timestamp());
  RETURN NEW;
END $$;
CREATE TRIGGER jobs_changed BEFORE UPDATE OF state, stage, done, error, warnings, attempts ON jobs FOR EACH ROW
  WHEN ((OLD.state, OLD.stage, OLD.done, OLD.attempts) IS DISTINCT FROM (NEW.state, NEW.stage, NEW.done, NEW.attempts)
        OR OLD.error IS DISTINCT FROM NEW.error OR OLD.warnings IS DISTINCT FROM NEW.warnings)
  EXECUTE FUNCTION note_job_change();

CREATE INDEX jobs_by_change ON jobs (changed, number);
