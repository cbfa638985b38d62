-- Sixteen bits of the network that began a log-in: each has a bounded number of rows. They tell nobody the address.
ALTER TABLE provider_attempts ADD COLUMN network integer NOT NULL DEFAULT 0;
CREATE INDEX provider_attempts_by_network ON provider_attempts (network, expires_at);
