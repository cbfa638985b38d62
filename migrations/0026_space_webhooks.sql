-- Receivers that are told of what happens in a space. A delivery is owed to the callback of a job or to one of these.
CREATE TABLE webhooks (
  id              uuid PRIMARY KEY,
  number          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  -- NULL once the webhook or its space was deleted: it is not shown, told or called any more, and the worker deletes its
  -- deliveries, then the row.
  space_id        bigint REFERENCES spaces ON DELETE SET NULL,
  url             text NOT NULL,
  description     text NOT NULL DEFAULT '',
  -- Sealed.
  secret          text NOT NULL,
  -- Secret before the last change, sealed, and how long calls are signed with it too.
  previous_secret text,
  previous_until  timestamptz,
  -- Types of events, or groups of them such as `job.*`.
  events          text[] NOT NULL,
  -- Globs of chart names; NULL for all charts.
  charts          text[],
  paused_at       timestamptz,
  pause_reason    text CHECK (pause_reason IN ('failing', 'request')),
  -- First failed attempt since the last call that was received, and the number of attempts since.
  failing_since   timestamptz,
  failures        integer NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  changed_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
  CHECK ((paused_at IS NULL) = (pause_reason IS NULL))
);
CREATE INDEX webhooks_by_space ON webhooks (space_id, number);
CREATE INDEX webhooks_ended ON webhooks (id) WHERE space_id IS NULL;
CREATE INDEX webhooks_by_previous_secret ON webhooks (previous_until) WHERE previous_until IS NOT NULL;

-- URL and secret of a webhook's delivery are those that the webhook has at the time of an attempt.
ALTER TABLE deliveries
  ALTER COLUMN job_id DROP NOT NULL,
  ALTER COLUMN url DROP NOT NULL,
  ADD COLUMN webhook_id uuid REFERENCES webhooks ON DELETE CASCADE,
  ADD COLUMN type text,
  -- Attempts before the last replay, which begins a new series of them.
  ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0,
  -- Whether the calls of a job's delivery are signed, which its secret tells until it has ended. NULL of an old release.
  ADD COLUMN signed boolean,
  ADD CHECK ((job_id IS NULL) <> (webhook_id IS NULL)),
  ADD CHECK ((webhook_id IS NULL) = (url IS NOT NULL)),
  ADD CHECK ((webhook_id IS NULL) = (type IS NULL));
UPDATE deliveries SET signed = secret IS NOT NULL WHERE state = 'pending';
-- Due ones are claimed by webhook, so that many of one hold up no others.
DROP INDEX deliveries_to_requeue;
CREATE INDEX deliveries_to_requeue ON deliveries (requeue_at) WHERE state = 'pending' AND webhook_id IS NULL;
CREATE INDEX deliveries_to_requeue_by_webhook ON deliveries (webhook_id, requeue_at)
  WHERE state = 'pending' AND webhook_id IS NOT NULL;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, number) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_by_webhook_state ON deliveries (webhook_id, state, number) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_to_purge ON deliveries (finished_at) WHERE webhook_id IS NOT NULL;
