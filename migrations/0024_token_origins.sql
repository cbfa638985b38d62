-- Token that made another one of the same owner; with it, those that it made are revoked too.
ALTER TABLE tokens ADD COLUMN made_with text COLLATE "C" REFERENCES tokens ON DELETE CASCADE;
CREATE INDEX tokens_by_origin ON tokens (made_with) WHERE made_with IS NOT NULL;
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE revoked_at IS NULL;

-- Admins are counted before one is taken away.
CREATE INDEX principals_by_admin ON principals (kind) WHERE registry_role = 'admin';
