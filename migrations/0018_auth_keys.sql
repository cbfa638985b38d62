-- Keys that seal secrets and sign registry tokens, shared by all processes, where AUTH_KEYS_FILE does not name others.

CREATE TABLE auth_keys (
  -- The key with the highest number is the newest.
  number     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Two random uuids have 244 bits from the operating system's source.
  key        bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
             CHECK (octet_length(key) = 32),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO auth_keys DEFAULT VALUES;

-- Secrets that are needed no more; unfinished ones are sealed by the program, once it has its keys.
UPDATE jobs SET callback_secret = NULL WHERE callback_secret IS NOT NULL AND state NOT IN ('queued', 'running');
UPDATE deliveries SET secret = NULL WHERE secret IS NOT NULL AND state <> 'pending';
