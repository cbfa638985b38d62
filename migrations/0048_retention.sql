-- Retention: rules that say which versions of a space stay, and runs that delete the others.

CREATE TABLE retention (
  space_id     bigint PRIMARY KEY REFERENCES spaces ON DELETE CASCADE,
  -- In their order: the first one that fits a chart decides.
  rules        jsonb NOT NULL,
  -- Versions that one run may delete; a run that finds more deletes none.
  most_deleted integer NOT NULL CHECK (most_deleted > 0),
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When the schedule opens the next run; NULL where only people do.
  next_run_at  timestamptz
);
CREATE INDEX retention_due ON retention (next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TABLE retention_runs (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  space_id     bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'halted', 'failed')),
  opened_by    text NOT NULL CHECK (opened_by IN ('schedule', 'request')),
  -- Name of who asked for it, where somebody is known.
  principal    text,
  -- Rules as they were when it was opened. Its days are counted back from `started_at`.
  rules        jsonb NOT NULL,
  most_deleted integer NOT NULL,
  rules_at     timestamptz NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at  timestamptz,
  -- Versions that were looked at, those found to go, and those that are gone, with the bytes of their archives.
  examined     bigint NOT NULL DEFAULT 0,
  due          bigint NOT NULL DEFAULT 0,
  deleted      bigint NOT NULL DEFAULT 0,
  bytes        bigint NOT NULL DEFAULT 0,
  -- Why it ended without deleting all.
  error        jsonb,
  -- Number of the worker that has it, which alone may write; until when, and how often one has taken it.
  fence        bigint NOT NULL DEFAULT 0,
  lease_until  timestamptz NOT NULL DEFAULT '-infinity',
  attempts     integer NOT NULL DEFAULT 0,
  CHECK ((state = 'running') = (finished_at IS NULL))
);
-- At most one run of a space is open.
CREATE UNIQUE INDEX retention_runs_open ON retention_runs (space_id) WHERE state = 'running';
CREATE INDEX retention_runs_to_claim ON retention_runs (lease_until) WHERE state = 'running';
CREATE INDEX retention_runs_by_space ON retention_runs (space_id, number DESC);

-- Last day (UTC) on which a version was downloaded, written in batches some time after the downloads.
CREATE TABLE version_pulls (
  -- No reference, so that deleting waits for nobody: rows of versions that are gone are deleted later.
  version_id bigint PRIMARY KEY,
  pulled_on  date NOT NULL
);

-- Day since which downloads are recorded. A version without one counts as downloaded then.
CREATE TABLE pull_recording (since date NOT NULL);
INSERT INTO pull_recording VALUES ((now() AT TIME ZONE 'UTC')::date);

-- When somebody has had the version back after its deletion; retention leaves it then.
ALTER TABLE versions ADD COLUMN restored_at timestamptz;
