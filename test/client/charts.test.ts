import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../client/src/index.ts';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let client: Client;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  client = createClient({ url: `${registry.url}/` });
});
afterAll(() => registry.close());

/** Reads a whole list. */
async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}

const pack = (version: string, values: Record<string, number> = {}) =>
  packChart({ name: 'web', version, values, manifest: { description: 'A front end', keywords: ['http'] } });

describe('a client', () => {
  it('a client creates, reads, changes and deletes a space', async () => {
    const created = await client.spaces.create('made', { overwriting: 'immutable' });
    expect(created).toEqual({ name: 'made', link: '/api/v1/spaces/made' });
    const made = client.space('made');
    expect(await made.get()).toMatchObject({ name: 'made', overwriting: 'immutable', charts: 0 });
    expect(await made.change({ overwriting: 'mutable' })).toMatchObject({ overwriting: 'mutable' });
    expect(await all(client.spaces.names())).toContain('made');
    await made.delete();
    expect(await all(client.spaces.names())).not.toContain('made');
    await expect(made.get()).rejects.toMatchObject({ status: 404, code: 'space.notFound' });
  });

  it('a client uploads versions, lists, reads, replaces and deletes them', async () => {
    const space = client.space('team');
    // A version with metadata of the build has a sign that addresses encode.
    for (const version of ['1.0.0', '1.1.0+build.5', '2.0.0']) await space.upload(await pack(version));
    await expect(space.upload(await pack('1.0.0', { a: 9 }))).rejects.toMatchObject({
      code: 'version.exists',
    });
    const chart = space.chart('web');
    expect(await all(space.chartNames())).toEqual(['web']);
    expect(await all(chart.versionNames())).toEqual(['1.0.0', '1.1.0+build.5', '2.0.0']);
    expect((await all(chart.metadata())).map(({ version }) => version)).toHaveLength(3);
    expect(await chart.latestMetadata()).toMatchObject({ version: '2.0.0', keywords: ['http'] });
    expect((await all(space.latestMetadata())).map(({ name }) => name)).toEqual(['web']);
    expect(await all(space.metadata())).toHaveLength(3);

    const version = chart.version('1.1.0+build.5');
    expect(version.ref).toEqual({ space: 'team', chart: 'web', version: '1.1.0+build.5' });
    const archive = await pack('1.1.0+build.5', { a: 2 });
    expect(await version.replace(archive)).toMatchObject({ version: '1.1.0+build.5' });
    expect(await (await version.download()).bytes()).toEqual(new Uint8Array(archive));
    expect((await fetch(version.archiveUrl)).status).toBe(200);
    expect(await version.values()).toEqual({ a: 2 });
    expect(await version.rewriteValues({ a: 3 })).toEqual({ a: 3 });
    const metadata = await version.metadata();
    expect(await version.rewriteMetadata({ ...metadata, description: 'Other' })).toMatchObject({
      description: 'Other',
    });
    expect((await all(version.dependents())).length).toBe(0);

    const difference = await chart.version('1.0.0').compare('2.0.0', { only: 'metadata' });
    expect(difference.from.version).toBe('1.0.0');
    expect(difference.metadata?.items.map(({ pointer }) => pointer)).toEqual(['/version']);
    expect(difference.files).toBeUndefined();

    await version.delete();
    expect(await all(chart.versionNames())).toEqual(['1.0.0', '2.0.0']);
    await chart.delete();
    expect(await all(space.chartNames())).toEqual([]);
  });

  it('a client uploads and reads provenance, with a chart or alone', async () => {
    const archive = await pack('1.0.0');
    const signed = signInTheClear(
      `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`,
    );
    await client.space('signed').upload(archive, { provenance: signed });
    await client.space('later').upload(archive);
    const later = client.space('later').chart('web').version('1.0.0');
    await expect(later.provenance()).rejects.toMatchObject({ code: 'provenance.notFound' });
    await later.attachProvenance(String(signed));
    for (const space of ['signed', 'later'])
      expect(await client.space(space).chart('web').version('1.0.0').provenance()).toBe(String(signed));
  });

  it('a client lists and reads the files of a version, those of subcharts too', async () => {
    const chart = {
      name: 'web',
      version: '3.0.0',
      values: { a: 1 },
      files: { 'README.md': '# Web\n', 'templates/a b.yaml': 'kind: Service\n' },
      subcharts: [{ name: 'db', files: { 'README.md': '# Database\n' } }],
    };
    await client.space('files').upload(await packChart(chart));
    const version = client.space('files').chart('web').version('3.0.0');
    expect(await version.readme()).toBe('# Web\n');
    const templates = await all(version.files({ kind: 'template' }));
    expect(templates.map(({ path }) => path)).toEqual(['templates/a b.yaml']);
    expect(await version.fileText('templates/a b.yaml')).toBe('kind: Service\n');
    expect(await version.fileText('charts/db/README.md')).toBe('# Database\n');
    const file = await version.file('values.yaml');
    expect(file.type).toContain('text/plain');
    expect(await file.text()).toBe('a: 1\n');
    expect((await fetch(version.fileUrl('values.yaml'))).status).toBe(200);
    const { values, origins } = await version.valuesWithOrigins();
    expect(values).toMatchObject({ a: 1 });
    expect(origins).toMatchObject([{ pointer: '/a', chart: '', file: 'values.yaml', line: 1 }]);
    await client.space('files').upload(await packChart({ name: 'plain' }));
    expect(await client.space('files').chart('plain').version('1.0.0').readme()).toBeUndefined();
  });

  it('a client finds charts by words', async () => {
    await client.space('search').upload(await pack('1.0.0'));
    const found = client.search({ q: 'front', space: 'search', facets: true });
    const { total, facets } = await found.page({ limit: 5 });
    expect(total).toBe(1);
    expect(facets?.keyword).toEqual([{ value: 'http', count: 1 }]);
    expect(await all(found)).toMatchObject([{ space: 'search', chart: 'web', version: '1.0.0' }]);
  });

  it('a client refuses names that would lead its path elsewhere', async () => {
    for (const name of ['', '.', '..']) {
      expect(() => client.space(name)).toThrow(TypeError);
      expect(() => client.space('lib').chart(name)).toThrow(TypeError);
      expect(() => client.space('lib').chart('web').version(name)).toThrow(TypeError);
    }
    const version = client.space('lib').chart('web').version('1.0.0');
    expect(() => version.fileUrl('templates/../../x')).toThrow(TypeError);
    await expect(client.space('a/../b').get()).rejects.toMatchObject({ code: 'name.invalid' });
  });

  it('a client refuses an address that is none, or that has credentials, without showing it', () => {
    for (const url of ['', 'charts.example.com', 'ftp://charts.example.com'])
      expect(() => createClient({ url })).toThrow('url must be an address');
    const secret = 'http://user:hunter2@127.0.0.1';
    expect(() => createClient({ url: secret })).toThrow(/^(?!.*hunter2).*credentials/);
    const both = { url: registry.url, token: 'a', basic: { user: 'a', password: 'b' } };
    expect(() => createClient(both)).toThrow('either token or basic');
  });
});
