import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { spread } from '../../bench/support.ts';
import { namesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { openRepository, tagsOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no request fails with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 }, { workers: 3 });
  expect((await registry.upload('sources', { name: 'base' })).status).toBe(201);
  expect((await registry.api('/spaces?space=shop', { method: 'POST' })).status).toBe(201);
});
afterAll(() => registry.close());

const charts = 8;
const versions = 40;
const clients = 16;

const entriesShape = z.record(
  z.string(),
  z.array(z.looseObject({ version: z.string(), digest: z.string() })),
);
const indexShape = z.looseObject({ entries: entriesShape });

/** Interfaces that publish a version into the space; each call returns the status. */
const doors: ((chart: string, version: string) => Promise<number>)[] = [
  async (name, version) => (await registry.upload('shop', { name, version })).status,
  async (name, version) => {
    const body = new Uint8Array(await packChart({ name, version }));
    return (await registry.request('/api/shop/charts', { method: 'POST', body })).status;
  },
  async (name, version) => {
    const pushed = await openRepository(registry, `shop/${name}`).pushChart(
      await packChart({ name, version }),
      version,
    );
    return pushed.response.status;
  },
  async (chart, version) => {
    const source = { independent: true, space: 'sources', chart: 'base', version: '1.0.0' };
    const recipe = { save: { chart, version }, configs: { package: source } };
    return (await registry.orchestrate('shop', recipe)).status;
  },
];

describe('many clients that publish through every interface at once', () => {
  it('many clients that publish through every interface find each version once in every list', {
    timeout: 120_000,
  }, async () => {
    const wanted = Array.from({ length: charts }, (_, chart) =>
      Array.from({ length: versions }, (_, version) => ({
        chart: `web-${chart}`,
        version: `1.0.${version}`,
      })),
    ).flat();
    const statuses = new Map<number, number>();
    await spread(wanted.length, clients, async (index) => {
      const { chart = '', version = '' } = wanted[index] ?? {};
      const status = (await doors[index % doors.length]?.(chart, version)) ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    expect([...statuses]).toEqual([[201, wanted.length]]);
    const expected = wanted.map(({ chart, version }) => `${chart} ${version}`).sort();
    const namesIn = (entries: z.infer<typeof entriesShape>) =>
      Object.entries(entries)
        .flatMap(([name, list]) => list.map(({ version }) => `${name} ${version}`))
        .sort();
    // Two requests, so that both API processes of the stack answer.
    for (const round of [1, 2]) {
      const index = indexShape.parse(await (await registry.request(`/shop/index.yaml?${round}`)).json());
      expect(namesIn(index.entries)).toEqual(expected);
      const museum = entriesShape.parse(await (await registry.request('/api/shop/charts')).json());
      expect(namesIn(museum)).toEqual(expected);
    }
    for (const chart of Array.from({ length: charts }, (_, n) => `web-${n}`)) {
      const listed = await namesOf(await registry.api(`/spaces/shop/charts/${chart}/versions?limit=1000`));
      const tags = await tagsOf(await registry.request(`/v2/shop/${chart}/tags/list`));
      expect([listed.items.length, new Set(listed.items).size, tags.length, new Set(tags).size]).toEqual(
        Array(4).fill(versions),
      );
    }
  });
});
