-- Workers that live, by the time of their last sign of life; a worker that ends in good order deletes its row.
CREATE TABLE workers (
  id         uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workers_by_seen ON workers (seen_at);

-- Where the trace of the request that made a row goes on, as W3C Trace Context writes it (`traceparent`). NULL where the
-- process that wrote the row was not traced.
ALTER TABLE jobs ADD COLUMN traceparent text;
ALTER TABLE deliveries ADD COLUMN traceparent text;
