-- Log-ins that a browser has begun at the provider of identities. Each row is used once, by the browser that began it.
CREATE TABLE provider_attempts (
  -- SHA-256 of the state, which goes to the provider and comes back.
  state_hash  bytea PRIMARY KEY,
  -- PKCE's challenge: SHA-256 of the verifier, which only the browser has, in a cookie.
  challenge   bytea NOT NULL,
  nonce       text NOT NULL,
  -- Path of the registry to which the browser goes afterwards.
  return_path text NOT NULL,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX provider_attempts_by_end ON provider_attempts (expires_at);
