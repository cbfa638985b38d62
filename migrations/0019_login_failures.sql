-- Failed log-ins, counted by account and by network, in a fixed number of buckets: 65,536 for names and 65,536 for
-- networks. The table holds no name, no address and no whole hash of one, and cannot grow beyond its buckets.
CREATE TABLE login_failures (
  -- 16 bits of a SHA-256; those of networks are 65,536 higher.
  bucket        int PRIMARY KEY,
  -- At the limit, plus one for each delay after the first.
  failures      smallint NOT NULL,
  failed_at     timestamptz NOT NULL,
  -- End of the delay, during which failures do not count.
  delayed_until timestamptz
) WITH (fillfactor = 50);
