import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { errorOf, jobOf, planOf, valuesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', {
    name: 'web',
    version: '1.2.0',
    manifest: {
      description: 'a web',
      dependencies: [
        { name: 'labels', version: '1.0.0' },
        { name: 'db', version: '^2', alias: 'primary' },
      ],
    },
    values: { replicas: 1, primary: { user: 'web' } },
    files: { 'templates/a.yaml': '{{ include "labels.all" . }}' },
    subcharts: [
      {
        name: 'labels',
        manifest: { type: 'library' },
        files: { 'templates/_l.tpl': '{{ define "labels.all" }}{{ end }}' },
      },
      { name: 'db', version: '2.1.0', values: { user: 'root', port: 1 } },
    ],
  });
  await registry.upload('lib', {
    name: 'cache',
    values: { size: 1 },
    files: { 'values.schema.json': '{"properties":{"size":{"type":"integer"}}}' },
  });
});
afterAll(() => registry.close());

const source = (chart: string, version: string, more: object = {}) => ({
  package: { independent: true, space: 'lib', chart, version, ...more },
});
const recipe = (chart: string, configs: object, save: object = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs,
});
const dryRun = (body: unknown, space = 'lib', headers = {}) =>
  registry.api(`/spaces/${space}/charts?dryRun=true`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** Reads all rows that a recipe could change. */
async function contents() {
  const tables = ['spaces', 'charts', 'versions', 'jobs', 'job_sources', 'idempotency_keys', 'locks'];
  const rows = tables.map((table) => registry.db.query(`SELECT * FROM ${table} ORDER BY 1, 2`));
  return Promise.all(rows);
}

describe('a dry run', () => {
  it.each(['merge', 'replace', 'literal'])(
    'a dry run previews the chart that the recipe makes with values by %s',
    async (values) => {
      const configs = {
        ...source('web', '^1', { subcharts: 'keep' }),
        _config: { replicas: 3, primary: { port: null } },
        store: { ...source('cache', 'latest'), _config: { size: 9 } },
      };
      const body = recipe(`seen-${values}`, configs, { values, description: 'previewed' });
      const response = await dryRun(body);
      expect(response.status).toBe(200);
      const plan = await planOf(response);
      expect(plan.sources).toMatchObject([
        { pointer: '/configs/package', chart: 'web', requested: '^1', version: '1.2.0' },
        { pointer: '/configs/store/package', chart: 'cache', requested: 'latest', version: '1.0.0' },
      ]);
      expect((await registry.orchestrate('lib', body)).status).toBe(201);
      const path = `/spaces/lib/charts/seen-${values}/versions/1.0.0`;
      expect(plan.metadata).toEqual(await valuesOf(await registry.api(`${path}/manifests/metadata`)));
      expect(plan.values).toEqual(await valuesOf(await registry.api(`${path}/manifests/values`)));
      for (const found of plan.sources) {
        const archive = await registry.api(`/spaces/lib/charts/${found.chart}/versions/${found.version}`);
        expect(archive.headers.get('etag')).toBe(`"${found.digest}"`);
      }
    },
  );

  it('a dry run stores nothing, not even its idempotency key', async () => {
    const before = await contents();
    const response = await dryRun(recipe('unseen', source('web', 'latest')), 'lib', {
      'Idempotency-Key': 'dry',
    });
    expect(response.status).toBe(200);
    expect(await contents()).toEqual(before);
    expect(response.headers.get('location')).toBeNull();
    const other = await registry.orchestrate('lib', recipe('other', source('cache', '1.0.0')), {
      'Idempotency-Key': 'dry',
    });
    expect(other.status).toBe(202);
  });

  it('a dry run warns of a library that templates include and the recipe drops', async () => {
    const { warnings } = await planOf(await dryRun(recipe('x', source('web', '*'))));
    expect(warnings).toMatchObject([{ code: 'template.dropped', pointer: '/configs' }]);
  });

  it.each<[string, string, unknown]>([
    ['a space that is not there', 'none', recipe('x', source('web', '*'))],
    ['a source that is not there', 'lib', recipe('x', source('web', '^9'))],
    ['a missing key', 'lib', { save: { chart: 'x' } }],
    ['values that do not fit', 'lib', recipe('x', { ...source('cache', '*'), _config: { size: 'x' } })],
    [
      'names that clash',
      'lib',
      recipe('x', { ...source('web', '*', { subcharts: 'keep' }), db: source('cache', '*') }),
    ],
    ['a bad callback', 'lib', { ...recipe('x', source('web', '*')), callback: { url: 'ftp://x' } }],
  ])('a dry run is refused for %s as the recipe is', async (_, space, body) => {
    const [dry, real] = [await dryRun(body, space), await registry.orchestrate(space, body, {})];
    expect(dry.status).toBe(real.status);
    expect(dry.status).toBeGreaterThanOrEqual(400);
    expect(await errorOf(dry)).toEqual(await errorOf(real));
  });

  it('a dry run warns of keys that are ignored', async () => {
    const body = recipe('legacy', source('web', '1.2.0'), { space: 'other', desc: 'ours' });
    const answered = await dryRun(body);
    expect(answered.status).toBe(200);
    const ignored = (pointer: string) => expect.objectContaining({ code: 'key.ignored', pointer });
    expect(await answered.json()).toMatchObject({
      warnings: expect.arrayContaining([ignored('/save/space'), ignored('/save/desc')]),
    });
  });

  it('a dry run of an upload is refused', async () => {
    const form = new FormData();
    form.set('chartfile', new Blob([await packChart({ name: 'upload' })]));
    const response = await registry.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: form });
    expect(response.status).toBe(400);
    expect((await registry.api('/spaces/lib/charts/upload/versions')).status).toBe(404);
    const unclear = await registry.api('/spaces/lib/charts?dryRun=maybe', { method: 'POST', body: '{}' });
    expect(unclear.status).toBe(400);
    expect((await errorOf(unclear)).message).toBe('dryRun: expected true or false');
  });
});

describe('a dry run for a target that a job has reserved', () => {
  it('a dry run for a reserved target is refused with the job that makes it', async () => {
    const idle = await startRegistry({}, { worker: false });
    onTestFinished(() => idle.close());
    await idle.upload('lib', { name: 'web' });
    const body = JSON.stringify(recipe('taken', source('web', '*')));
    const { id } = await jobOf(await idle.orchestrate('lib', body, {}));
    const response = await idle.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body });
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toMatchObject({ code: 'version.composing', details: { job: id } });
  });
});
