import type { Database, Queryable } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import type { Actor } from '../actor.ts';
import { type Caller, scopesOfCaller } from '../principal.ts';
import { loginRequiredError } from '../refusals.ts';

/** Dependencies of the use cases that administer principals, tokens, members and trust rules. */
export interface AdminDeps {
  db: Database;
  actor: Actor;
}

/**
 * Refuses administration of a registry with open access. Anybody could prepare an admin for the day on which it is
 * guarded. Commands on its machine can do that.
 * @throws {RegistryError} `access.open`
 */
export async function assertAccessGuarded(actor: Actor): Promise<void> {
  if ((await actor.caller()).kind !== 'open') return;
  throw new RegistryError(
    'access.open',
    'This registry lets everybody do everything, so it has nobody to administer: set ACCESS=guarded, or use helm-registry user, token and space on its machine.',
  );
}

/** Caller that has proved who it is. */
export type KnownCaller = Extract<Caller, { kind: 'principal' }>;

/**
 * Returns the caller.
 * @throws {RegistryError} `access.open`, `access.unauthenticated` for an anonymous one; `access.denied` for one with a
 *   token for repositories alone
 */
export async function requireKnownCaller(actor: Actor): Promise<KnownCaller> {
  await assertAccessGuarded(actor);
  const { caller } = await actor.subject();
  if (caller.kind !== 'principal') throw loginRequiredError();
  if (scopesOfCaller(caller)) {
    throw new RegistryError(
      'access.denied',
      'This credential counts for repositories alone. Log in with a token or a password.',
    );
  }
  return caller;
}

/** Whether a person acts, with a password or in the browser, and no program. */
export function isInteractive(caller: Caller): boolean {
  return caller.kind === 'principal' && (caller.credential === 'password' || caller.credential === 'session');
}

/** List of rows: what each has, where it is from and in which order. */
export interface ListQuery {
  columns: string;
  from: string;
  order: string;
}

/** Reads a page of a list, and counts the whole list. */
export async function readPage<T extends object>(
  db: Queryable,
  { columns, from, order }: ListQuery,
  params: readonly unknown[],
  { start, limit }: Paging,
): Promise<Page<T>> {
  const place = params.length;
  const [counted, items] = await Promise.all([
    db.query<{ total: number }>(`SELECT count(*) AS total FROM ${from}`, params),
    db.query<T>(`SELECT ${columns} FROM ${from} ORDER BY ${order} OFFSET $${place + 1} LIMIT $${place + 2}`, [
      ...params,
      start,
      limit,
    ]),
  ]);
  return { total: counted[0]?.total ?? 0, items };
}
