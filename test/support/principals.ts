import type { Queryable } from '../../core/db/port.ts';

/** Creates a group. @returns its id */
export function addGroup(db: Queryable, name: string): Promise<string> {
  return insert(db, "INSERT INTO principals (kind, name) VALUES ('group', $1) RETURNING id", [name]);
}

/** Creates a service account of a space. @returns its id */
export function addAccount(db: Queryable, space: string, name: string): Promise<string> {
  return insert(
    db,
    `INSERT INTO principals (kind, name, space_id) SELECT 'account', $1, id FROM spaces WHERE name = $2 RETURNING id`,
    [name, space],
  );
}

/** Lets tokens of an issuer act as a service account. @returns the id of the rule */
export function addTrustRule(
  db: Queryable,
  accountId: string,
  rule: { issuer: string; audience: string; claims: Record<string, unknown> },
): Promise<string> {
  return insert(
    db,
    'INSERT INTO trust_rules (account_id, issuer, audience, claims) VALUES ($1, $2, $3, $4) RETURNING id',
    [accountId, rule.issuer, rule.audience, JSON.stringify(rule.claims)],
  );
}

/** Cuts the secret out of a token `hrt_ID_SECRET`. The secret may have `_` in it, also at its start. */
export function secretOf(token: string): string {
  return token.split('_').slice(2).join('_');
}

async function insert(db: Queryable, sql: string, params: unknown[]): Promise<string> {
  const [row] = await db.query<{ id: string }>(sql, params);
  if (!row) throw new Error(`nothing was inserted by ${sql}`);
  return row.id;
}
