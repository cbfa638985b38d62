-- Charts that are composed anew when their sources have new versions.

-- `save.follow` of a recipe, until its chart is stored: it counts from then on.
-- The secret of its callback is sealed for the job.
ALTER TABLE jobs ADD COLUMN follow jsonb, ADD COLUMN follow_secret text;

CREATE TABLE follows (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- A follow ends with its chart.
  chart_id        bigint NOT NULL UNIQUE REFERENCES charts ON DELETE CASCADE,
  settings        jsonb NOT NULL,
  -- With whose rights it runs; NULL for one that was set with open access. The name outlives the principal.
  principal_id    uuid,
  principal       text,
  token_id        text,
  callback_url    text,
  -- Sealed for the row that `callback_row` names, as the job of its recipe had it.
  callback_secret text,
  callback_row    uuid,
  created_at      timestamptz NOT NULL DEFAULT now(),
  changed_at      timestamptz NOT NULL DEFAULT now(),
  -- When the first change came that no run has taken up yet, and when a run may take it up.
  due_since       timestamptz,
  due_at          timestamptz,
  -- Time of the publication with which all this began; a chart waits for those below it that began before it is due.
  wave_at         timestamptz,
  -- When a worker looks at it next. NULL for one that is not due.
  look_at         timestamptz,
  -- Failures in a row that have nothing to do with the recipe.
  attempts        integer NOT NULL DEFAULT 0,
  -- Why the last run has failed, and the digest of the sources with which it did.
  failure         jsonb,
  failed_set      text,
  CHECK ((due_at IS NULL) = (due_since IS NULL) AND (due_at IS NULL) = (look_at IS NULL)
         AND (due_at IS NULL) = (wave_at IS NULL))
);
CREATE INDEX follows_in_cycles ON follows (id) WHERE failure ->> 'code' = 'follow.cycle';
CREATE INDEX follows_to_look_at ON follows (look_at) WHERE look_at IS NOT NULL;

-- Sources of the version that a followed chart is composed from anew, as its lineage has them.
CREATE TABLE follow_sources (
  follow_id uuid NOT NULL REFERENCES follows ON DELETE CASCADE,
  -- Names, not keys: a source may be deleted and come again.
  space     text COLLATE "C" NOT NULL,
  chart     text COLLATE "C" NOT NULL,
  requested text COLLATE "C" NOT NULL,
  version   text COLLATE "C" NOT NULL,
  -- Space that the name had when the follow was set: one that was deleted and made again is another.
  space_id  bigint,
  PRIMARY KEY (follow_id, space, chart, requested)
);
CREATE INDEX follow_sources_by_source ON follow_sources (space, chart, follow_id);

-- Notes that edges of the graph are gone, so that follows may be part of a cycle no more; deleted once that was looked at.
CREATE TABLE follow_edge_losses (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

CREATE FUNCTION note_lost_follow_edges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM gone WHERE requested <> version) THEN
    INSERT INTO follow_edge_losses DEFAULT VALUES;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER follow_sources_lost AFTER DELETE ON follow_sources REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION note_lost_follow_edges();

CREATE TYPE follow_run_state AS ENUM ('running', 'composed', 'failed', 'cancelled');

CREATE TABLE follow_runs (
  -- Also the idempotency key of the job.
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  follow_id    uuid NOT NULL REFERENCES follows ON DELETE CASCADE,
  state        follow_run_state NOT NULL DEFAULT 'running',
  -- When the follow was set by which it began: a failure is no later setting's.
  set_at       timestamptz NOT NULL,
  -- With whose rights it began, as the follow had them: the key of its job is theirs, whoever sets the follow meanwhile.
  principal_id uuid,
  principal    text,
  token_id     text,
  wave_at      timestamptz NOT NULL,
  from_version text COLLATE "C",
  -- Digest of the sources as the run has found them.
  source_set   text,
  version      text COLLATE "C",
  -- Archive that it made.
  digest       text,
  job_id       uuid,
  error        jsonb,
  -- Versions that it deleted by `keep`, and why it deleted none.
  deleted      integer NOT NULL DEFAULT 0,
  keep_error   jsonb,
  started_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz,
  -- When another worker may go on with it; NULL once its job is known.
  lease_until  timestamptz,
  CHECK ((state = 'running') = (finished_at IS NULL))
);
-- At most one run of a follow is open.
CREATE UNIQUE INDEX follow_runs_open ON follow_runs (follow_id) WHERE state = 'running';
CREATE INDEX follow_runs_by_follow ON follow_runs (follow_id, number DESC);
CREATE INDEX follow_runs_by_job ON follow_runs (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX follow_runs_composed ON follow_runs (follow_id, version) WHERE state = 'composed';
