-- Log-ins that a command has begun, for a user to approve in a browser (RFC 8628). Its token is made when the command
-- collects it, and the row is deleted with that.
CREATE TABLE device_logins (
  -- SHA-256 of the device code, which only the command has.
  device_hash  bytea PRIMARY KEY,
  -- Code that the user compares, without its hyphen. It lets nobody collect the token.
  user_code    text COLLATE "C" NOT NULL UNIQUE,
  -- Name that the command gives itself, and where it asked from, for the user to judge.
  client       text NOT NULL,
  address      text NOT NULL,
  -- Sixteen bits of the network that began it: each has a bounded number of rows. They tell nobody the address.
  network      integer NOT NULL,
  -- Days that the command wishes for its token; NULL for the usual ones.
  wished_days  integer,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  -- Seconds from one poll to the next, and when the last one came.
  poll_seconds integer NOT NULL,
  polled_at    timestamptz,
  -- Decision of a user; NULL while there is none.
  approved     boolean,
  -- User that the token will act as, its days and its bounds as in tokens; NULL unless it is approved.
  principal_id uuid REFERENCES principals ON DELETE CASCADE,
  days         integer,
  role         space_role,
  space_ids    bigint[],
  charts       text[],
  CHECK (coalesce(approved, false) = (principal_id IS NOT NULL) AND (principal_id IS NULL) = (days IS NULL))
);
CREATE INDEX device_logins_by_end ON device_logins (expires_at);
CREATE INDEX device_logins_by_network ON device_logins (network, expires_at);
CREATE INDEX device_logins_by_principal ON device_logins (principal_id) WHERE principal_id IS NOT NULL;
