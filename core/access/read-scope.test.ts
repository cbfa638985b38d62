import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { computeReadScope, type GuardedSpace, mayInSpace, type Subject } from './decide.ts';
import { anonymousCaller, openCaller } from './principal.ts';
import {
  firstSpacesInScopeSql,
  inArrayScopeSql,
  inJsonScopeSql,
  toScopeArrays,
  toScopeJson,
} from './read-scope.ts';
import { registryRoles, spaceRoles, visibilities } from './rights.ts';

let database: TestDatabase;
const spaces: GuardedSpace[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  for (const visibility of [...visibilities, ...visibilities]) {
    const [row] = await database.db.query<{ id: number }>(
      'INSERT INTO spaces (name, visibility) VALUES ($1, $2) RETURNING id',
      [`s${spaces.length}`, visibility],
    );
    spaces.push({ id: row?.id ?? 0, visibility });
  }
});
afterAll(() => database.drop());

/** Makes subjects of all kinds, with roles and bounds in some of the spaces. */
function subjects(): fc.Arbitrary<Subject> {
  const id = fc.constantFrom(...spaces.map((space) => space.id));
  const narrowing = fc.record(
    {
      role: fc.constantFrom(...spaceRoles),
      spaceIds: fc.uniqueArray(id).map((ids) => new Set(ids)),
      charts: fc.constant(['web']),
    },
    { requiredKeys: [] },
  );
  const grants = fc.record({
    registryRoles: fc.uniqueArray(fc.constantFrom(...registryRoles)),
    spaceRoles: fc.array(fc.tuple(id, fc.constantFrom(...spaceRoles))).map((roles) => new Map(roles)),
  });
  const principal = { id: '8f0f5c0e-0000-4000-8000-000000000001', kind: 'user', name: 'ana' } as const;
  const caller = fc.oneof(
    fc.constant(anonymousCaller),
    fc.constant(openCaller),
    narrowing.map(
      (bounds) => ({ kind: 'principal', principal, credential: 'token', narrowing: bounds }) as const,
    ),
  );
  return fc
    .record({ caller, grants })
    .map((subject) =>
      subject.caller.kind === 'anonymous'
        ? { ...subject, grants: { registryRoles: [], spaceRoles: new Map() } }
        : subject,
    );
}

it('the SQL of a scope finds the spaces that the decision for one space allows to read', async () => {
  await fc.assert(
    fc.asyncProperty(subjects(), async (subject) => {
      const rows = await database.db.query<{ id: number }>(
        `SELECT s.id FROM spaces s WHERE ${inJsonScopeSql('s', '$1::jsonb')} ORDER BY id`,
        [toScopeJson(computeReadScope(subject))],
      );
      const readable = spaces
        .filter((space) => mayInSpace(subject, 'chart.read', space))
        .map((space) => space.id);
      expect(rows.map((row) => row.id)).toEqual(readable);
      const params = toScopeArrays(computeReadScope(subject));
      const among = await database.db.query<{ id: number }>(
        `SELECT s.id FROM spaces s WHERE ${inArrayScopeSql('s', 1)} ORDER BY id`,
        params,
      );
      expect(among.map((row) => row.id)).toEqual(readable);
      for (const order of ['ASC', 'DESC'] as const) {
        const first = await database.db.query<{ id: number }>(
          `${firstSpacesInScopeSql(1, { order, where: 'name <> $4', limit: '3' })}`,
          [...params, 's1'],
        );
        const wanted = readable.filter((id) => id !== spaces[1]?.id);
        if (order === 'DESC') wanted.reverse();
        expect(first.map((row) => row.id)).toEqual(wanted.slice(0, 3));
      }
    }),
    { numRuns: 300 },
  );
});
