-- Names and versions compare by bytes (COLLATE "C"), so lists have the same order on every machine.

CREATE TABLE spaces (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text COLLATE "C" NOT NULL UNIQUE,
  -- Goes up by one as the last statement of every transaction that writes below the space.
  revision      bigint NOT NULL DEFAULT 0,
  -- Counted as rows are written, so that a page never counts a registry.
  chart_count   bigint NOT NULL DEFAULT 0,
  version_count bigint NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE charts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space_id      bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  name          text COLLATE "C" NOT NULL,
  version_count bigint NOT NULL DEFAULT 0,
  UNIQUE (space_id, name)
);

CREATE TABLE versions (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chart_id   bigint NOT NULL REFERENCES charts ON DELETE CASCADE,
  version    text COLLATE "C" NOT NULL,
  -- SemVer precedence as a string that sorts by bytes; see core/chart/version.ts.
  sort_key   text COLLATE "C" NOT NULL,
  digest     text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size       bigint NOT NULL CHECK (size > 0),
  -- Chart.yaml with the tree of subcharts inside.
  metadata   jsonb NOT NULL,
  -- values.yaml coalesced with the subcharts' own.
  values     jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (chart_id, version)
);

CREATE UNIQUE INDEX versions_by_precedence ON versions (chart_id, sort_key, version);
CREATE INDEX versions_by_digest ON versions (digest);

CREATE TYPE job_state AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

CREATE TABLE jobs (
  id              uuid PRIMARY KEY,
  -- Newest first, also for two jobs of one millisecond.
  number          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  state           job_state NOT NULL DEFAULT 'queued',
  -- Names, not keys: a job outlives what it made.
  space           text COLLATE "C" NOT NULL,
  chart           text COLLATE "C" NOT NULL,
  version         text COLLATE "C" NOT NULL,
  -- As it was sent, without the callback and its secret.
  recipe          jsonb NOT NULL,
  plan            jsonb NOT NULL,
  callback_url    text,
  callback_secret text,
  stage           text NOT NULL DEFAULT 'queued',
  done            integer NOT NULL DEFAULT 0,
  total           integer NOT NULL DEFAULT 0,
  attempts        integer NOT NULL DEFAULT 0,
  -- Of the worker that has the job; only this one may finish it.
  fence           bigint NOT NULL DEFAULT 0,
  -- When a sweep may take the job for forgotten: by the queue, or by a worker that stopped renewing.
  requeue_at      timestamptz,
  error           jsonb,
  created_at      timestamptz NOT NULL DEFAULT now(),
  started_at      timestamptz,
  finished_at     timestamptz,
  CHECK ((state IN ('queued', 'running')) = (requeue_at IS NOT NULL)),
  CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);

CREATE UNIQUE INDEX jobs_one_per_target ON jobs (space, chart, version) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_to_requeue ON jobs (requeue_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_target ON jobs (space, chart, number DESC);
CREATE INDEX jobs_by_space ON jobs (space, number DESC);
CREATE INDEX jobs_by_state ON jobs (state, number DESC);

-- What a job was made from, so that blobs it still needs are known, and lineage can be asked for.
CREATE TABLE job_sources (
  job_id  uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  digest  text NOT NULL,
  space   text COLLATE "C" NOT NULL,
  chart   text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  PRIMARY KEY (job_id, space, chart, version)
);
CREATE INDEX job_sources_by_digest ON job_sources (digest);

CREATE TABLE idempotency_keys (
  space       text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  body_digest text NOT NULL,
  job_id      uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (space, key)
);

-- Locks that outlive a transaction. `resource` is space, space/chart or space/chart/version.
CREATE TABLE locks (
  resource   text COLLATE "C" NOT NULL,
  holder     uuid NOT NULL,
  exclusive  boolean NOT NULL,
  fence      bigint NOT NULL,
  -- 'infinity' for what a job reserves: a job always ends, and releases it in the same transaction.
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (resource, holder)
);
CREATE INDEX locks_by_holder ON locks (holder);
CREATE INDEX locks_by_resource ON locks (resource, expires_at);
CREATE INDEX locks_exclusive ON locks (resource) WHERE exclusive;
CREATE INDEX locks_by_end ON locks (expires_at);

CREATE SEQUENCE fences;

CREATE TYPE delivery_state AS ENUM ('pending', 'succeeded', 'failed');

-- One webhook call that is owed to somebody.
CREATE TABLE deliveries (
  id          uuid PRIMARY KEY,
  number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  job_id      uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  url         text NOT NULL,
  secret      text,
  -- The body, word for word: a second attempt sends the same bytes under the same id.
  payload     text NOT NULL,
  state       delivery_state NOT NULL DEFAULT 'pending',
  requeue_at  timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK ((state = 'pending') = (requeue_at IS NOT NULL))
);
CREATE INDEX deliveries_by_job ON deliveries (job_id, number);
CREATE INDEX deliveries_to_requeue ON deliveries (requeue_at) WHERE state = 'pending';

CREATE TABLE delivery_attempts (
  delivery_id uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
  number      integer NOT NULL,
  started_at  timestamptz NOT NULL,
  -- Milliseconds.
  duration    integer NOT NULL,
  status      integer,
  error       text,
  PRIMARY KEY (delivery_id, number)
);
