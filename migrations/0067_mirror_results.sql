-- Results of the newest runs of mirrors: what came of each version that a run took, refused, or found changed or gone.

CREATE TABLE mirror_results (
  run     bigint NOT NULL REFERENCES mirror_runs (number) ON DELETE CASCADE,
  chart   text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  outcome mirror_outcome NOT NULL,
  -- Digest that the upstream says, where it differs from the stored one.
  upstream text,
  error   jsonb,
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run, chart, version)
);
CREATE INDEX mirror_results_by_outcome ON mirror_results (run, outcome, chart, version);

ALTER TABLE mirror_runs
  -- Whether somebody has asked for it, by a request or by setting the mirror, and not the schedule.
  ADD COLUMN asked boolean NOT NULL DEFAULT false,
  -- When the next run tries again what did not come; NULL where none does by itself.
  ADD COLUMN retry_at timestamptz;

-- Whether somebody has asked for the next run.
ALTER TABLE mirrors ADD COLUMN asked boolean NOT NULL DEFAULT false;
