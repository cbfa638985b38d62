import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependentsOf, errorOf, jobOf, jobsOf, lineageOf, planOf, valuesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3 });
  await registry.upload('lib', { name: 'web', version: '1.0.0', values: { a: 1 } });
});
afterAll(async () => {
  const [row] = await registry.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await registry.close();
  expect(row?.deadlocks).toBe(0);
});

/** Configuration that a thread reads, so that a worker composes it. */
const heavy = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`key-${index}`, index]));
const recipe = (chart: string, config: object, { save = {}, source = 'web' } = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs: {
    package: { independent: true, space: 'lib', chart: source, version: '1.0.0' },
    _config: config,
  },
});
const over = { save: { replace: true } };
const of = (chart: string, space = 'lib') => `/spaces/${space}/charts/${chart}/versions/1.0.0`;
const compose = (...args: Parameters<typeof recipe>) => registry.orchestrate('lib', recipe(...args));
const dryRun = (body: object, space = 'lib') =>
  registry.api(`/spaces/${space}/charts?dryRun=true`, { method: 'POST', body: JSON.stringify(body) });
const valuesAt = async (chart: string) => valuesOf(await registry.api(`${of(chart)}/manifests/values`));
const digestAt = async (chart: string) =>
  (await registry.api(of(chart))).headers.get('etag')?.replaceAll('"', '');

describe('a recipe that replaces', () => {
  it.each([
    ['here', {}],
    ['by a worker', heavy],
  ])('takes the place of an uploaded version, at every door, composed %s', async (road, config) => {
    const chart = `uploaded-${road.replaceAll(' ', '-')}`;
    await registry.upload('lib', { name: chart, values: { before: true } });
    const before = await digestAt(chart);
    const index = async () => (await registry.request('/lib/index.yaml')).text();
    const manifest = async () =>
      (await openRepository(registry, `lib/${chart}`).call('manifests/1.0.0')).text();
    const [indexBefore, manifestBefore] = [await index(), await manifest()];
    const response = await compose(chart, { ...config, a: 2 }, over);
    expect(response.status, await response.clone().text()).toBe(201);
    expect(await valuesAt(chart)).toEqual({ ...config, a: 2 });
    const after = await digestAt(chart);
    expect(after).not.toBe(before);
    for (const [text, textBefore] of [
      [await index(), indexBefore],
      [await manifest(), manifestBefore],
    ]) {
      expect(textBefore).toContain(before?.slice(7));
      expect(text).not.toContain(before?.slice(7));
      expect(text).toContain(after?.slice(7));
    }
    const [job] = (await jobsOf(await registry.api(`/jobs?space=lib&chart=${chart}`))).items;
    expect(job).toMatchObject({ state: 'succeeded', replaces: before });
    expect(await lineageOf(await registry.api(`${of(chart)}/lineage`))).toMatchObject({
      digest: after,
      job: job?.id,
      modified: false,
    });
    const [space] = await registry.db.query<{ versions: number; stored: number }>(
      `SELECT version_count AS versions, (SELECT count(*) FROM versions v JOIN charts c ON c.id = v.chart_id
         WHERE c.space_id = s.id) AS stored FROM spaces s WHERE name = 'lib'`,
    );
    expect(space?.versions).toBe(space?.stored);
  });

  it('takes the lineage with it, and may have the version itself as its source', async () => {
    await compose('self', { a: 2 });
    const before = await digestAt('self');
    const body = recipe('self', { b: 1 }, { ...over, source: 'self' });
    expect((await registry.orchestrate('lib', body)).status).toBe(201);
    expect(await valuesAt('self')).toEqual({ a: 2, b: 1 });
    const { sources } = await lineageOf(await registry.api(`${of('self')}/lineage`));
    expect(sources).toMatchObject([{ chart: 'self', digest: before }]);
    const dependents = async (chart: string) =>
      (await dependentsOf(await registry.api(`${of(chart)}/dependents?limit=100`))).items;
    expect((await dependents('web')).map(({ chart }) => chart)).not.toContain('self');
    expect(await dependents('self')).toMatchObject([{ chart: 'self', sourceDigest: before }]);
    // Sent again, the recipe means the new bytes, and leaves them as they are.
    expect((await registry.orchestrate('lib', body)).status).toBe(201);
    expect(await valuesAt('self')).toEqual({ a: 2, b: 1 });
  });

  it('simply makes a version that does not exist, also in an immutable space', async () => {
    await registry.api('/spaces?space=fixed&overwriting=immutable', { method: 'POST' });
    expect((await registry.orchestrate('fixed', recipe('new', {}, over))).status).toBe(201);
    const [job] = (await jobsOf(await registry.api('/jobs?space=fixed'))).items;
    expect(job?.replaces).toBeUndefined();
    const again = await registry.orchestrate('fixed', recipe('new', { a: 9 }, over));
    expect(again.status).toBe(409);
    expect(await errorOf(again)).toMatchObject({ code: 'version.immutable' });
    const dry = await planOf(await dryRun(recipe('new', { a: 9 }, over), 'fixed'));
    expect(dry.warnings).toMatchObject([{ code: 'version.exists', pointer: '/save/version' }]);
    expect(dry.warnings[0]?.message).toMatch(/will be refused.*immutable/);
  });

  it('changes nothing but the lineage where the bytes are the same', async () => {
    await compose('same', { a: 2 });
    const state = () =>
      registry.db.query(
        `SELECT s.revision, v.updated_at, v.digest FROM versions v JOIN charts c ON c.id = v.chart_id
           JOIN spaces s ON s.id = c.space_id WHERE c.name = 'same'`,
      );
    const before = await state();
    const ranged = recipe('same', { a: 2 }, over);
    ranged.configs.package.version = '^1';
    expect((await registry.orchestrate('lib', ranged)).status).toBe(201);
    expect(await state()).toEqual(before);
    const { sources } = await lineageOf(await registry.api(`${of('same')}/lineage`));
    expect(sources).toMatchObject([{ requested: '^1', version: '1.0.0' }]);
  });

  it('drops the provenance file of the archive before', async () => {
    const repository = openRepository(registry, 'lib/signed');
    await compose('signed', { a: 2 });
    const digest = await digestAt('signed');
    const provenance = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: signed\nversion: 1.0.0\n\n...\nfiles:\n  signed-1.0.0.tgz: ${digest}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`;
    const put = await registry.api(`${of('signed')}/provenance`, { method: 'PUT', body: provenance });
    expect(put.ok, await put.text()).toBe(true);
    expect((await compose('signed', { a: 3 }, over)).status).toBe(201);
    expect((await registry.api(`${of('signed')}/provenance`)).status).toBe(404);
    expect(await (await repository.call('manifests/1.0.0')).text()).not.toContain('provenance');
  });

  it.each([
    ['/save/replace', { save: { replace: 'yes' } }],
    ['/save/replaces', { save: { replaces: true } }],
  ])('a recipe that replaces is refused: %s', async (pointer, more) => {
    const response = await compose('refused', {}, more);
    expect(await errorOf(response)).toMatchObject({ code: 'recipe.invalid', details: { pointer } });
  });
});

describe('a recipe for a version that exists', () => {
  beforeAll(() => compose('there', { a: 2 }));

  it('a recipe for a version that exists is refused with the key that would let it, and its dry run says what would change', async () => {
    const response = await compose('there', { a: 3 });
    expect(response.status).toBe(409);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'version.exists', details: { pointer: '/save/version' } });
    expect(error.message).toContain('"replace": true');
    const dry = await planOf(await dryRun(recipe('there', { a: 3 })));
    expect(dry).toMatchObject({ replaces: { digest: await digestAt('there') }, values: { a: 3 } });
    expect(dry.warnings).toMatchObject([{ code: 'version.exists', pointer: '/save/version' }]);
    expect(dry.warnings[0]?.message).toContain('"replace": true');
  });

  it('a recipe for a version that exists is dry-run without a warning where it replaces', async () => {
    const dry = await planOf(await dryRun(recipe('there', { a: 3 }, over)));
    expect(dry).toMatchObject({ replaces: { digest: await digestAt('there') }, warnings: [] });
    expect(dry.comparison?.values?.items).toEqual([{ pointer: '/a', change: 'changed', from: 2, to: 3 }]);
    expect(await valuesAt('there')).toEqual({ a: 2 });
  });

  it('a recipe for a version that exists is composed again over itself where the changes say so', async () => {
    const again = (changes: object) =>
      registry.api(`${of('there')}/recompose`, {
        method: 'POST',
        headers: { Prefer: 'wait=30' },
        body: JSON.stringify({ version: '1.0.0', changes }),
      });
    const configs = { _config: { b: 1 } };
    expect((await again({ configs })).status).toBe(409);
    expect((await again({ ...over, configs })).status).toBe(201);
    expect(await valuesAt('there')).toEqual({ a: 2, b: 1 });
    // The permission was for that once.
    expect((await again({ configs: { _config: { b: 2 } } })).status).toBe(409);
  });
});

describe('writers of one version at once', () => {
  const upload = async (chart: string, values: object) =>
    registry.api(of(chart), {
      method: 'PUT',
      body: chartForm(await packChart({ name: chart, values: Object(values) })),
    });

  it.each([
    ['here', {}],
    ['by a worker', heavy],
  ])('recipes composed %s, uploads and deletions leave one of their results, whole', async (road, config) => {
    const chart = `raced-${road.replaceAll(' ', '-')}`;
    await registry.upload('lib', { name: chart, values: { from: 'start' } });
    const writes = Array.from({ length: 12 }, (_, number): Promise<Response> => {
      if (number % 4 === 1) return upload(chart, { from: number });
      if (number % 4 === 3) return registry.api(of(chart), { method: 'DELETE' });
      const body = recipe(chart, { ...config, from: number }, over);
      return registry.orchestrate('lib', body, number % 3 === 0 ? {} : { Prefer: 'wait=30' });
    });
    for (const answer of await Promise.all(writes)) {
      // A deleted version cannot be replaced by an upload or deleted again; a reserved one is left alone.
      expect([200, 201, 202, 204, 404, 409, 423], await answer.clone().text()).toContain(answer.status);
    }
    const { items } = await jobsOf(await registry.api(`/jobs?limit=100&space=lib&chart=${chart}`));
    for (const { id } of items) await (await registry.api(`/jobs/${id}/events`)).text();
    const ended = await Promise.all(items.map(async ({ id }) => jobOf(await registry.api(`/jobs/${id}`))));
    expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    const archive = await registry.api(of(chart));
    const rows = await registry.db.query<{ digest: string; lineage: string | null; revisions: number }>(
      `SELECT v.digest, l.digest AS lineage FROM versions v JOIN charts c ON c.id = v.chart_id
         LEFT JOIN lineage l ON l.version_id = v.id WHERE c.name = $1`,
      [chart],
    );
    expect(rows).toHaveLength(archive.status === 200 ? 1 : 0);
    if (rows[0]) expect([null, rows[0].digest]).toContain(rows[0].lineage);
    expect(await registry.db.query("SELECT FROM locks WHERE resource LIKE 'lib/raced%'")).toEqual([]);
  });
});
