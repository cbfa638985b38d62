import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { searchPage } from '../api/search-schemas.ts';
import { digestOf } from '../core/blobs/content.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { errorOf } from './support/answers.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { chartForm, type TestClient } from './support/client.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { hasPublicCharts, readPublicArchives } from './support/helm/public-charts.ts';
import { digest, imageType, openRepository } from './support/oci.ts';

let registry: GuardedRegistry;
let ana: TestClient;
let anaId: string;

const chart = (name: string, manifest: TestChart['manifest'] = {}, version = '1.0.0'): TestChart => ({
  name,
  version,
  manifest,
});
const stored: [string, TestChart][] = [
  [
    'data',
    chart('postgresql', { keywords: ['Database', 'sql'], appVersion: '17.1', icon: 'https://x.test/i' }),
  ],
  ['data', chart('redis', { keywords: ['cache', 'database'], description: 'Keeps what is hot' })],
  ['data', chart('db-common', { type: 'library', keywords: ['database'] })],
  ['edge', chart('nginx', { keywords: ['web', 'proxy'] })],
  ['edge', chart('keycloak', { keywords: ['login'], description: 'Mistyped as ngnix by somebody' })],
  ['edge', chart('old-proxy', { deprecated: true, keywords: ['proxy'] })],
  ['closed', chart('zanzibar', { keywords: ['quagga', 'proxy'] })],
  ['closed', chart('redis-operator', { keywords: ['cache', 'quagga'] })],
];

beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('data', 'public');
  await registry.addSpace('edge', 'public');
  await registry.addSpace('closed', 'private');
  for (const [space, given] of stored) expect((await registry.admin.upload(space, given)).status).toBe(201);
  anaId = await registry.addUser('ana');
  await registry.setRole(anaId, 'closed', 'reader');
  ana = (await registry.addToken(anaId)).client;
});
afterAll(() => registry.close());

const strictPage = z.strictObject(searchPage.shape);
/** Searches as somebody; as anybody by default. */
async function search(query: Record<string, string>, client: TestClient = registry.anonymous) {
  const response = await client.api(`/search?${new URLSearchParams({ limit: '100', ...query })}`);
  expect(response.status).toBe(200);
  return strictPage.parse(await response.json());
}
const namesFor = async (query: Record<string, string>, client?: TestClient) =>
  (await search(query, client)).items.map((item) => item.chart);
const facetsFor = async (query: Record<string, string>, client?: TestClient) => {
  const { facets } = await search({ ...query, facets: 'true' }, client);
  return Object.fromEntries(
    Object.entries(facets ?? {}).map(([name, values]) => [
      name,
      values.map(({ value, count }) => `${value} ${count}`),
    ]),
  );
};

describe('a search without a text', () => {
  it('finds all charts that the reader may read, by name', async () => {
    const all = await search({});
    expect(all.items.map((item) => item.chart)).toEqual([
      'db-common',
      'keycloak',
      'nginx',
      'old-proxy',
      'postgresql',
      'redis',
    ]);
    expect(all.metadata).toEqual({ total: 6, itemsLength: 6 });
    expect(all.corrected).toBeUndefined();
    expect(all.facets).toBeUndefined();
    expect((await search({ q: '' })).metadata.total).toBe(6);
    expect((await search({}, ana)).metadata.total).toBe(8);
    expect((await search({}, registry.admin)).metadata.total).toBe(8);
  });

  it('a search without a text has a chart with its latest version and when it was stored', async () => {
    const [item] = (await search({ q: 'postgresql' })).items;
    expect(item).toEqual({
      space: 'data',
      chart: 'postgresql',
      version: '1.0.0',
      link: '/api/v1/spaces/data/charts/postgresql/versions/1.0.0',
      match: 'name',
      createdAt: item?.updatedAt,
      updatedAt: expect.any(String),
      versions: 1,
      description: null,
      appVersion: '17.1',
      type: 'application',
      keywords: ['Database', 'sql'],
      deprecated: false,
      signed: false,
      composed: false,
      icon: true,
    });
    expect((await search({ space: 'edge' })).items[0]).not.toHaveProperty('match');
  });

  it('a search without a text is paged, and links to the next page with all that it was asked for', async () => {
    const response = await registry.anonymous.api('/search?limit=2&sort=name&order=desc&keyword=database');
    expect(response.headers.get('link')).toBe(
      '</api/v1/search?limit=2&sort=name&order=desc&keyword=database&start=2>; rel="next"',
    );
    expect(
      await namesFor({ limit: '2', start: '2', sort: 'name', order: 'desc', keyword: 'database' }),
    ).toEqual(['db-common']);
    expect(await search({ start: '50' })).toEqual({ metadata: { total: 6, itemsLength: 0 }, items: [] });
  });
});

describe('filters and facets', () => {
  it.each<[Record<string, string>, string[]]>([
    [{ keyword: 'database' }, ['db-common', 'postgresql', 'redis']],
    [{ keyword: 'DATABASE' }, ['db-common', 'postgresql', 'redis']],
    [{ keyword: 'data' }, []],
    [{ type: 'library' }, ['db-common']],
    [{ type: 'Application', keyword: 'database' }, ['postgresql', 'redis']],
    [{ deprecated: 'true' }, ['old-proxy']],
    [{ deprecated: 'false', keyword: 'proxy' }, ['nginx']],
    [{ space: 'edge', keyword: 'proxy' }, ['nginx', 'old-proxy']],
    [{ q: 'redis', keyword: 'cache' }, ['redis']],
    [{ q: 'redis', keyword: 'proxy' }, []],
    [{ signed: 'true' }, []],
    [{ keyword: "'\\" }, []],
    [{ keyword: "x' | '/deprecated:true" }, []],
    [{ keyword: '%' }, []],
    [{ type: '_' }, []],
    [{ since: '2999-01-01T00:00:00Z' }, []],
    [{ since: '2001-01-01T00:00:00+02:00', type: 'library' }, ['db-common']],
  ])('the search %j finds %j, with facets and without', async (query, names) => {
    expect(await namesFor(query)).toEqual(names);
    const page = await search({ ...query, facets: 'true' });
    expect(page.items.map((item) => item.chart)).toEqual(names);
    expect(page.metadata.total).toBe(names.length);
  });

  it('facets count the values of all found charts, the most frequent first', async () => {
    expect(await facetsFor({ limit: '1' })).toEqual({
      space: ['data 3', 'edge 3'],
      keyword: ['database 3', 'proxy 2', 'cache 1', 'login 1', 'sql 1', 'web 1'],
      type: ['application 5', 'library 1'],
      deprecated: ['false 5', 'true 1'],
      signed: ['false 6'],
    });
  });

  it('a facet counts within the other chosen fields, and not its own', async () => {
    expect(await facetsFor({ keyword: 'database', type: 'application' })).toEqual({
      space: ['data 2'],
      keyword: ['database 2', 'proxy 2', 'cache 1', 'login 1', 'sql 1', 'web 1'],
      type: ['application 2', 'library 1'],
      deprecated: ['false 2'],
      signed: ['false 2'],
    });
    const inEdge = await facetsFor({ space: 'edge', deprecated: 'true' });
    expect(inEdge).toMatchObject({ space: ['edge 1'], deprecated: ['false 2', 'true 1'] });
    expect(await facetsFor({ q: '***' })).toEqual({
      space: [],
      keyword: [],
      type: [],
      deprecated: [],
      signed: [],
    });
  });

  it('facets count only what the reader may read', async () => {
    expect((await facetsFor({ keyword: 'proxy' })).space).toEqual(['edge 2']);
    expect((await facetsFor({ keyword: 'proxy' }, ana)).space).toEqual(['edge 2', 'closed 1']);
    expect((await facetsFor({ space: 'edge' })).space).toEqual(['data 3', 'edge 3']);
    expect((await facetsFor({ space: 'edge' }, ana)).space).toEqual(['data 3', 'edge 3', 'closed 2']);
    const narrowed = await registry.addToken(anaId, { spaces: ['data'] });
    expect((await facetsFor({}, narrowed.client)).keyword).not.toContain('quagga 2');
    expect((await facetsFor({}, ana)).keyword).toContain('quagga 2');
  });

  it('a facet has the 50 most frequent values', async () => {
    const words = Array.from({ length: 60 }, (_, index) => `word-${String(index).padStart(2, '0')}`);
    await registry.addSpace('wordy', 'public');
    await registry.admin.upload('wordy', chart('first', { keywords: words.slice(0, 40) }));
    await registry.admin.upload('wordy', chart('second', { keywords: words.slice(20, 60) }));
    const { keyword } = await facetsFor({ q: 'word' });
    expect(keyword).toHaveLength(50);
    expect(keyword?.slice(0, 21)).toEqual([...words.slice(20, 40).map((word) => `${word} 2`), 'word-00 1']);
    await registry.admin.api('/spaces/wordy', { method: 'DELETE' });
  });
});

describe('typing errors', () => {
  it.each([
    ['postgrse', 'postgres', ['postgresql']],
    ['redsi', 'redis', ['redis']],
    ['keyclaok', 'keyclo', ['keycloak']],
    ['Keyclok', 'keyclo', ['keycloak']],
    ['databse', 'database', ['db-common', 'postgresql', 'redis']],
    ['databse redis', 'database redis', ['redis']],
    ['old-porxy', 'old-proxy', ['old-proxy']],
  ])('the search for %s is corrected to %s', async (q, corrected, names) => {
    const page = await search({ q });
    expect(page.items.map((item) => item.chart)).toEqual(names);
    expect(page.corrected?.startsWith(corrected)).toBe(true);
    expect(page.metadata.total).toBe(names.length);
  });

  it('charts that match as it was typed come before those that match a correction', async () => {
    const page = await search({ q: 'ngnix' });
    expect(page.items.map((item) => [item.chart, item.match])).toEqual([
      ['keycloak', 'description'],
      ['nginx', 'name'],
    ]);
    expect(page.corrected).toBe('nginx');
    expect(await namesFor({ q: 'ngnix', start: '1' })).toEqual(['nginx']);
    expect((await facetsFor({ q: 'ngnix' })).keyword).toEqual(['login 1', 'proxy 1', 'web 1']);
  });

  it.each([['redis'], ['cache'], ['red'], ['rde'], ['keyc'], ['nothing-like-it'], ['1234'], ['hot']])(
    'the search for %s is not corrected',
    async (q) => expect((await search({ q })).corrected).toBeUndefined(),
  );

  it('a filter that leaves nothing is no typing error', async () => {
    expect(await search({ q: 'redis', type: 'library' })).toEqual({
      metadata: { total: 0, itemsLength: 0 },
      items: [],
    });
  });

  it('words of charts that may not be read are neither known nor suggested', async () => {
    for (const q of ['zanzibra', 'zanziba', 'quaggo', 'qugga']) {
      const page = await search({ q });
      expect(page).toEqual({ metadata: { total: 0, itemsLength: 0 }, items: [] });
    }
    expect((await search({ q: 'zanzibra' }, ana)).corrected).toBe('zanzibar');
    expect((await search({ q: 'zanzibra', space: 'edge' }, ana)).corrected).toBeUndefined();
    expect((await search({ q: 'zanzibra', space: 'closed' }, ana)).corrected).toBe('zanzibar');
    // A word that only a private chart has is corrected for those who cannot read it.
    await registry.admin.upload('closed', chart('rediz'));
    expect((await search({ q: 'rediz' })).corrected).toBe('redis');
    expect((await search({ q: 'rediz' }, ana)).corrected).toBeUndefined();
  });
});

describe('after writes', () => {
  const space = 'written';
  const web = `/spaces/${space}/charts/web`;
  const described = async (query: Record<string, string> = {}) => {
    const { items } = await search({ space, ...query }, registry.admin);
    return items.map(({ chart, version, versions, type }) => [chart, version, versions, type].join(' '));
  };

  it('filters, facets and typing errors follow replacements and deletions', async () => {
    const put = async (version: string, manifest: TestChart['manifest']) => {
      const archive = await packChart(chart('web', manifest, version));
      const body = chartForm(archive);
      const { status } = await registry.admin.api(`${web}/versions/${version}`, { method: 'PUT', body });
      expect(status).toBe(200);
    };
    await registry.admin.upload(space, chart('web', { keywords: ['falcon'] }));
    await registry.admin.upload(space, chart('web', { keywords: ['ostrich'], type: 'library' }, '2.0.0'));
    expect(await described({ type: 'library', keyword: 'ostrich' })).toEqual(['web 2.0.0 2 library']);
    expect(await described({ keyword: 'falcon' })).toEqual([]);
    await put('2.0.0', { keywords: ['penguin'], deprecated: true });
    expect(await described({ deprecated: 'true' })).toEqual(['web 2.0.0 2 application']);
    expect((await search({ q: 'ostrihc' }, registry.admin)).corrected).toBeUndefined();
    expect((await search({ q: 'penguni' }, registry.admin)).corrected).toBe('penguin');
    await registry.admin.api(`${web}/versions/2.0.0`, { method: 'DELETE' });
    expect(await described()).toEqual(['web 1.0.0 1 application']);
    expect((await search({ q: 'flacon' }, registry.admin)).corrected).toBe('falcon');
    await registry.admin.api(web, { method: 'DELETE' });
    expect(await described()).toEqual([]);
    expect((await search({ q: 'flacon' }, registry.admin)).corrected).toBeUndefined();
  });

  it('charts are in the order of their last change, whichever version it was of', async () => {
    for (const name of ['one', 'two', 'three']) await registry.admin.upload(space, chart(name, {}, '5.0.0'));
    await registry.admin.upload(space, chart('one', {}, '1.0.0'));
    const newest = { space, sort: 'updated' };
    expect(await namesFor(newest, registry.admin)).toEqual(['one', 'three', 'two']);
    expect(await namesFor({ ...newest, order: 'asc' }, registry.admin)).toEqual(['two', 'three', 'one']);
    const [one, three] = (await search(newest, registry.admin)).items;
    expect(one?.version).toBe('5.0.0');
    expect(new Date(one?.createdAt ?? 0) < new Date(three?.createdAt ?? 0)).toBe(true);
    const since = three?.updatedAt ?? '';
    expect(await namesFor({ space, since }, registry.admin)).toContain('one');
    expect(await namesFor({ space, since }, registry.admin)).not.toContain('two');
    await registry.admin.api(`/spaces/${space}/charts/one/versions/1.0.0`, { method: 'DELETE' });
    expect(await namesFor(newest, registry.admin)).toEqual(['three', 'two', 'one']);
  });

  it('a chart is signed by a provenance file, or by a signature beside its manifest', async () => {
    const archive = await packChart(chart('sealed'));
    await registry.admin.upload(space, archive);
    const signed = () => namesFor({ space, signed: 'true' }, registry.admin);
    expect(await signed()).toEqual([]);
    const provenance = signInTheClear(
      `name: sealed\nversion: 1.0.0\n\n...\nfiles:\n  sealed-1.0.0.tgz: ${digestOf(archive)}\n`,
    );
    const path = `/spaces/${space}/charts/sealed/versions/1.0.0/provenance`;
    const body = new Uint8Array(provenance);
    expect((await registry.admin.api(path, { method: 'PUT', body })).status).toBe(204);
    expect(await signed()).toEqual(['sealed']);
    expect((await facetsFor({ space }, registry.admin)).signed).toContain('true 1');

    const repository = openRepository(registry.admin, `${space}/two`);
    const manifest = Buffer.from(await (await repository.call('manifests/5.0.0')).arrayBuffer());
    await repository.pushBlob('{}');
    const blob = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digest('{}'), size: 2 };
    const signature = JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      config: blob,
      layers: [blob],
      subject: { mediaType: imageType, digest: digest(manifest), size: manifest.length },
    });
    expect((await repository.put(digest(signature), signature)).status).toBe(201);
    expect(await signed()).toEqual(['sealed', 'two']);
    const items = (await search({ space }, registry.admin)).items;
    expect(items.find((item) => item.chart === 'two')?.signed).toBe(true);
    await repository.call(`manifests/${digest(signature)}`, { method: 'DELETE' });
    expect(await signed()).toEqual(['sealed']);
  });

  it('a chart says whether its latest version is composed', async () => {
    const made = await registry.admin.orchestrate(space, {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { package: { independent: true, space: 'edge', chart: 'nginx', version: '1.0.0' } },
    });
    expect(made.status).toBe(201);
    const [shop] = (await search({ q: 'shop' }, registry.admin)).items;
    expect(shop).toMatchObject({ chart: 'shop', composed: true, versions: 1 });
  });
});

describe('hostile searches', () => {
  const maximum = 250;
  it.each([
    ['%'],
    ['_'],
    ['%_%'],
    ['re%is'],
    ['\0'],
    ['redis\0'],
    ["' OR 1=1 --"],
    ["'redis':*"],
    ['\\\\\\'],
    ['!redis & (nginx | *)'],
    ['\u202eresid'],
    ['ريديس'],
    ['רדיס'],
    ['\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}'],
    ['\ud800\ud800\ud800\ud800'],
    ['e\u0301'.repeat(maximum / 2)],
    ['a'.repeat(maximum)],
    ['abcde '.repeat(maximum / 6)],
    [`${'a'.repeat(maximum - 1)}!`],
    ['-'.repeat(maximum)],
    ['x-'.repeat(maximum / 2)],
  ])('the search for %j is answered, with facets too', async (q) => {
    const { metadata } = await search({ q, facets: 'true' });
    expect(metadata.total).toBeLessThanOrEqual(6);
  });

  it.each([
    ['q', 'a'.repeat(10 * 1024)],
    ['keyword', 'a'.repeat(10 * 1024)],
    ['keyword', 'a\0b'],
    ['type', '\0'],
    ['type', 'a'.repeat(251)],
    ['since', 'yesterday'],
    ['since', '2026-13-01T00:00:00Z'],
    ['since', '2026-01-01'],
    ['deprecated', '1'],
    ['signed', 'TRUE'],
    ['facets', 'yes'],
    ['sort', 'random'],
    ['order', 'up'],
    ['match', 'name'],
  ])('a search with a wrong %s is refused', async (name, value) => {
    const response = await registry.anonymous.api(`/search?${new URLSearchParams({ [name]: value })}`);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'request.invalid', details: { parameter: name } });
    expect(error.message.length).toBeLessThan(500);
  });

  it('keywords of any kind do no harm', async () => {
    const keywords = [
      "it's",
      'back\\slash',
      '\u202eabc',
      '\u{1f600}',
      'K'.repeat(5000),
      ' spaced ',
      '',
      'a:b|c&d',
    ];
    await registry.addSpace('odd', 'public');
    expect((await registry.admin.upload('odd', chart('odd', { keywords }))).status).toBe(201);
    for (const keyword of ["it's", 'back\\slash', '\u{1f600}', 'spaced', 'a:b|c&d'])
      expect(await namesFor({ keyword })).toEqual(['odd']);
    expect((await facetsFor({ keyword: "it's" })).space).toEqual(['odd 1']);
    expect(await namesFor({ keyword: 'K'.repeat(200) })).toEqual([]);
    const many = Array.from({ length: 20_000 }, (_, index) => `many${index}`);
    expect((await registry.admin.upload('odd', chart('crowd', { keywords: many }))).status).toBe(201);
    expect((await search({ space: 'odd', facets: 'true' })).facets?.keyword.length).toBeLessThanOrEqual(50);
    await registry.admin.api('/spaces/odd', { method: 'DELETE' });
  });
});

describe.skipIf(!hasPublicCharts)(
  'public charts (left out where the folder ../shared/charts is absent)',
  () => {
    beforeAll(async () => {
      await registry.addSpace('catalog', 'public');
      for (const archive of await readPublicArchives()) await registry.admin.upload('catalog', archive);
    });

    it.each([
      ['postgrse', 'postgresql'],
      ['ngnix', 'nginx'],
      ['keyclaok', 'keycloak'],
      ['redsi', 'redis'],
      ['zookeper', 'zookeeper'],
      ['rabitmq', 'rabbitmq'],
      ['wordpres', 'wordpress'],
      ['memcache', 'memcached'],
      ['mangodb', 'mongodb'],
    ])('the search for %s finds %s first', async (q, name) => {
      expect((await namesFor({ q, space: 'catalog' }))[0]).toBe(name);
    });

    it('facets count the keywords and types of public charts', async () => {
      const page = await search({ space: 'catalog', facets: 'true' });
      expect(page.items.length).toBe((await readPublicArchives()).length);
      expect(page.facets?.type).toContainEqual({ value: 'library', count: 1 });
      const [first] = page.facets?.keyword ?? [];
      expect(page.facets?.keyword.length).toBe(50);
      const named = await search({ space: 'catalog', keyword: first?.value ?? '' });
      expect(named.metadata.total).toBe(first?.count);
    });
  },
);
