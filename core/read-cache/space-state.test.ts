import { describe, expect, it } from 'vitest';
import type { Database } from '../db/port.ts';
import { createSpaceStates } from './space-state.ts';

/** Creates a database that answers when the test says so, with its revision at that time. */
function createSlowDatabase() {
  const queries: { names: string[]; answer(): void; fail(): void }[] = [];
  const spaces = new Map([
    ['lib', 1],
    ['web', 7],
  ]);
  const db: Pick<Database, 'query'> = {
    query: (_, params = []) =>
      new Promise((resolve, reject) => {
        const names = JSON.parse(JSON.stringify(params[0]));
        const rows = [...spaces].filter(([name]) => names.includes(name));
        const seen = rows.map(([name, revision]) => ({
          name,
          id: 1,
          revision,
          changed_at: '2026-01-02T03:04:05.000006Z',
        }));
        queries.push({
          names,
          answer: () => resolve(JSON.parse(JSON.stringify(seen))),
          fail: () => reject(new Error('down')),
        });
      }),
  };
  const unused = () => Promise.reject(new Error('not here'));
  const connections = () => ({ busy: 0, idle: 0, waiting: 0 });
  return { db: { ...db, transaction: unused, close: unused, connections }, spaces, queries };
}

describe('readers of states', () => {
  it('reads the states of several spaces in one query', async () => {
    const { db, queries } = createSlowDatabase();
    const states = createSpaceStates(db);
    const reads = ['lib', 'web', 'lib', 'none'].map((space) => states.read(space));
    await expect.poll(() => queries.length).toBe(1);
    expect(queries[0]?.names).toEqual(['lib', 'web', 'none']);
    queries[0]?.answer();
    expect((await Promise.all(reads)).map((state) => state?.revision)).toEqual([1, 7, 1, undefined]);
  });

  it('starts a new query for a reader that comes during one', async () => {
    const { db, spaces, queries } = createSlowDatabase();
    const states = createSpaceStates(db);
    const early = states.read('lib');
    await expect.poll(() => queries.length).toBe(1);
    spaces.set('lib', 2);
    const late = [states.read('lib'), states.read('lib')];
    queries[0]?.answer();
    expect((await early)?.revision).toBe(1);
    await expect.poll(() => queries.length).toBe(2);
    queries[1]?.answer();
    expect((await Promise.all(late)).map((state) => state?.revision)).toEqual([2, 2]);
  });

  it('passes a failure to its readers, and queries again for the next', async () => {
    const { db, queries } = createSlowDatabase();
    const states = createSpaceStates(db);
    const read = states.read('lib');
    await expect.poll(() => queries.length).toBe(1);
    queries[0]?.fail();
    await expect(read).rejects.toThrow('down');
    const again = states.read('lib');
    await expect.poll(() => queries.length).toBe(2);
    queries[1]?.answer();
    expect((await again)?.revision).toBe(1);
  });

  it('reads other spaces beside a name that PostgreSQL would refuse', async () => {
    const { db, queries } = createSlowDatabase();
    expect(await createSpaceStates(db).read('a\0b')).toBeUndefined();
    expect(queries).toEqual([]);
  });
});
