-- Whether a worker can call an address that is sealed; those of releases before this migration cannot. While one of them
-- lives, addresses of callbacks and webhooks are stored in clear.
ALTER TABLE workers ADD COLUMN opens_addresses boolean NOT NULL DEFAULT false;

-- Networks from which users have logged in rightly by a password. Their log-ins do not wait behind guesses of others from
-- there. Sixteen bits of a hash name a network, so the table tells nobody an address.
CREATE TABLE known_networks (
  principal_id uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  network      integer NOT NULL,
  seen_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal_id, network)
);
