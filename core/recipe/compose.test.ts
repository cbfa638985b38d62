import { describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../archive/limits.ts';
import { isObject, type Json } from '../yaml/json.ts';
import { parseYamlDataAndStrings } from '../yaml/yaml.ts';
import { digestOf, makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composeFiles, composePlan } from './compose.ts';
import type { Plan } from './plan.ts';

/** Composes a plan and returns the files as text. */
function compose(root: NodeSpec, rest: Partial<Plan> = {}): Record<string, string> {
  const { plan, sources } = makePlan(root, rest);
  const { folder, files } = composeFiles(plan, sources, defaultChartLimits);
  expect(folder).toBe('shop');
  return Object.fromEntries(files.map(([path, bytes]) => [path, bytes.toString('utf8')]));
}

function yaml(text: string | undefined): Json {
  return parseYamlDataAndStrings(text ?? '', { file: 'test', code: 'chart.invalid' }).data;
}

function dependenciesIn(text: string | undefined): Json | undefined {
  const data = yaml(text);
  return isObject(data) ? data.dependencies : undefined;
}

const web = makeChart({
  name: 'web',
  values: '# how many\nreplicas: 1\n\n# where\nhost: example.com # by default\n',
  dependencies: [
    { name: 'db', version: '1.x.x', repository: 'https://example.com', condition: 'db.enabled' },
  ],
  files: {
    'templates/a.yaml': 'a',
    'README.md': 'web',
    'crds/b.yaml': 'b',
    'Chart.lock': 'x',
    '.helmignore': '*',
  },
});
const db = makeChart({
  name: 'mariadb',
  version: '23.0.1',
  values: 'user: me\n',
  files: { 'templates/c.yaml': 'c' },
});

describe('composeFiles', () => {
  it('the new chart is the root source with the name and version of `save`', () => {
    const files = compose({ chart: web });
    expect(Object.keys(files)).toEqual([
      'Chart.yaml',
      'values.yaml',
      '.helmignore',
      'README.md',
      'crds/b.yaml',
      'templates/a.yaml',
    ]);
    expect(yaml(files['Chart.yaml'])).toEqual({ apiVersion: 'v2', name: 'shop', version: '2.0.0' });
  });

  it('Chart.yaml keeps comments, unknown keys, and the description unless the recipe has one', () => {
    const chart = makeChart({
      name: 'web',
      files: {
        'Chart.yaml':
          '# ours\napiVersion: v2\nname: web # short\nversion: 1.0.0\ndescription: old\nown: {a: 1}\n',
      },
    });
    const kept = compose({ chart })['Chart.yaml'];
    expect(kept).toContain('# ours');
    expect(kept).toContain('# short');
    expect(yaml(kept)).toMatchObject({ name: 'shop', description: 'old', own: { a: 1 } });
    expect(yaml(compose({ chart }, { description: 'new' })['Chart.yaml'])).toMatchObject({
      description: 'new',
    });
  });

  it('children lie in charts/ under their names, which their Chart.yaml has too', () => {
    const common = makeChart({ name: 'common', version: '2.0.0' });
    const files = compose({
      chart: web,
      children: { db: { chart: db, children: { lib: { chart: common } } } },
    });
    expect(yaml(files['charts/db/Chart.yaml'])).toMatchObject({ name: 'db', version: '23.0.1' });
    expect(yaml(files['charts/db/charts/lib/Chart.yaml'])).toMatchObject({ name: 'lib', version: '2.0.0' });
    expect(files['charts/db/templates/c.yaml']).toBe('c');
    expect(dependenciesIn(files['Chart.yaml'])).toEqual([
      { name: 'db', version: '23.0.1', condition: 'db.enabled' },
    ]);
    expect(dependenciesIn(files['charts/db/Chart.yaml'])).toEqual([{ name: 'lib', version: '2.0.0' }]);
  });

  it('subcharts that the recipe does not name are left out, with their declarations', () => {
    const chart = makeChart({
      name: 'web',
      subcharts: [db],
      dependencies: [{ name: 'mariadb', version: '23.0.1' }],
    });
    const files = compose({ chart });
    expect(Object.keys(files)).toEqual(['Chart.yaml']);
    expect(dependenciesIn(files['Chart.yaml'])).toBeUndefined();
  });

  it("a dependent child is taken out of its parent's source, in the requested version", () => {
    const older = makeChart({ name: 'mariadb', version: '1.0.0', files: { old: '' } });
    const chart = makeChart({ name: 'web', subcharts: [db, older] });
    const files = compose({ chart, children: { db: { chart: older, inside: true } } });
    expect(files).toHaveProperty('charts/db/old');
    expect(yaml(files['charts/db/Chart.yaml'])).toMatchObject({ version: '1.0.0' });
  });

  it("a file that needs no change is the source's own buffer", () => {
    const { plan, sources } = makePlan({
      chart: web,
      config: { replicas: 1 },
      children: { mariadb: { chart: db } },
    });
    const files = new Map(composeFiles(plan, sources, defaultChartLimits).files);
    expect(files.get('values.yaml')).toBe(web.files.get('values.yaml'));
    expect(files.get('templates/a.yaml')).toBe(web.files.get('templates/a.yaml'));
    expect(files.get('charts/mariadb/Chart.yaml')).toBe(db.files.get('Chart.yaml'));
    expect(files.get('charts/mariadb/values.yaml')).toBe(db.files.get('values.yaml'));
  });

  it("files in charts/ that are not charts stay, except signatures and files in a child's place", () => {
    const chart = makeChart({
      name: 'web',
      files: {
        'charts/_x/a': '1',
        'charts/.gitkeep': '',
        'charts/db-1.tgz.prov': 's',
        'charts/gone/templates/x.prov': 's',
        'charts/db': 'a file',
        'a.prov': 's',
      },
    });
    const files = compose({ chart, children: { db: { chart: db } } });
    expect(Object.keys(files)).toEqual([
      'Chart.yaml',
      'a.prov',
      'charts/.gitkeep',
      'charts/_x/a',
      'charts/db/Chart.yaml',
      'charts/db/values.yaml',
      'charts/db/templates/c.yaml',
    ]);
  });

  describe('with a v1 chart', () => {
    const old = makeChart({
      name: 'web',
      apiVersion: 'v1',
      dependencies: [{ name: 'db', version: '1.x.x', repository: 'https://example.com', tags: ['back'] }],
      files: { 'requirements.lock': 'x' },
    });

    it('a v1 chart declares dependencies in requirements.yaml alone', () => {
      const files = compose({ chart: old, children: { db: { chart: db } } });
      expect(yaml(files['requirements.yaml'])).toEqual({
        dependencies: [{ name: 'db', version: '23.0.1', tags: ['back'] }],
      });
      expect(yaml(files['Chart.yaml'])).toEqual({ apiVersion: 'v1', name: 'shop', version: '2.0.0' });
      expect(files).not.toHaveProperty('requirements.lock');
    });

    it('a v1 chart without requirements.yaml gets one for its children', () => {
      const chart = makeChart({ name: 'web', apiVersion: 'v1' });
      const files = compose({ chart, children: { db: { chart: db } } });
      expect(yaml(files['requirements.yaml'])).toEqual({ dependencies: [{ name: 'db', version: '23.0.1' }] });
    });

    it('a v1 chart without children has no requirements.yaml', () => {
      expect(compose({ chart: old })).not.toHaveProperty('requirements.yaml');
    });

    it('the requirements.yaml of a v2 chart moves into Chart.yaml, since Helm would read both', () => {
      const chart = makeChart({
        name: 'web',
        dependencies: [{ name: 'db', tags: ['back'] }],
        files: { 'requirements.yaml': 'dependencies: [{name: db, tags: [back]}]\n' },
      });
      const files = compose({ chart, children: { db: { chart: db } } });
      expect(files).not.toHaveProperty('requirements.yaml');
      expect(dependenciesIn(files['Chart.yaml'])).toEqual([
        { name: 'db', tags: ['back'], version: '23.0.1' },
      ]);
    });
  });

  describe('writes values', () => {
    const tree: NodeSpec = {
      chart: web,
      config: { replicas: 3 },
      children: { db: { chart: db, config: { user: 'you' } } },
    };

    it("merge writes values into the source's file, whose comments stay", () => {
      const files = compose(tree);
      expect(files['values.yaml']).toBe(
        '# how many\nreplicas: 3\n\n# where\nhost: example.com # by default\ndb:\n  user: you\n',
      );
      expect(files['charts/db/values.yaml']).toBe('user: me\n');
    });

    it("replace writes values in place of the sources' own", () => {
      const files = compose(tree, { values: 'replace' });
      expect(yaml(files['values.yaml'])).toEqual({ replicas: 3, db: { user: 'you' } });
      expect(files['charts/db/values.yaml']).toBe('{}\n');
      expect(compose({ chart: web }, { values: 'replace' })['values.yaml']).toBe('{}\n');
    });

    it('literal writes the configuration under _config', () => {
      const files = compose(tree, { values: 'literal' });
      expect(yaml(files['values.yaml'])).toEqual({
        _config: { replicas: 3 },
        db: { _config: { user: 'you' } },
      });
      expect(files['charts/db/values.yaml']).toBe('{}\n');
    });

    it('a source without values.yaml gets one only if there are values to write', () => {
      const chart = makeChart({ name: 'bare' });
      expect(compose({ chart })).not.toHaveProperty('values.yaml');
      expect(compose({ chart, config: { a: 'yes' } })['values.yaml']).toBe("a: 'yes'\n");
    });
  });

  it('composeFiles refuses to make a chart that Helm would not load', () => {
    const large = makeChart({ name: 'large', files: { big: 'x'.repeat(1000) } });
    const children = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`c${index}`, { chart: large }]),
    );
    const { plan, sources } = makePlan({ chart: large, children });
    const limits = { ...defaultChartLimits, unpacked: 20_000 };
    expect(() => composeFiles(plan, sources, limits)).toThrow(
      expect.objectContaining({ code: 'archive.tooLarge' }),
    );
    expect(() => composeFiles(plan, sources, { ...limits, file: 999 })).toThrow(
      expect.objectContaining({ code: 'archive.fileTooLarge' }),
    );
    expect(() => composeFiles(plan, sources, { ...limits, entries: 5 })).toThrow(
      expect.objectContaining({ code: 'archive.tooManyEntries' }),
    );
  });

  it('composeFiles fails without a source of the plan', () => {
    const { plan } = makePlan({ chart: web });
    expect(() => composeFiles(plan, new Map(), defaultChartLimits)).toThrow(digestOf(web));
  });
});

describe('composeArchive', () => {
  it('composeArchive makes the same bytes of a plan that was stored, whatever the order of its keys', async () => {
    const config = { b: { d: [{ z: 1, y: 2 }], c: 'x' }, a: 1 };
    const reordered = { a: 1, b: { c: 'x', d: [{ y: 2, z: 1 }] } };
    const one = makePlan({ chart: web, config, children: { db: { chart: db, config } } });
    const other = makePlan({
      chart: web,
      config: reordered,
      children: { db: { chart: db, config: reordered } },
    });
    const bytes = await composePlan(one.plan, one.sources, defaultChartLimits);
    const stored: Plan = JSON.parse(JSON.stringify(other.plan));
    expect(bytes.equals(await composePlan(stored, other.sources, defaultChartLimits))).toBe(true);
  });
});
