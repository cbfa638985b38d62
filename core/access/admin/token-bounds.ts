import { RegistryError } from '../../errors.ts';
import { areGlobsWithin, findGlobFault } from '../chart-globs.ts';
import { includesRole, type SpaceRole, someChartPlaceholder } from '../rights.ts';
import type { AdminDeps, KnownCaller } from './admin.ts';

/** Bounds of a new token as a request names them. What is absent is not bounded. */
export interface RequestedBounds {
  role?: SpaceRole | undefined;
  /** Names of spaces. */
  spaces?: readonly string[] | undefined;
  charts?: readonly string[] | undefined;
}

/** Bounds of a new token. */
export interface TokenBounds {
  role: SpaceRole | null;
  spaceIds: number[] | null;
  charts: string[] | null;
}

/** Largest number of spaces of a token. */
const maxTokenSpaces = 100;

/**
 * Checks the bounds of a new token and finds its spaces.
 * @param narrowedTo caller whose own bounds the token gets where the request names none, and must stay in
 * @throws {RegistryError} `request.invalid`, `space.notFound`, `access.denied` for wider bounds than the caller's
 */
export async function resolveTokenBounds(
  deps: AdminDeps,
  requested: RequestedBounds,
  narrowedTo: KnownCaller | undefined,
): Promise<TokenBounds> {
  const fault = requested.charts && findGlobFault(requested.charts);
  if (fault !== undefined) throw new RegistryError('request.invalid', fault, { pointer: '/charts' });
  const narrowing = narrowedTo?.narrowing ?? {};
  const spaceIds = requested.spaces && (await findReadableSpaceIds(deps, requested.spaces));
  const { role = narrowing.role, charts = narrowing.charts } = requested;
  if (role && narrowing.role && !includesRole(narrowing.role, role)) throw tokenTooWideError('role');
  if (charts && narrowing.charts && !areGlobsWithin(charts, narrowing.charts))
    throw tokenTooWideError('charts');
  if (spaceIds?.some((id) => narrowing.spaceIds?.has(id) === false)) throw tokenTooWideError('spaces');
  return {
    role: role ?? null,
    spaceIds: spaceIds ?? (narrowing.spaceIds ? [...narrowing.spaceIds] : null),
    charts: charts ? [...charts] : null,
  };
}

/**
 * Makes the error for a token wider than the one that makes it. The new token would have more rights, or live longer.
 */
export function tokenTooWideError(key: string): RegistryError {
  return new RegistryError(
    'access.denied',
    `${key}: a token makes no token with wider bounds or a later end than its own. Log in with a password or in the browser to make it.`,
    { pointer: `/${key}` },
  );
}

/**
 * Finds the ids of spaces that the actor may read. Others are answered as absent ones, so that nobody learns of them.
 * @throws {RegistryError} `request.invalid`, `space.notFound`
 */
async function findReadableSpaceIds({ db, actor }: AdminDeps, names: readonly string[]): Promise<number[]> {
  const unique = [...new Set(names)];
  if (unique.length === 0 || unique.length > maxTokenSpaces) {
    throw new RegistryError('request.invalid', `spaces must have 1 to ${maxTokenSpaces} names.`, {
      pointer: '/spaces',
    });
  }
  const rows = await db.query<{ id: number; name: string }>(
    'SELECT id, name FROM spaces WHERE name = ANY($1)',
    [unique.filter((name) => !name.includes('\0'))],
  );
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  const found = await Promise.all(
    unique.map(async (space) => {
      const id = ids.get(space);
      if (
        id === undefined ||
        !(await actor.may('chart.read', { space, spaceId: id, chart: someChartPlaceholder }))
      )
        throw new RegistryError('space.notFound', `There is no space ${space}.`, { pointer: '/spaces' });
      return id;
    }),
  );
  return found;
}
