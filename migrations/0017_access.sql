-- Access control: who there is, what each may do, and by which credentials.

CREATE TYPE space_visibility AS ENUM ('public', 'internal', 'private');
CREATE TYPE space_role AS ENUM ('reader', 'publisher', 'maintainer', 'owner');
CREATE TYPE registry_role AS ENUM ('creator', 'auditor', 'admin');

-- Read only where access is guarded, so that spaces of an open registry are private when it is guarded.
ALTER TABLE spaces ADD COLUMN visibility space_visibility NOT NULL DEFAULT 'private';

CREATE TABLE principals (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind          text NOT NULL CHECK (kind IN ('user', 'group', 'account')),
  name          text COLLATE "C" NOT NULL,
  -- Space of a service account; null for one of the registry, for users and groups.
  space_id      bigint REFERENCES spaces ON DELETE CASCADE CHECK (space_id IS NULL OR kind = 'account'),
  registry_role registry_role,
  disabled      boolean NOT NULL DEFAULT false,
  -- Argon2id, of a local user.
  password_hash text,
  -- Provider and its name for the user, of a user that logs in there.
  issuer        text,
  subject       text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CHECK ((issuer IS NULL) = (subject IS NULL))
);
CREATE UNIQUE INDEX principals_by_name ON principals (kind, name) WHERE space_id IS NULL;
CREATE UNIQUE INDEX principals_by_space ON principals (space_id, name) WHERE space_id IS NOT NULL;
CREATE UNIQUE INDEX principals_by_subject ON principals (issuer, subject) WHERE issuer IS NOT NULL;

CREATE TABLE group_members (
  group_id   uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  -- Whether a claim of the provider says so; such rows follow the claim at each log-in.
  from_claim boolean NOT NULL DEFAULT false,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_by_user ON group_members (user_id);

CREATE TABLE space_members (
  space_id     bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  principal_id uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  role         space_role NOT NULL,
  PRIMARY KEY (space_id, principal_id)
);
CREATE INDEX space_members_by_principal ON space_members (principal_id);

CREATE TABLE tokens (
  -- Public part of the token, by which it is found.
  id             text COLLATE "C" PRIMARY KEY,
  principal_id   uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  name           text NOT NULL,
  -- SHA-256 of the secret part, which has 256 random bits.
  secret_hash    bytea NOT NULL,
  -- Secret before the last rotation, and how long it is still accepted.
  previous_hash  bytea,
  previous_until timestamptz,
  -- Role that it narrows its owner to; null for the owner's own.
  role           space_role,
  -- Whether it is narrowed to the spaces in token_spaces; of those that are deleted none is left.
  in_spaces      boolean NOT NULL DEFAULT false,
  -- Globs of chart names that it is narrowed to; null for all charts.
  charts         text[],
  expires_at     timestamptz NOT NULL,
  revoked_at     timestamptz,
  last_used_at   timestamptz,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);
CREATE INDEX tokens_by_principal ON tokens (principal_id, created_at);

CREATE TABLE token_spaces (
  token_id text COLLATE "C" NOT NULL REFERENCES tokens ON DELETE CASCADE,
  space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
  PRIMARY KEY (token_id, space_id)
);
CREATE INDEX token_spaces_by_space ON token_spaces (space_id);

-- Workloads that a provider vouches for: a token of `issuer` for `audience` with these claims acts as the account.
CREATE TABLE trust_rules (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  issuer     text NOT NULL,
  audience   text NOT NULL,
  -- Claims and their exact values, all of which must be met.
  claims     jsonb NOT NULL CHECK (claims <> '{}'),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX trust_rules_by_issuer ON trust_rules (issuer);
CREATE INDEX trust_rules_by_account ON trust_rules (account_id);

-- Browser sessions, by the SHA-256 of their cookie.
CREATE TABLE sessions (
  hash         bytea PRIMARY KEY,
  principal_id uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_by_principal ON sessions (principal_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Who made it: names outlive their principals. The id is that of a principal, which may be gone.
ALTER TABLE versions ADD COLUMN author_id uuid, ADD COLUMN author text;
ALTER TABLE jobs ADD COLUMN author_id uuid, ADD COLUMN author text, ADD COLUMN token_id text;
CREATE INDEX jobs_by_author ON jobs (author_id, number DESC) WHERE author_id IS NOT NULL;

-- Keys of different principals are different keys. The empty text stands for everybody of an open registry.
ALTER TABLE idempotency_keys ADD COLUMN author text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD PRIMARY KEY (space, author, key);

-- Number that each change of rights or credentials raises; processes compare it with the one of their cached rights.
CREATE TABLE access_revision (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision   bigint NOT NULL DEFAULT 0,
  -- A database restored from a backup reaches an old number again at another time.
  changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO access_revision DEFAULT VALUES;

CREATE FUNCTION raise_access_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE access_revision SET revision = revision + 1, changed_at = clock_timestamp();
  RETURN NULL;
END
$$;
-- Deferred to the commit, so that the row is locked for the commit alone.
CREATE CONSTRAINT TRIGGER principals_changed AFTER UPDATE OR DELETE ON principals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER group_members_changed AFTER INSERT OR UPDATE OR DELETE ON group_members
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER space_members_changed AFTER INSERT OR UPDATE OR DELETE ON space_members
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER tokens_changed AFTER DELETE OR
  UPDATE OF secret_hash, previous_hash, previous_until, role, in_spaces, charts, expires_at, revoked_at ON tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER token_spaces_changed AFTER INSERT OR DELETE ON token_spaces
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER trust_rules_changed AFTER UPDATE OR DELETE ON trust_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
CREATE CONSTRAINT TRIGGER sessions_changed AFTER DELETE ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_access_revision();
