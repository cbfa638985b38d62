-- Whether a worker can call an address that is sealed; those of releases before this migration cannot. While one of them
-- lives, addresses of callbacks and webhooks are stored in clear.
ALTER TABLE workers ADD COLUMN opens_addresses boolean NOT NULL DEFAULT false;
