import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullReadScope } from '../core/access/decide.ts';
import { defaultChartLimits } from '../core/archive/limits.ts';
import type { Chart } from '../core/chart/chart.ts';
import { readChart } from '../core/chart/read-chart.ts';
import { addMissingParts } from '../core/jobs/add-missing-parts.ts';
import { findSources } from '../core/jobs/resolve-sources.ts';
import { parseRecipe } from '../core/recipe/parse.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { JsonObject } from '../core/yaml/json.ts';
import { dependentsOf, errorOf, jobsOf, lineageOf, planOf } from './support/answers.ts';
import type { TestChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;

const declare = (name: string, dependencies: JsonObject[], rest: Partial<TestChart> = {}): TestChart => ({
  name,
  ...rest,
  manifest: { ...rest.manifest, dependencies },
});

beforeAll(async () => {
  registry = await startEmbedded();
  const charts: [string, TestChart][] = [
    ['lib', { name: 'util', version: '1.0.0' }],
    ['lib', { name: 'util', version: '1.2.0' }],
    ['lib', { name: 'util', version: '2.0.0-rc.1' }],
    ['more', { name: 'util', version: '3.0.0' }],
    ['more', { name: 'extra', version: '0.2.0' }],
    ['last', { name: 'extra', version: '0.9.0' }],
    ['lib', declare('db', [{ name: 'util', version: '^1' }], { version: '2.1.0' })],
    ['lib', declare('db', [], { version: '1.4.0', values: { user: 'old' } })],
    [
      'lib',
      declare('web', [
        { name: 'db', version: '^2', alias: 'main', condition: 'main.on', repository: 'https://charts.test' },
        { name: 'db', version: '1.x', alias: 'old', tags: ['back'], repository: 'oci://charts.test/all' },
        { name: 'util', repository: 'file://../util', 'import-values': ['data'] },
        { name: 'extra', version: '~0.2 || ~0.9', repository: '@stable' },
      ]),
    ],
  ];
  for (const [space, chart] of charts) expect((await registry.upload(space, chart)).status).toBe(201);
});
afterAll(() => registry.close());

let number = 0;
const source = (chart: string, rest: object = {}) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0', subcharts: 'resolve' },
  ...rest,
});
function recipe(configs: object, save: object = {}) {
  number += 1;
  return { save: { chart: 'shop', version: `1.0.${number}`, ...save }, configs };
}
const send = (body: object) => registry.orchestrate('lib', body);
async function fault(body: object) {
  const answers = [
    await send(body),
    await registry.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: JSON.stringify(body) }),
  ];
  const [error, dry] = await Promise.all(answers.map(errorOf));
  expect(dry).toEqual(error);
  return { status: answers[0]?.status, ...error };
}
async function compose(body: ReturnType<typeof recipe>) {
  const response = await send(body);
  expect(response.status, await response.clone().text()).toBe(201);
  const path = `/spaces/lib/charts/${body.save.chart}/versions/${body.save.version}`;
  return {
    lineage: await lineageOf(await registry.api(`${path}/lineage`)),
    chart: await readChart(Readable.from([await bytesOf(path)]), defaultChartLimits),
  };
}
/** Names and versions of the charts inside, nested. */
function outline({ subcharts }: Chart): unknown[] {
  return subcharts.map((inner) => {
    const below = outline(inner);
    const label = `${inner.name} ${inner.version}`;
    return below.length > 0 ? [label, below] : label;
  });
}
const bytesOf = async (path: string) => Buffer.from(await (await registry.api(path)).arrayBuffer());

describe('missing parts', () => {
  it('parts come from the own space, then from those of `save.from`, in the range, recursively', async () => {
    const { chart, lineage } = await compose(recipe(source('web'), { from: ['more', 'last'] }));
    expect(outline(chart)).toEqual(['db 1.4.0', ['db 2.1.0', ['util 1.2.0']], 'extra 0.2.0', 'util 1.2.0']);
    expect(lineage.warnings).toEqual([]);
    // Helm ignores an entry without a version, so it gets that of its part.
    expect(chart.dependencies).toEqual([
      {
        name: 'db',
        version: '^2',
        alias: 'main',
        condition: 'main.on',
        repository: 'file://charts/db-2.1.0',
      },
      { name: 'db', version: '1.x', alias: 'old', tags: ['back'] },
      { name: 'util', version: '1.2.0', 'import-values': ['data'] },
      { name: 'extra', version: '~0.2 || ~0.9' },
    ]);
    expect(
      lineage.sources.map(({ space, chart: name, version, requested }) => [space, name, version, requested]),
    ).toEqual([
      ['lib', 'web', '1.0.0', '1.0.0'],
      ['lib', 'db', '2.1.0', '^2'],
      ['lib', 'util', '1.2.0', '^1'],
      ['lib', 'db', '1.4.0', '1.x'],
      ['lib', 'util', '1.2.0', '*'],
      ['more', 'extra', '0.2.0', '~0.2 || ~0.9'],
    ]);
    expect(new Set(lineage.sources.map(({ pointer }) => pointer))).toEqual(new Set(['/configs/package']));
    const { chart: other } = await compose(recipe(source('web'), { from: ['last', 'more'] }));
    expect(outline(other)).toContain('extra 0.9.0');
  });

  it('a dry run, the job and the dependents of a part know the parts too', async () => {
    const body = recipe(source('web'), { from: ['more'] });
    const dryRun = await planOf(
      await registry.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: JSON.stringify(body) }),
    );
    const response = await send(body);
    const { items } = await jobsOf(await registry.api('/jobs?space=lib&chart=shop&limit=1'));
    expect(response.status).toBe(201);
    expect(items[0]?.sources).toEqual(dryRun.sources);
    expect(dryRun.sources).toHaveLength(6);
    const dependents = await dependentsOf(
      await registry.api('/spaces/more/charts/extra/versions/0.2.0/dependents'),
    );
    expect(dependents.items).toContainEqual(
      expect.objectContaining({ chart: 'shop', version: body.save.version }),
    );
  });

  it('names of the recipe win, with the entry, and what the archive has stays', async () => {
    await registry.upload(
      'lib',
      declare(
        'half',
        [
          { name: 'util', version: '>=0' },
          { name: 'db', version: '^1', condition: 'db.on' },
        ],
        {
          subcharts: [{ name: 'util', version: '0.1.0' }],
        },
      ),
    );
    const child = { package: { independent: true, space: 'more', chart: 'extra', version: '0.2.0' } };
    const { chart, lineage } = await compose(recipe(source('half', { db: child })));
    expect(outline(chart)).toEqual(['db 0.2.0', 'util 0.1.0']);
    expect(lineage.sources.map(({ chart: name }) => name)).toEqual(['half', 'extra']);
    const { chart: whole } = await compose(recipe(source('half')));
    expect(outline(whole)).toEqual(['db 1.4.0', 'util 0.1.0']);
  });

  it('a child of the recipe resolves its own parts', async () => {
    const db = {
      package: { independent: true, space: 'lib', chart: 'db', version: '^2', subcharts: 'resolve' },
    };
    const root = { package: { independent: true, space: 'more', chart: 'extra', version: '0.2.0' }, db };
    const { chart, lineage } = await compose(recipe(root));
    expect(outline(chart)).toEqual([['db 2.1.0', ['util 1.2.0']]]);
    expect(lineage.sources.at(-1)).toMatchObject({ pointer: '/configs/db/package', chart: 'util' });
  });

  it('values are validated against the schema of a part', async () => {
    const schema = JSON.stringify({ properties: { port: { type: 'integer' } } });
    await registry.upload('lib', { name: 'strict', files: { 'values.schema.json': schema } });
    await registry.upload('lib', declare('user', [{ name: 'strict', version: '1.0.0', alias: 'one' }]));
    const error = await fault(recipe(source('user', { _config: { one: { port: 'http' } } })));
    expect(error).toMatchObject({
      status: 400,
      code: 'values.invalid',
      details: { pointer: '/configs/_config/one/port' },
    });
  });
});

describe('parts that cannot be taken', () => {
  it('parts that cannot be taken are named all, with their ranges, the charts that declare them, and the spaces searched', async () => {
    await registry.upload('lib', declare('deep', [{ name: 'gone', version: '^7', alias: 'away' }]));
    await registry.upload(
      'lib',
      declare('lost', [
        { name: 'util', version: '^9' },
        { name: 'gone' },
        { name: 'odd', version: 'newest' },
      ]),
    );
    const error = await fault(recipe(source('lost'), { from: ['more'] }));
    expect(error).toMatchObject({
      status: 404,
      code: 'dependency.notFound',
      details: {
        pointer: '/configs/package',
        dependencies: [
          { chart: 'util', range: '^9', declaredBy: 'lib/lost/1.0.0', spaces: ['lib', 'more'] },
          { chart: 'gone', range: '', name: 'gone' },
          { chart: 'odd', range: 'newest' },
        ],
      },
    });
    expect(error.message).toContain('the newest there is lib/util/2.0.0-rc.1, more/util/3.0.0');
    expect(error.message).toContain('there is no chart gone in the spaces lib, more');
    expect(error.message).toContain(
      'newest, which neither its archive nor the recipe contains, and Helm does not read',
    );
    const child = { deep: { ...source('deep') } };
    const below = await fault(
      recipe({ ...source('util'), package: { ...source('util').package, version: '^1' }, ...child }),
    );
    expect(below).toMatchObject({
      code: 'dependency.notFound',
      details: {
        pointer: '/configs/deep/package',
        dependencies: [{ name: 'away', declaredBy: 'lib/deep/1.0.0' }],
      },
    });
  });

  it('parts that cannot be taken are those that need each other, with the chain', async () => {
    await registry.upload('lib', declare('ring-a', [{ name: 'ring-b', version: '*' }]));
    await registry.upload('lib', declare('ring-b', [{ name: 'ring-a', version: '^1' }]));
    const error = await fault(recipe(source('ring-a')));
    expect(error).toMatchObject({
      status: 400,
      code: 'dependency.cycle',
      details: {
        pointer: '/configs/package',
        chain: ['lib/ring-a/1.0.0', 'lib/ring-b/1.0.0', 'lib/ring-a/1.0.0'],
      },
    });
    expect(error.message).toContain('lib/ring-a/1.0.0 → lib/ring-b/1.0.0 → lib/ring-a/1.0.0');
  });

  it('parts that cannot be taken are more than a recipe may have, or deeper', async () => {
    const versions = Array.from({ length: 34 }, (_, index) => index);
    for (const index of versions) {
      const below = index < 33 ? [{ name: `level-${index + 1}`, version: '1.0.0' }] : [];
      await registry.upload('lib', declare(`level-${index}`, below));
    }
    expect(await fault(recipe(source('level-0')))).toMatchObject({ status: 400, code: 'request.tooDeep' });
    // Two versions of a chart at each level, so that their number doubles.
    for (let index = 0; index < 11; index += 1) {
      for (const version of ['1.0.0', '2.0.0']) {
        const entries = ['1.0.0', '2.0.0'].map((wanted) => ({
          name: `twice-${index + 1}`,
          version: wanted,
          alias: `v${wanted[0]}`,
        }));
        await registry.upload('lib', declare(`twice-${index}`, index < 10 ? entries : [], { version }));
      }
    }
    expect(await fault(recipe(source('twice-0')))).toMatchObject({
      status: 400,
      code: 'recipe.invalid',
      details: { pointer: '/configs/package' },
      message: expect.stringContaining('at most 1000 nodes and parts'),
    });
  });

  it('parts that cannot be taken are in a space of `save.from` that is not there', async () => {
    expect(await fault(recipe(source('web'), { from: ['more', 'mroe'] }))).toMatchObject({
      status: 404,
      code: 'source.notFound',
      details: { pointer: '/save/from/1', missing: 'space', nearest: ['more'] },
    });
  });
});

describe('mistakes in the recipe', () => {
  it.each([
    ['/save/from', 'a list', recipe(source('web'), { from: 'more' })],
    ['/save/from/0', 'the name of a space', recipe(source('web'), { from: ['a b'] })],
    ['/save/from/1', 'listed twice', recipe(source('web'), { from: ['more', 'more'] })],
    [
      '/save/from',
      'has no effect',
      recipe({ package: { ...source('web').package, subcharts: 'keep' } }, { from: ['more'] }),
    ],
    [
      '/configs/db/package/subcharts',
      'inside the archive',
      recipe(source('web', { db: { package: { ...source('db').package, independent: false } } })),
    ],
    [
      '/configs/package/subcharts',
      'must be "keep", "resolve" or "drop"',
      recipe({ package: { ...source('web').package, subcharts: 'all' } }),
    ],
  ])('a recipe with missing parts is refused: %s: %s', async (pointer, message, body) => {
    expect(await fault(body)).toMatchObject({
      status: 400,
      code: 'recipe.invalid',
      message: expect.stringContaining(message),
      details: { pointer },
    });
  });
});

describe('a source that declares very much', () => {
  const versions = Array.from({ length: 40 }, (_, at) => `1.0.${at}`);
  const packed = Object.fromEntries(
    versions.map((version, at) => [
      `charts/a-${at}/Chart.yaml`,
      `apiVersion: v2\nname: a\nversion: ${version}\n`,
    ]),
  );
  const own = versions.map((version, at) => ({ name: 'a', version, alias: `a${at}` }));
  const never = (number: number) =>
    Array.from({ length: number }, (_, at) => ({
      name: 'a',
      version: `${'>9 '.repeat(160)}>${at}`,
      alias: `n${at}`,
    }));

  it('ranges that meet too many packed versions are refused, and kept they cost no more than a warning', async () => {
    await registry.upload('lib', declare('ranges', [...never(200), ...own], { files: packed }));
    expect(await fault(recipe(source('ranges')))).toMatchObject({
      status: 400,
      code: 'recipe.invalid',
      message: expect.stringMatching(/lib\/ranges\/1\.0\.0 declares too many ranges.*"subcharts": "keep"/),
      details: { pointer: '/configs/package' },
    });
    const kept = source('ranges').package;
    const { lineage } = await compose(recipe({ package: { ...kept, subcharts: 'keep' } }));
    expect(lineage.warnings.filter(({ code }) => code === 'dependency.missing')).toEqual([]);
  });

  it('few ranges and many packed versions are compared', async () => {
    await registry.upload('lib', declare('few', [...never(2), ...own], { files: packed }));
    expect(await fault(recipe(source('few')))).toMatchObject({ code: 'dependency.notFound' });
  });

  it('more entries than a recipe may have parts are refused, whatever the archive has', async () => {
    const entries = Array.from({ length: 1001 }, (_, at) => ({ name: 'b', version: '9.x', alias: `b${at}` }));
    await registry.upload('lib', declare('entries', entries, { subcharts: [{ name: 'b' }] }));
    expect(await fault(recipe(source('entries')))).toMatchObject({
      status: 400,
      code: 'recipe.invalid',
      message: expect.stringContaining('too many missing parts'),
    });
  });
});

describe('without `resolve`', () => {
  it.each(['keep', 'drop'])('a missing part is a warning by %s, in nested charts too', async (subcharts) => {
    const inner = declare('inner', [{ name: 'util', version: '^1' }]);
    const twice = [
      { name: 'inner', version: '1.0.0', alias: 'one' },
      { name: 'inner', version: '2.0.0', alias: 'two' },
    ];
    await registry.upload('lib', declare(`nest-${subcharts}`, twice, { subcharts: [inner] }));
    const node = source(`nest-${subcharts}`);
    const { lineage } = await compose(recipe({ package: { ...node.package, subcharts } }));
    const missing = lineage.warnings.filter(({ code }) => code === 'dependency.missing');
    expect(missing.map(({ message }) => message)).toEqual([
      expect.stringMatching(/nest-\w+ 1\.0\.0 declares inner 2\.0\.0 as two.*"subcharts": "resolve"/),
      ...(subcharts === 'keep' ? [expect.stringContaining('inner 1.0.0 declares util ^1')] : []),
    ]);
  });
});

describe('look-ups', () => {
  it('a level of parts costs two queries, however many they are', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `part-${index}`);
    for (const name of names) {
      await registry.upload('lib', declare(name, [{ name: 'util', version: '^1' }]));
    }
    await registry.upload(
      'lib',
      declare(
        'wide',
        names.map((name) => ({ name, version: '*' })),
      ),
    );
    const { db } = registry;
    let queries = 0;
    const counting: Pick<typeof db, 'query'> = {
      query: <T extends object>(sql: Parameters<typeof db.query>[0], params?: readonly unknown[]) => {
        queries += 1;
        return db.query<T>(sql, params);
      },
    };
    const rights = {
      author: undefined,
      spaceIds: new Map<string, number>(),
      mayReplace: true,
      scope: fullReadScope,
      isReadable: () => true,
      mayRead: async () => true,
      checkCopy: async () => undefined,
    };
    const parsed = parseRecipe(recipe(source('wide')), { space: 'lib', values: 'merge' });
    const plan = planRecipe(parsed, 'lib', await findSources(db, parsed, rights));
    const whole = await addMissingParts(counting, parsed, plan, rights);
    expect(whole.root.parts).toHaveLength(40);
    expect(whole.root.parts?.[7]?.parts).toHaveLength(1);
    // The root is described; then each of two levels is picked and described.
    expect(queries).toBe(5);
  });
});
