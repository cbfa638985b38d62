import { randomBytes } from 'node:crypto';
import type { AuditAction } from '../audit/actions.ts';
import type { AuditDetails } from '../audit/details.ts';
import { toAuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RequestFacts } from './actor.ts';
import type { Principal } from './principal.ts';
import { type ProviderUser, toUserName } from './provider-user.ts';
import { markRefusal } from './refusals.ts';

/**
 * Finds the user of a provider's user, or creates it at the first log-in. Groups of the user follow the claim. A user
 * is found by issuer and subject alone, so nobody becomes somebody else by a name at the provider. A name that a local
 * user has already gets a number. What the log-in changes is recorded in its transaction, as done by the user.
 * @param adminGroup group whose members are admins; empty for none
 * @param request by which the user logs in
 * @throws {RegistryError} `access.denied` for a disabled user
 */
export function logInUser(
  db: Database,
  user: ProviderUser,
  { adminGroup, request }: { adminGroup: string; request: RequestFacts },
): Promise<Principal> {
  return db.transaction(async (tx) => {
    const { isNew = false, ...row } = (await findUser(tx, user)) ?? (await createUser(tx, user));
    const { id, name } = row;
    if (row.disabled) {
      const disabled = new RegistryError(
        'access.denied',
        'This user is disabled. Ask an admin of the registry.',
      );
      throw markRefusal(disabled, { principal: { id, kind: 'user', name } });
    }
    const isOfAdmins = adminGroup !== '' && user.groups.includes(adminGroup);
    const changes: LoginChange[] = [
      ...(isNew ? [{ action: 'user.create', details: { user: name, issuer: user.issuer } } as const] : []),
      ...(isOfAdmins ? await ensureAdminGroup(tx, adminGroup) : []),
      ...(await updateClaimedGroups(tx, row, user.groups)),
    ];
    const principal = { id, kind: 'user', name } as const;
    const caller = { kind: 'principal', principal, credential: 'session' } as const;
    recordAuditRecords(
      tx,
      changes.map(({ action, details }) =>
        toAuditRecord(caller, request, { action, details: { ...details, by: 'provider' } }),
      ),
    );
    return principal;
  });
}

interface UserRow {
  id: string;
  name: string;
  disabled: boolean;
  /** Whether this log-in has created the user. */
  isNew?: boolean;
}

/** Change that a log-in has made, for the audit. */
interface LoginChange {
  action: AuditAction;
  details: AuditDetails;
}

/** Finds a user, and locks its row: two log-ins at once change its groups one after the other. */
async function findUser(tx: Transaction, { issuer, subject }: ProviderUser): Promise<UserRow | undefined> {
  const [row] = await tx.query<UserRow>(
    `SELECT id, name, disabled FROM principals WHERE issuer = $1 AND subject = $2 FOR NO KEY UPDATE`,
    [issuer, subject],
  );
  return row;
}

/** Creates a user under the first free name. A log-in at the same moment may have created it: then that row is it. */
async function createUser(tx: Transaction, user: ProviderUser): Promise<UserRow> {
  const name = toUserName(user.name);
  const numbered = Array.from({ length: 8 }, (_, index) => `${name}-${index + 2}`);
  for (const candidate of [name, ...numbered, `${name}-${randomBytes(8).toString('hex')}`]) {
    const [created] = await tx.query<UserRow>(
      `INSERT INTO principals (kind, name, issuer, subject)
       SELECT 'user', $1, $2, $3
        WHERE NOT EXISTS (SELECT 1 FROM principals WHERE kind = 'user' AND lower(name) = $1)
       ON CONFLICT DO NOTHING RETURNING id, name, disabled`,
      [candidate, user.issuer, user.subject],
    );
    if (created) return { ...created, isNew: true };
    const row = await findUser(tx, user);
    if (row) return row;
  }
  throw new RegistryError('service.busy', 'No free name was found for the new user. Log in again.');
}

/** Makes the group of admins, where it is not there or not theirs yet. An existing one makes all in it admins. */
async function ensureAdminGroup(tx: Transaction, name: string): Promise<LoginChange[]> {
  const changed = await tx.query<{ isNew: boolean }>(
    `INSERT INTO principals AS known (kind, name, registry_role) VALUES ('group', $1, 'admin')
     ON CONFLICT (kind, name) WHERE space_id IS NULL DO UPDATE SET registry_role = 'admin'
      WHERE known.registry_role IS DISTINCT FROM 'admin'
     RETURNING xmax = 0 AS "isNew"`,
    [name],
  );
  return changed.map(({ isNew }) => ({
    action: isNew ? 'group.create' : 'group.change',
    details: { group: name, role: 'admin' },
  }));
}

/** Adds a user to the groups that the claim names and the registry has, and removes it from others of a claim. */
async function updateClaimedGroups(
  tx: Transaction,
  { id, name }: UserRow,
  names: readonly string[],
): Promise<LoginChange[]> {
  const removed = await tx.query<{ group: string }>(
    `DELETE FROM group_members m USING principals g
      WHERE m.user_id = $1 AND m.from_claim AND g.id = m.group_id AND g.name <> ALL ($2::text[])
     RETURNING g.name AS "group"`,
    [id, names],
  );
  const added = await tx.query<{ group: string }>(
    `WITH added AS (
       INSERT INTO group_members (group_id, user_id, from_claim)
       SELECT id, $1, true FROM principals WHERE kind = 'group' AND name = ANY ($2::text[])
       ON CONFLICT DO NOTHING RETURNING group_id
     )
     SELECT g.name AS "group" FROM added JOIN principals g ON g.id = added.group_id`,
    [id, names],
  );
  return [
    ...removed.map(({ group }) => ({ action: 'group.change', details: { group, removed: name } }) as const),
    ...added.map(({ group }) => ({ action: 'group.change', details: { group, added: name } }) as const),
  ];
}
