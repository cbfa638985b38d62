-- The stored versions that a job is made from, each with what the recipe asked for and what that was resolved to.
-- NULL for jobs of releases before this one.
ALTER TABLE jobs ADD COLUMN sources jsonb;

-- What a recipe's values are checked with: declared dependencies, values and schemas of the chart and those inside it, as
-- JSON (core/chart/outline.ts). NULL is not known yet: it is made from the archive when it is first needed.
ALTER TABLE versions ADD COLUMN outline text;

-- How a composed version came about. It goes with its version, and when the version's archive is replaced.
CREATE TABLE lineage (
  version_id  bigint PRIMARY KEY REFERENCES versions ON DELETE CASCADE,
  -- Not a reference: a job may be cleared away before what it made.
  job_id      uuid NOT NULL,
  -- Of the archive as it was composed; the version's own differs once its values or metadata were rewritten.
  digest      text NOT NULL,
  composed_at timestamptz NOT NULL DEFAULT now(),
  -- As it was sent, without the callback and its secret.
  recipe      jsonb NOT NULL,
  plan        jsonb NOT NULL,
  sources     jsonb NOT NULL
);

-- The stored versions that a composed version was made from. Names, not keys: a source may go before what was made of it.
CREATE TABLE lineage_sources (
  space      text COLLATE "C" NOT NULL,
  chart      text COLLATE "C" NOT NULL,
  version    text COLLATE "C" NOT NULL,
  version_id bigint NOT NULL REFERENCES lineage ON DELETE CASCADE,
  digest     text NOT NULL,
  PRIMARY KEY (space, chart, version, version_id)
);
CREATE INDEX lineage_sources_by_version ON lineage_sources (version_id);
