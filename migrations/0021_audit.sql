-- Audit: who did what, or was refused it. Names, not keys, so that events outlive what they tell of.
CREATE TABLE audit_events (
  -- By the clock of the database, in the packet of the commit.
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  number         bigint GENERATED ALWAYS AS IDENTITY,
  principal_kind text NOT NULL CHECK (principal_kind IN ('user', 'account', 'anonymous', 'system')),
  principal_id   uuid,
  principal      text COLLATE "C",
  credential     text,
  token_id       text,
  token_name     text,
  action         text COLLATE "C" NOT NULL,
  needed_right   text,
  outcome        text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  space          text COLLATE "C",
  -- Tells spaces of one name apart; without reference, since events outlive their space.
  space_id       bigint,
  chart          text COLLATE "C",
  version        text COLLATE "C",
  digest_before  text,
  digest_after   text,
  door           text NOT NULL,
  address        text,
  agent          text,
  request_id     text,
  job_id         uuid,
  -- More than one for refusals that are counted together.
  times          integer NOT NULL DEFAULT 1 CHECK (times > 0),
  details        jsonb CHECK (octet_length(details::text) <= 8192),
  PRIMARY KEY (at, number)
);

-- Each has the order of the lists, so that a page costs as much as it has rows.
CREATE INDEX audit_events_by_space ON audit_events (space, at, number);
CREATE INDEX audit_events_by_principal ON audit_events (principal, at, number);
CREATE INDEX audit_events_by_action ON audit_events (action, at, number);
CREATE INDEX audit_events_refused ON audit_events (at, number) WHERE outcome <> 'done';

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are never changed: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- A purge names its retention in days, at least one, for its own transaction.
CREATE FUNCTION refuse_audit_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  days integer := nullif(current_setting('helm_registry.audit_keep', true), '')::integer;
BEGIN
  IF days IS NULL OR days < 1 OR OLD.at >= now() - make_interval(days => days) THEN
    RAISE EXCEPTION 'audit events are deleted by the purge alone, once they are older than AUDIT_KEEP'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END
$$;

CREATE TRIGGER audit_events_unchanged BEFORE UPDATE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_deletion();
-- Also in sessions with session_replication_role = replica, where triggers are silent otherwise.
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_unchanged;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_kept;
