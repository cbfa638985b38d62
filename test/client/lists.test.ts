import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/src/index.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const charts = 2_500;
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
  await registry.db.query(
    `WITH added AS (
       INSERT INTO charts (space_id, name, version_count)
       SELECT space_id, 'copy-' || lpad(n::text, 4, '0'), 1 FROM charts, generate_series(1, $1::int) n
       RETURNING id, name
     )
     INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT added.id, version, sort_key, digest, size, metadata || jsonb_build_object('name', added.name),
            replace(entry, '"web"', '"' || added.name || '"')
       FROM versions, added`,
    [charts - 1],
  );
  await registry.db.query('UPDATE spaces SET revision = revision + 1, chart_count = $1, version_count = $1', [
    charts,
  ]);
});
afterAll(() => registry.close());

async function startBehindProxy() {
  const proxy = await startFaultyProxy(registry.url);
  return { proxy, lib: createClient({ url: proxy.url }).space('lib') };
}

describe('a list', () => {
  it(`a list is iterated over ${charts} charts, each once and in order, by a few requests`, async () => {
    const { proxy, lib } = await startBehindProxy();
    const names: string[] = [];
    for await (const name of lib.chartNames()) names.push(name);
    expect(names).toHaveLength(charts);
    expect(names).toEqual([...new Set(names)].sort());
    expect(proxy.requests.length).toBeLessThan(20);
  });

  it('a list that is left early asks for no further page', async () => {
    const { proxy, lib } = await startBehindProxy();
    const list = lib.metadata();
    expect(proxy.requests).toEqual([]);
    for await (const { name } of list) if (name === 'copy-0003') break;
    expect(proxy.requests).toHaveLength(1);
  });

  it('a list gives a page with the length of the whole and the start of the next', async () => {
    const { lib } = await startBehindProxy();
    const list = lib.chartNames();
    const page = await list.page({ start: 10, limit: 5 });
    expect(page).toEqual({
      items: ['copy-0011', 'copy-0012', 'copy-0013', 'copy-0014', 'copy-0015'],
      total: charts,
      next: 15,
    });
    const last = await list.page({ start: charts - 1, limit: 5 });
    expect(last).toEqual({ items: ['web'], total: charts });
    expect((await list.page()).items).toHaveLength(10);
  });

  it('a list survives a page that fails once', async () => {
    const { proxy, lib } = await startBehindProxy();
    proxy.plan(undefined, { kind: 'reset' });
    let seen = 0;
    for await (const _ of lib.latestMetadata()) seen += 1;
    expect(seen).toBe(charts);
  });
});
