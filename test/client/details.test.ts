import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const icon = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>';
let registry: TestRegistry;
let client: Client;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  client = createClient({ url: registry.url });
  const publish = async (space: string, name: string, version: string, manifest = {}) =>
    client.space(space).upload(
      await packChart({
        name,
        version,
        manifest: { description: `About ${name}`, ...manifest },
        files: { 'README.md': `# ${name}\n`, 'templates/service.yaml': 'kind: Service\n', 'icon.svg': icon },
      }),
    );
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1']) await publish('shop', 'web', version);
  await publish('shop', 'old', '1.0.0', { deprecated: true, keywords: ['http'], icon: 'file://icon.svg' });
  await publish('store', 'other', '1.0.0');
});
afterAll(() => registry.close());

describe('details', () => {
  it('details of spaces are listed with their counts, found by a part of the name and sorted', async () => {
    const sorted = await client.spaces.list({ sort: 'charts', order: 'desc' }).page();
    expect(sorted.items.map(({ name }) => name)).toEqual(['shop', 'store']);
    expect(sorted.items[0]).toMatchObject({ overwriting: 'mutable', charts: 2, versions: 4 });
    expect(sorted.items[0]?.bytes).toBeGreaterThan(0);
    const found = await client.spaces.list({ q: 'sto' }).page({ limit: 5 });
    expect(found).toMatchObject({ total: 1, items: [{ name: 'store' }] });
  });

  it('details of charts are listed with their latest versions, and narrowed by fields', async () => {
    const shop = client.space('shop');
    const names: string[] = [];
    for await (const { name, latest } of shop.charts()) names.push(`${name} ${latest.description}`);
    expect(names).toEqual(['old About old', 'web About web']);
    const narrowed = await shop.charts({ deprecated: true, keyword: 'http', since: '2020-01-01' }).page();
    expect(narrowed.items).toMatchObject([
      { name: 'old', versions: 1, latest: { deprecated: true, icon: true } },
    ]);
    expect((await shop.charts({ deprecated: false, signed: false }).page()).items).toMatchObject([
      { name: 'web' },
    ]);
  });

  it('details of versions are listed, the highest first, and narrowed by a range', async () => {
    const web = client.space('shop').chart('web');
    const versions = async (...filter: Parameters<typeof web.versions>) =>
      (await web.versions(...filter).page()).items.map(({ version }) => version);
    expect(await versions()).toEqual(['2.0.0-rc.1', '1.1.0', '1.0.0']);
    expect(await versions({ preRelease: false, order: 'asc' })).toEqual(['1.0.0', '1.1.0']);
    expect(await versions({ range: '~1.0' })).toEqual(['1.0.0']);
  });

  it('details of a version name its files, and its icon is an image', async () => {
    const old = client.space('shop').chart('old').version('1.0.0');
    const { size } = await old.download();
    expect(await old.details()).toMatchObject({
      version: '1.0.0',
      size,
      deprecated: true,
      dependencies: [],
      maintainers: [],
      files: { readme: 'README.md' },
      counts: { templates: 1, subcharts: 0 },
    });
    const answered = await fetch(old.iconUrl);
    expect(answered.headers.get('content-type')).toBe('image/svg+xml');
    expect(await answered.text()).toBe(icon);
  });
});
