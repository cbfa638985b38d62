import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { defaultChartLimits } from '../../core/archive/limits.ts';
import { readArchiveFiles } from '../../core/chart/read-chart.ts';
import { jobOf } from '../support/answers.ts';
import type { TestChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { renderArchive } from '../support/helm/archive.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';

const define = (text: string) => `{{ define "lib.n" }}${text}{{ end }}`;
const defines = (name: string, path: string, text = name): TestChart => ({
  name,
  files: { [path]: define(text), 'templates/show.yaml': '{{ .Chart.Name }}: {{ include "lib.n" . }}\n' },
});

/** Builds a chart that shows the text of its library's template. */
function usesLibrary(name: string, text: string): TestChart {
  return {
    name,
    manifest: { dependencies: [{ name: 'common', version: '*' }] },
    files: {
      'templates/show.yaml': '{{ .Chart.Name }}: {{ include "lib.n" . }}\n',
      'charts/common/Chart.yaml': `apiVersion: v2\nname: common\nversion: ${name === 'web' ? 1 : 2}.0.0\ntype: library\n`,
      'charts/common/templates/_h.tpl': define(text),
    },
  };
}

/** Builds a chart that reads a default of its subchart `db`, which is off for `tagged` and `guarded`. */
function readsDatabase(name: string, template: string, files: Record<string, string> = {}): TestChart {
  const off = { tagged: { tags: { data: false } }, guarded: { db: { enabled: false } } }[name] ?? {};
  const condition = name === 'guarded' ? { condition: 'db.enabled' } : {};
  return {
    name,
    values: off,
    manifest: { dependencies: [{ name: 'db', version: '*', tags: ['data'], ...condition }] },
    files: {
      'templates/x.yaml': `user: ${template}\n`,
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
      'charts/db/values.yaml': 'auth: {user: bn}\n',
      ...files,
    },
  };
}

/** Paths of the file that defines the template `lib.n`. */
const shallow = 'templates/_h.tpl';
const deep = 'templates/parts/more/_h.tpl';
const charts: TestChart[] = [
  defines('one', shallow),
  defines('two', shallow),
  defines('deep', deep),
  defines('void', shallow, ' {{/* nothing */}} '),
  { name: 'plain' },
  usesLibrary('web', 'one'),
  usesLibrary('api', 'two'),
  { name: 'fails', values: { q: { r: 1 } }, files: { 'templates/x.yaml': 'r: {{ .Values.q.r }}\n' } },
  readsDatabase('through', '{{ .Subcharts.db.Values.auth.user }}'),
  readsDatabase('argument', '{{ include "u" (dict "root" .) }}', {
    'templates/_u.tpl': '{{ define "u" }}{{ .root.Values.db.auth.user }}{{ end }}',
  }),
  readsDatabase('tagged', '{{ if .Values.tags.data }}{{ .Values.db.auth.user }}{{ end }}'),
  readsDatabase('guarded', '{{ if .Values.db.enabled }}{{ .Values.db.auth.user }}{{ end }}'),
  readsDatabase('shares', '{{ include "lib.user" (dict "context" $) }}'),
  {
    name: 'userlib',
    manifest: { type: 'library' },
    files: { 'templates/_u.tpl': '{{ define "lib.user" }}{{ .context.Values.db.auth.user }}{{ end }}' },
  },
  {
    name: 'pair',
    manifest: {
      dependencies: [
        { name: 'db', version: '^1', alias: 'old', repository: 'file://../db-1' },
        { name: 'db', version: '^2', alias: 'new', repository: 'file://../db-2' },
      ],
    },
    files: Object.fromEntries(
      ['1.0.0', '2.0.0'].flatMap((version) => [
        [`charts/db-${version}/Chart.yaml`, `apiVersion: v2\nname: db\nversion: ${version}\n`],
        [`charts/db-${version}/templates/x.yaml`, `{{ .Chart.Name }}: "${version}"\n`],
      ]),
    ),
  },
];

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
  for (const chart of charts) await registry.upload('lib', chart);
});
afterAll(() => registry?.close());

const source = (chart: string, more = {}) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0', ...more },
});

let count = 0;
async function compose(configs: object) {
  count += 1;
  const chart = `made-${count}`;
  const body = { save: { chart, version: '1.0.0' }, configs };
  const response = await registry.orchestrate('lib', body);
  expect(response.status, await response.clone().text()).toBe(201);
  const path = (response.headers.get('location') ?? '').replace('/api/v1', '');
  const { warnings } = await jobOf(await registry.api(path));
  const archive = await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0`);
  return { warnings, archive: Buffer.from(await archive.arrayBuffer()) };
}

describeHelms('a warning', (helm) => {
  it.each<[string, object, string]>([
    ['siblings', { ...source('plain'), b: source('one'), a: source('two') }, 'two'],
    ['a parent', { ...source('one'), a: source('two') }, 'one'],
    ['a parent in deeper folders', { ...source('deep'), a: source('two') }, 'two'],
    [
      'a grandchild',
      { ...source('plain'), z: source('one'), a: { ...source('plain'), b: source('two') } },
      'one',
    ],
    [
      'one under two names',
      { ...source('plain'), x: source('two'), y: source('one'), z: source('one') },
      'two',
    ],
    ['one that is empty', { ...source('plain'), a: source('void'), b: source('one') }, 'one'],
  ])('a warning names the definition that Helm uses among those of %s', async (_, configs, winner) => {
    const { warnings, archive } = await compose(configs);
    const shadowed = warnings.filter(({ code }) => code === 'template.shadowed');
    expect(shadowed.length).toBeGreaterThan(0);
    for (const { message } of shadowed) expect(message).toContain(`That of ${winner} 1.0.0 (`);
    const { stdout } = await renderArchive(helm, archive);
    const shown = [...stdout.matchAll(/^[\w-]+: (\w+)$/gm)].map(([, text]) => text);
    expect(new Set(shown)).toEqual(new Set([winner]));
  });

  it('a warning names the library that replaces a dropped one', async () => {
    const { warnings, archive } = await compose({
      ...source('web', { subcharts: 'keep' }),
      api: source('api'),
    });
    const uses =
      'api 1.0.0 uses "lib.n" of common 2.0.0, which the recipe drops. common 1.0.0 (common) defines it';
    expect(warnings).toMatchObject([
      { code: 'template.shadowed', pointer: '/configs/api', message: expect.stringContaining(uses) },
    ]);
    const { stdout } = await renderArchive(helm, archive);
    expect(stdout).toContain('api: one');
  });

  it.each<[string, ReturnType<typeof source> & Record<string, object>]>([
    ['through .Subcharts', source('through')],
    ['of a context in a map', source('argument')],
    ['of a subchart that a tag switches on', { ...source('tagged'), _config: { tags: { data: true } } }],
    [
      'of a subchart that a condition switches on',
      { ...source('guarded'), _config: { db: { enabled: true } } },
    ],
    ['in a template of a library', { ...source('shares'), userlib: source('userlib') }],
  ])(
    'a warning announces that a read %s fails, and none that it fails if the subchart is kept',
    async (_, configs) => {
      const { warnings, archive } = await compose(configs);
      expect(warnings).toContainEqual(
        expect.objectContaining({
          code: 'values.dropped',
          message: expect.stringContaining('rendering fails'),
        }),
      );
      const failed = await renderArchive(helm, archive);
      expect(failed.passed).toBe(false);
      expect(failed.stderr).toContain('nil pointer');
      const kept = { ...configs, package: { ...configs.package, subcharts: 'keep' } };
      const { warnings: others, archive: whole } = await compose(kept);
      expect(others.map(({ code }) => code)).not.toContain('values.dropped');
      expect((await renderArchive(helm, whole)).stdout).toContain('user: bn');
    },
  );

  it('a warning is not given for a read that stays off', async () => {
    const { warnings, archive } = await compose(source('guarded'));
    expect(warnings.map(({ code }) => code)).not.toContain('values.dropped');
    expect((await renderArchive(helm, archive)).passed).toBe(true);
  });

  it('a warning announces a failing rendering', async () => {
    const { warnings, archive } = await compose({ ...source('fails'), _config: { q: null } });
    expect(warnings).toMatchObject([{ code: 'values.dropped', message: expect.stringContaining('fails') }]);
    const { passed, stderr } = await renderArchive(helm, archive);
    expect(passed).toBe(false);
    expect(stderr).toContain('nil pointer');
  });
});

describeHelms('one chart in two versions that is kept', (helm) => {
  it('a kept chart in two versions passes `helm dependency build`, and renders the same afterwards', async () => {
    const { archive } = await compose(source('pair', { subcharts: 'keep' }));
    const home = await mkdtemp(join(tmpdir(), 'helm-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    for (const [path, bytes] of await readArchiveFiles(Readable.from([archive]), defaultChartLimits)) {
      const file = join(home, 'chart', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    const before = await runHelm(helm, ['template', 'r', join(home, 'chart')], home);
    const built = await runHelm(helm, ['dependency', 'build', join(home, 'chart')], home);
    expect(built.passed, built.stderr).toBe(true);
    const after = await runHelm(helm, ['template', 'r', join(home, 'chart')], home);
    expect(after.stdout).toBe(before.stdout);
    expect(after.stdout).toMatch(/old: "1\.0\.0"[\s\S]*new: "2\.0\.0"|new: "2\.0\.0"[\s\S]*old: "1\.0\.0"/);
  });
});
