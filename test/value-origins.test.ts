import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { valueOrigins } from '../api/file-schemas.ts';
import { findValueAt } from '../core/chart/enabled-charts.ts';
import { isObject, type Json, type JsonObject } from '../core/yaml/json.ts';
import { splitPointer } from '../core/yaml/json-pointer.ts';
import { parseYamlMap } from '../core/yaml/yaml.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { makeRandomCase } from './support/helm/random-charts.ts';
import { createRandom } from './support/random.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

const folder = (chart: string) => `/spaces/lib/charts/${chart}/versions/1.0.0`;
const json = z.record(z.string(), z.json());

async function publish(chart: TestChart): Promise<void> {
  const upload = await registry.upload('lib', chart);
  expect([upload.status, await upload.text()]).toEqual([201, expect.any(String)]);
}

async function readOrigins(chart: string) {
  const response = await registry.api(`${folder(chart)}/manifests/values?origin=true`);
  expect(response.status).toBe(200);
  const body = valueOrigins.parse(await response.json());
  return { ...body, values: json.parse(body.values) };
}

/** Reads who set each value, as `chart:line at` by pointer. */
async function whoSets(chart: string): Promise<Record<string, string>> {
  const { origins } = await readOrigins(chart);
  return Object.fromEntries(
    origins.map(({ pointer, file, at, line }) => [
      pointer,
      `${file}:${line}${at === pointer ? '' : ` ${at}`}`,
    ]),
  );
}

/** Lists the pointers of all scalars and lists. */
function leavesOf(map: JsonObject, above = ''): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const pointer = `${above}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (isObject(value)) return leavesOf(value, pointer);
    return value === null ? [] : [pointer];
  });
}

const valueAt = (values: Json, pointer: string) => findValueAt(values, splitPointer(pointer) ?? []);

describe('origins of values', () => {
  it('name the chart, file and line of each key, comments counted', async () => {
    const database = {
      name: 'db',
      files: {
        'values.yaml':
          '# Port of the database.\nport: 5432\nauth:\n  user: app   # kept\n  password: x\nresources: {}\nglobal:\n  zone: own\n  only: db\n',
      },
    };
    await publish({
      name: 'web',
      manifest: { dependencies: [{ name: 'db', version: '1.0.0', alias: 'primary' }] },
      files: {
        'values.yaml':
          "replicas: 1\n\nprimary:\n  auth:\n    # More than the chart's own.\n    user: web\nhosts:\n  - a\n  - b\nempty: {}\n'a/b~c': 1\nglobal:\n  zone: north\n",
        'charts/db-1.0.0.tgz': await packChart(database),
      },
    });
    expect(await whoSets('web')).toEqual({
      '/replicas': 'values.yaml:1',
      '/primary/auth/user': 'values.yaml:6',
      '/primary/auth/password': 'charts/db/values.yaml:5 /auth/password',
      '/primary/port': 'charts/db/values.yaml:2 /port',
      '/primary/resources': 'charts/db/values.yaml:6 /resources',
      '/primary/global/zone': 'values.yaml:13 /global/zone',
      '/primary/global/only': 'charts/db/values.yaml:9 /global/only',
      '/hosts': 'values.yaml:7',
      '/empty': 'values.yaml:10',
      '/a~1b~0c': 'values.yaml:11',
      '/global/zone': 'values.yaml:13',
    });
  });

  it('follow imports, conditions, aliases and nulls', async () => {
    const sub = {
      name: 'sub',
      files: { 'values.yaml': 'exports:\n  data:\n    level: info\nsvc:\n  port: 80\n  kind: X\n' },
    };
    await publish({
      name: 'above',
      manifest: {
        dependencies: [
          { name: 'sub', version: '1.0.0', 'import-values': ['data', { child: 'svc', parent: 'mine' }] },
          { name: 'extra', version: '1.0.0', condition: 'extra.enabled' },
          { name: 'tagged', version: '1.0.0', tags: ['wide'] },
        ],
      },
      files: {
        'values.yaml':
          'mine:\n  port: 8080\nsub:\n  svc:\n    kind: null\nextra:\n  enabled: false\ntags:\n  wide: false\n',
      },
      subcharts: [sub, { name: 'extra', values: { secret: 1 } }, { name: 'tagged', values: { hidden: 1 } }],
    });
    const origins = await whoSets('above');
    expect(origins).toEqual({
      '/mine/port': 'values.yaml:2',
      '/level': 'charts/sub/values.yaml:3 /exports/data/level',
      '/extra/enabled': 'values.yaml:7',
      '/tags/wide': 'values.yaml:9',
      // Helm imports before it removes what a null removes, and the null is lost by that.
      '/sub/svc/kind': 'charts/sub/values.yaml:6 /svc/kind',
      '/sub/svc/port': 'charts/sub/values.yaml:5 /svc/port',
      '/sub/exports/data/level': 'charts/sub/values.yaml:3 /exports/data/level',
    });
  });

  it('tell the line that repeats a value behind an anchor, and of later documents', async () => {
    await publish({
      name: 'anchors',
      files: {
        'values.yaml':
          'base: &base\n  a: 1\n  b: 2\ncopy: *base\nmerged:\n  b: 3\n  <<: *base\nflow: {x: 1, z: [1, 2]}\nlater: 1\n---\nlater: 2\nmore: 3\n',
      },
    });
    expect(await whoSets('anchors')).toEqual({
      '/base/a': 'values.yaml:2',
      '/base/b': 'values.yaml:3',
      '/copy/a': 'values.yaml:4',
      '/copy/b': 'values.yaml:4',
      '/merged/a': 'values.yaml:7',
      '/merged/b': 'values.yaml:7',
      '/flow/x': 'values.yaml:8',
      '/flow/z': 'values.yaml:8',
      '/later': 'values.yaml:11',
      '/more': 'values.yaml:12',
    });
  });

  it('origins of values are validated by the archive, and wanted with a word that is understood', async () => {
    const path = `${folder('anchors')}/manifests/values`;
    const etag = (await registry.api(`${path}?origin=true`)).headers.get('etag') ?? '';
    const again = await registry.api(`${path}?origin=true`, { headers: { 'If-None-Match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(await (await registry.api(`${path}?origin=false`)).json()).toEqual(
      await (await registry.api(path)).json(),
    );
    expect((await registry.api(`${path}?origin=yes`)).status).toBe(400);
  });

  it('origins of values with odd keys are whole', async () => {
    await publish({
      name: 'odd',
      values: { __proto__x: 1, constructor: { prototype: 2 }, '': { '': 3 }, 'a\u0000b': 4 },
    });
    const { values, origins } = await readOrigins('odd');
    expect(origins.map(({ pointer }) => valueAt(values, pointer))).toEqual([1, 2, 3, 4]);
  });
});

/** Gives each scalar that is not a boolean a value of its own, so that a wrong origin shows another one. */
function makeUnique(chart: TestChart, name: string): TestChart {
  let count = 0;
  const unique = (inner: TestChart): TestChart => ({
    ...inner,
    files: Object.fromEntries(
      Object.entries(inner.files ?? {}).map(([path, content]) => [
        path,
        path === 'values.yaml'
          ? String(content).replaceAll(/"q"|(?<=[:[,])(?:1|2\.5)(?=[,\]}])/g, () => {
              count += 1;
              return `"u${count}"`;
            })
          : content,
      ]),
    ),
    subcharts: (inner.subcharts ?? []).map(unique),
  });
  return { ...unique(chart), name };
}

const isEmptied = (value: Json | undefined): boolean =>
  isObject(value) && Object.values(value).every((inner) => inner === null || isEmptied(inner));

it('the value at the place of each origin is the shown one, of charts made at random', async () => {
  const random = createRandom(20_261_129);
  let seen = 0;
  const charts = new Set<string>();
  for (let number = 0; number < 60; number += 1) {
    const name = `random${number}`;
    const chart = makeUnique(makeRandomCase(random.branch(name)).chart, name);
    const upload = await registry.upload('lib', chart);
    // Charts that no Helm loads are refused.
    if (upload.status === 400) continue;
    expect(upload.status).toBe(201);
    const { values, origins, truncated } = await readOrigins(name);
    expect(truncated).toBe(false);
    expect(values).toEqual(await (await registry.api(`${folder(name)}/manifests/values`)).json());
    const found = new Set(origins.map(({ pointer }) => pointer));
    expect([name, leavesOf(values).filter((pointer) => !found.has(pointer))]).toEqual([name, []]);
    const files = new Map<string, Json>();
    for (const { pointer, chart: owner, file, at } of origins) {
      expect(file).toBe(owner === '' ? 'values.yaml' : `${owner}/values.yaml`);
      const text = files.has(file) ? '' : await (await registry.api(`${folder(name)}/files/${file}`)).text();
      if (!files.has(file)) files.set(file, parseYamlMap(text, { file, code: 'values.invalid' }));
      const set = valueAt(files.get(file) ?? null, at);
      const shown = valueAt(values, pointer);
      if (isObject(shown)) expect([name, pointer, isEmptied(set)]).toEqual([name, pointer, true]);
      else expect([name, pointer, set]).toEqual([name, pointer, shown]);
      seen += 1;
      charts.add(owner);
    }
  }
  expect(seen).toBeGreaterThan(300);
  expect([...charts].sort()).toEqual(
    expect.arrayContaining(['', 'charts/mid', 'charts/mid/charts/leaf', 'charts/sub']),
  );
});
