import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditList } from '../api/audit-schemas.ts';
import { exportAudit, exportBatchSize } from '../core/audit/export.ts';
import { listAudit } from '../core/audit/read.ts';
import type { Queryable } from '../core/db/port.ts';
import { eventsOf } from './support/audit.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from './support/guarded.ts';

let registry: GuardedRegistry;
let auditor: TestToken;
let owner: TestToken;
let publisher: TestToken;

const many = 100_000;

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  const { addUser, addToken, addSpace, setRole } = registry;
  await addSpace('shop', 'private');
  await addSpace('other', 'private');
  auditor = await addToken(await addUser('audrey', 'auditor'));
  const olga = await addUser('olga');
  await setRole(olga, 'shop', 'owner');
  owner = await addToken(olga);
  const paul = await addUser('paul');
  await setRole(paul, 'shop', 'maintainer');
  publisher = await addToken(paul);
  // Events in the space shop are one of a hundred, by paul one of a thousand, denied ones one of ten thousand.
  await registry.db.query(
    `INSERT INTO audit_events (at, principal_kind, principal, action, outcome, space, space_id, chart, door, agent)
     SELECT timestamptz '2026-01-01Z' + n * interval '1 second', 'user',
            CASE WHEN n % 1000 = 0 THEN 'paul' ELSE 'somebody' END,
            CASE WHEN n % 5000 = 0 THEN 'chart.delete' ELSE 'version.publish' END,
            CASE WHEN n % 10000 = 0 THEN 'denied' ELSE 'done' END,
            s.name, s.id, 'chart-' || n % 7, 'api', repeat('x', 100)
       FROM generate_series(1, ${many}) AS n
       JOIN spaces s ON s.name = CASE WHEN n % 100 = 0 THEN 'shop' ELSE 'other' END`,
  );
  await registry.db.query('ANALYZE audit_events');
}, 120_000);
afterAll(() => registry?.close());

/** Reads all pages of a query. @returns ids in their order */
async function walk(query: string, between: () => Promise<void> = async () => undefined): Promise<string[]> {
  const ids: string[] = [];
  let path: string | undefined = `/api/v1/audit?${query}`;
  while (path !== undefined) {
    const response: Response = await auditor.client.request(path);
    expect(response.status).toBe(200);
    ids.push(...auditList.parse(await response.json()).items.map(({ id }) => id));
    path = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    await between();
  }
  return ids;
}

/** Counts the rows that queries return. */
function counted(): { db: Queryable; rows: () => number } {
  let rows = 0;
  return {
    rows: () => rows,
    db: {
      async query<T extends object>(sql: string, params?: readonly unknown[]) {
        const found = await registry.db.query<T>(sql, params);
        rows += found.length;
        return found;
      },
    },
  };
}

describe('rights to read events', () => {
  it('an auditor and an admin read those of all spaces, an owner those of its space, others none', async () => {
    const statusOf = async ({ client }: Pick<TestToken, 'client'>, query = '') =>
      (await client.api(`/audit?${query}`)).status;
    expect(await statusOf(auditor)).toBe(200);
    expect(await statusOf({ client: registry.admin })).toBe(200);
    expect(await statusOf(owner)).toBe(403);
    expect(await statusOf(owner, 'space=shop')).toBe(200);
    expect(await statusOf(owner, 'space=other')).toBe(403);
    expect(await statusOf(owner, 'space=absent')).toBe(403);
    expect(await statusOf(publisher, 'space=shop')).toBe(403);
    expect(await statusOf({ client: registry.anonymous }, 'space=shop')).toBe(401);
    const spaces = new Set((await eventsOf(owner.client, 'space=shop')).map(({ space }) => space));
    expect([...spaces]).toEqual(['shop']);
  });

  it('an owner does not see the events of an earlier space of the same name', async () => {
    await registry.admin.api('/spaces?space=again', { method: 'POST' });
    await registry.admin.api('/spaces/again', { method: 'DELETE' });
    await registry.admin.api('/spaces?space=again', { method: 'POST' });
    const oscar = await registry.addUser('oscar');
    await registry.setRole(oscar, 'again', 'owner');
    const { client } = await registry.addToken(oscar);
    const actionsOf = async (reader: typeof client) =>
      (await eventsOf(reader, 'space=again')).map(({ action }) => action);
    expect(await actionsOf(client)).toEqual(['space.create']);
    expect(await actionsOf(auditor.client)).toEqual(['space.create', 'space.delete', 'space.create']);
  });
});

describe('pages', () => {
  const range = 'since=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z';

  it('that follow each other have every event once, also while events are added', async () => {
    const add = async () => {
      await registry.db.query(
        `INSERT INTO audit_events (principal_kind, principal, action, outcome, door)
         SELECT 'user', 'paul', 'login', 'done', 'api' FROM generate_series(1, 3)`,
      );
    };
    const [row] = await registry.db.query<{ ids: string[] }>(
      `SELECT array_agg(number::text ORDER BY at DESC, number DESC) AS ids
         FROM audit_events WHERE principal = 'paul'`,
    );
    expect(await walk('principal=paul&limit=7', add)).toEqual(row?.ids);
  });

  it.each([
    ['space=shop', many / 100],
    ['space=other&chart=chart-3&limit=1000', undefined],
    ['action=chart.delete', many / 5000],
    ['outcome=denied', many / 10_000],
    ['space=shop&principal=paul', many / 1000],
    ['action=chart.delete&outcome=denied', many / 10_000],
    ['principal=paul&outcome=done', many / 1000 - many / 10_000],
    ['since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:11Z', 10],
    ['space=shop&since=2026-01-01T00:00:00%2B01:00&until=2026-01-02T23:00:00-01:00', many / 100],
    ['space=nowhere', 0],
  ])('pages of the filter %s have all that it fits', async (query, expected) => {
    const ids = await walk(
      `${query}&${query.includes('since') ? '' : range}&${query.includes('limit') ? '' : 'limit=500'}`,
    );
    expect(new Set(ids).size).toBe(ids.length);
    const conditions = query.startsWith('space=other') ? "space = 'other' AND chart = 'chart-3'" : 'true';
    const [row] = await registry.db.query<{ events: number }>(
      `SELECT count(*) AS events FROM audit_events WHERE ${conditions}`,
    );
    expect(ids.length).toBe(expected ?? row?.events);
  });

  it.each([
    [{}],
    [{ space: 'shop' }],
    [{ principal: 'paul' }],
    [{ action: 'chart.delete' as const }],
    [{ outcome: 'denied' as const }],
    [{ space: 'other', outcome: 'denied' as const }],
  ])('cost what they have, or a fixed number of events where few fit: %j', async (filter) => {
    const plan = await explain(filter);
    expect(plan).not.toMatch(/Seq Scan|Sort Key/);
    // The page of five, or all that a page examines.
    const examined = Math.max(...[...plan.matchAll(/actual rows=(\d+)/g)].map(([, rows]) => Number(rows)));
    expect(examined).toBeLessThanOrEqual('outcome' in filter && 'space' in filter ? 10_000 : 5);
  });

  async function explain(filter: Parameters<typeof listAudit>[1]): Promise<string> {
    const plans: string[] = [];
    const db: Queryable = {
      async query<T extends object>(sql: string, params?: readonly unknown[]) {
        const lines = await registry.db.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) ${sql}`,
          params,
        );
        plans.push(lines.map((line) => line['QUERY PLAN']).join('\n'));
        return registry.db.query<T>(sql, params);
      },
    };
    await listAudit(db, filter, { limit: 5 });
    return plans[0] ?? '';
  }

  it.each([
    ['cursor=x', 'cursor'],
    [`cursor=${Buffer.from('2026-99-99T00:00:00.000000Z 1').toString('base64url')}`, 'cursor'],
    ['since=yesterday', 'since'],
    ['until=2026-01-01', 'until'],
    ['action=nothing', 'action'],
    ['outcome=maybe', 'outcome'],
    ['limit=-1', 'limit'],
    ['spaces=shop', 'spaces'],
  ])('pages of the query %s are refused with the name of the parameter', async (query, parameter) => {
    const response = await auditor.client.api(`/audit?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'request.invalid', details: { parameter } });
  });
});

describe('the export', () => {
  it('the export has every event as a line of JSON', { timeout: 120_000 }, async () => {
    const response = await auditor.client.api(
      '/audit?since=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z',
      {
        headers: { Accept: 'application/x-ndjson' },
      },
    );
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    if (!response.body) throw new Error('the export has no body');
    const ids = new Set<string>();
    for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
      const event: { id: string } = JSON.parse(line);
      ids.add(event.id);
    }
    expect(ids.size).toBe(many);
  });

  it('holds a few batches, however slowly its client reads', { timeout: 120_000 }, async () => {
    const { db, rows } = counted();
    const stream = exportAudit(db, async () => ({ until: '2026-01-03T00:00:00Z' }));
    let delivered = 0;
    let bytes = 0;
    for await (const text of stream) {
      expect(rows() - delivered).toBeLessThanOrEqual(3 * exportBatchSize);
      bytes = Math.max(bytes, Buffer.byteLength(text));
      delivered += text.split('\n').length - 1;
      // Time for the stream to read ahead, if it would.
      await new Promise(setImmediate);
    }
    expect(delivered).toBe(many);
    expect(bytes).toBeLessThan(1024 * exportBatchSize);
  });

  it('ends when the right is taken away', async () => {
    const { db } = counted();
    let mayRead = true;
    const stream = exportAudit(db, async () => {
      if (!mayRead) throw new Error('refused');
      return {};
    });
    const read = async () => {
      for await (const _ of stream) mayRead = false;
    };
    await expect(read()).rejects.toThrow('refused');
  });

  it('the export is refused like a page to who may not read it', async () => {
    const headers = { Accept: 'application/x-ndjson' };
    expect((await owner.client.api('/audit', { headers })).status).toBe(403);
    expect((await registry.anonymous.api('/audit', { headers })).status).toBe(401);
  });
});
