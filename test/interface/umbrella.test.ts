import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dependentsOf,
  errorOf,
  jobOf,
  lineageOf,
  linkOf,
  metadataOf,
  namesOf,
  planOf,
  valuesOf,
} from '../support/answers.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('lib', 'public');
  await registry.addSpace('secret', 'private');
  await registry.addSpace('shops', 'public');
  const { upload } = registry.admin;
  await upload('lib', { name: 'web', version: '1.2.0', values: { replicas: 1 } });
  await upload('lib', { name: 'log', version: '0.1.0', manifest: { type: 'library' } });
  await upload('shops', { name: 'web', version: '3.0.0' });
  await upload('secret', { name: 'vault', version: '1.0.0' });
});
afterAll(() => registry.close());

const node = (chart: string, version = '*', space = 'lib') => ({
  package: { independent: true, ...(space ? { space } : {}), chart, version },
});
const recipe = (chart: string, configs: object, save: object = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs,
});
const dryRun = (body: object) =>
  registry.admin.api('/spaces/shops/charts?dryRun=true', { method: 'POST', body: JSON.stringify(body) });
const of = (chart: string) => `/spaces/shops/charts/${chart}/versions/1.0.0`;

describe('a recipe without a source for its root', () => {
  it.each([
    ['left out', {}],
    ['null', { package: null }],
  ])(
    'composes an umbrella where `package` is %s, with metadata, lineage, index and OCI',
    async (name, root) => {
      const chart = name.replace(' ', '-');
      const configs = {
        ...root,
        _config: { global: { tier: 1 } },
        front: { ...node('web'), _config: { replicas: 2 } },
      };
      const save = {
        description: 'All of it',
        appVersion: '1.10',
        keywords: ['shop', 'all'],
        icon: 'https://example.com/icon.svg',
        annotations: { team: 'green' },
        type: 'application',
      };
      const response = await registry.admin.orchestrate('shops', recipe(chart, configs, save));
      expect(response.status).toBe(201);
      const { link } = await linkOf(response);
      expect(link).toBe(`/api/v1${of(chart)}`);
      const metadata = await metadataOf(await registry.api(`${of(chart)}/manifests/metadata`));
      expect(metadata).toMatchObject({ apiVersion: 'v2', name: chart, version: '1.0.0', ...save });
      expect(metadata.dependencies).toMatchObject([{ name: 'front', version: '1.2.0' }]);
      expect(await valuesOf(await registry.api(`${of(chart)}/manifests/values`))).toMatchObject({
        global: { tier: 1 },
        front: { replicas: 2 },
      });
      const lineage = await lineageOf(await registry.api(`${of(chart)}/lineage`));
      expect(lineage.plan.root).toMatchObject({ source: { kind: 'umbrella' } });
      expect(lineage.sources).toMatchObject([
        { pointer: '/configs/front/package', chart: 'web', version: '1.2.0' },
      ]);
      const dependents = await dependentsOf(
        await registry.api('/spaces/lib/charts/web/versions/1.2.0/dependents'),
      );
      expect(dependents.items).toContainEqual(expect.objectContaining({ space: 'shops', chart }));
      expect(await (await registry.request('/shops/index.yaml')).text()).toContain(
        `charts/${chart}-1.0.0.tgz`,
      );
      const manifest = await registry.admin.request(`/v2/shops/${chart}/manifests/1.0.0`);
      expect(manifest.status).toBe(200);
    },
  );

  it('a recipe without a source for its root is planned and previewed by a dry run as it is composed', async () => {
    const body = recipe('previewed', { a: node('web'), b: node('web', '3', '') }, { appVersion: '2' });
    const plan = await planOf(await dryRun(body));
    expect(plan.sources).toMatchObject([
      { pointer: '/configs/a/package', space: 'lib', version: '1.2.0' },
      { pointer: '/configs/b/package', space: 'shops', requested: '3', version: '3.0.0' },
    ]);
    expect(plan.warnings).toEqual([]);
    expect((await registry.admin.orchestrate('shops', body)).status).toBe(201);
    const metadata = await metadataOf(await registry.api(`${of('previewed')}/manifests/metadata`));
    expect(metadata).toEqual(plan.metadata);
    expect(await valuesOf(await registry.api(`${of('previewed')}/manifests/values`))).toEqual(plan.values);
  });

  it('makes the same archive again, and one job for one key', async () => {
    const body = (version: string) => recipe('again', { a: node('web') }, { version });
    const key = { 'Idempotency-Key': 'umbrella', Prefer: 'wait=30' };
    const first = await registry.admin.orchestrate('shops', body('1.0.0'), key);
    const second = await registry.admin.orchestrate('shops', body('1.0.0'), key);
    expect([first.status, second.status]).toEqual([201, 201]);
    const digest = async () => (await registry.api(of('again'))).headers.get('etag');
    const before = await digest();
    await registry.admin.api(of('again'), { method: 'DELETE' });
    expect((await registry.admin.orchestrate('shops', body('1.0.0'))).status).toBe(201);
    expect(await digest()).toBe(before);
  });

  it('a recipe without a source for its root is itself a source of others, whole and taken apart', async () => {
    const inner = recipe('inner', { front: node('web') });
    expect((await registry.admin.orchestrate('shops', inner)).status).toBe(201);
    const front = { package: { independent: false, chart: 'web', version: '1.2.0' } };
    const outer = recipe('outer', {
      first: { package: { independent: true, chart: 'inner', version: '1', subcharts: 'keep' } },
      second: node('web'),
    });
    expect((await registry.admin.orchestrate('shops', outer)).status).toBe(201);
    const apart = recipe('apart', {
      ...node('inner', '1.0.0', ''),
      f: { package: { ...front.package, chart: 'front' } },
    });
    const plan = await planOf(await dryRun(apart));
    expect(plan.metadata.dependencies).toMatchObject([{ name: 'f', version: '1.2.0' }]);
  });

  it('a recipe without a source for its root may be a library, of which a warning tells in the dry run and in the job', async () => {
    const body = recipe('toolbox', { log: node('log') }, { type: 'library' });
    const warning = { code: 'chart.library', pointer: '/save/type' };
    expect((await planOf(await dryRun(body))).warnings).toMatchObject([warning]);
    const accepted = await registry.admin.orchestrate('shops', body, {});
    const job = await jobOf(accepted);
    expect(job.warnings).toMatchObject([warning]);
    // The verdict that was kept for the library is not used for the application.
    expect((await planOf(await dryRun(recipe('toolbox2', { log: node('log') })))).warnings).toEqual([]);
  });

  it('needs the right to read each child, and tells nothing of those that may not be read', async () => {
    const ana = await registry.addUser('ana');
    await registry.setRole(ana, 'shops', 'publisher');
    const { client } = await registry.addToken(ana);
    const refused = await client.orchestrate('shops', recipe('hers', { v: node('vault', '*', 'secret') }));
    expect(await errorOf(refused)).toMatchObject({
      code: 'source.notFound',
      details: { pointer: '/configs/v/package' },
    });
    expect((await client.orchestrate('shops', recipe('hers', { w: node('web') }))).status).toBe(201);
    expect((await namesOf(await client.api('/spaces/shops/charts'))).items).toContain('hers');
  });
});

describe('the metadata of a recipe', () => {
  it('takes the place of that of the source, in whatever case the source has it', async () => {
    await registry.admin.upload('lib', {
      name: 'cased',
      manifest: {
        appversion: '9',
        Icon: 'https://old.example',
        keywords: ['old'],
        annotations: { old: 'x' },
      },
    });
    const save = { appVersion: '10', icon: 'https://new.example', keywords: [], annotations: { new: 'y' } };
    const body = recipe('cased', node('cased'), save);
    const { metadata } = await planOf(await dryRun(body));
    expect((await registry.admin.orchestrate('shops', body)).status).toBe(201);
    for (const found of [
      metadata,
      await metadataOf(await registry.api(`${of('cased')}/manifests/metadata`)),
    ]) {
      expect(found).toMatchObject({
        appVersion: '10',
        icon: 'https://new.example',
        annotations: { new: 'y' },
      });
      expect(found).not.toHaveProperty('annotations.old');
    }
  });

  it.each([
    [{ type: 'service' }, {}, '/save/type'],
    [{ type: 'library' }, node('web'), '/save/type'],
    [{ appVersion: 2 }, {}, '/save/appVersion'],
    [{ keywords: 'shop' }, {}, '/save/keywords'],
    [{ keywords: ['a', null] }, {}, '/save/keywords/1'],
    [{ icon: {} }, {}, '/save/icon'],
    [{ annotations: { 'a/b': true } }, {}, '/save/annotations/a~1b'],
    [{ home: 'https://example.com' }, {}, '/save/home'],
  ])('the metadata of a recipe is refused as Helm would refuse it: %j', async (save, root, pointer) => {
    const response = await dryRun(recipe('bad', { ...root, a: node('web') }, save));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'recipe.invalid', details: { pointer } });
  });

  it.each([
    ['has no children', {}, '/configs/package', 'add children'],
    ['has a child without a source', { a: {} }, '/configs/a/package', 'missing'],
    ['has a child with null for a source', { a: { package: null } }, '/configs/a/package', 'not null'],
    [
      'has a child out of its archive',
      { a: { package: { independent: false, chart: 'web', version: '1' } } },
      '/configs/a/package/independent',
      'no archive',
    ],
  ])('an umbrella is refused that %s', async (_, configs, pointer, part) => {
    const { message, details } = await errorOf(await dryRun(recipe('bad', configs)));
    expect(details).toEqual({ pointer });
    expect(message).toContain(part);
  });
});
