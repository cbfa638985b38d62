import { describe, expect, it } from 'vitest';
import { makeChart, makePlan, type NodeSpec } from '../compose.fixture.ts';
import type { Plan } from '../plan.ts';
import { resolveTree } from '../resolve-tree.ts';
import { findWarnings } from './find-warnings.ts';

const db = makeChart({ name: 'db', values: 'auth: {user: bn, empty: "", idle: false, my-key: 1}\n' });
const dependencies = [{ name: 'db', version: '1.0.0', condition: 'db.enabled' }];

/** Makes a chart with the subchart `db` and a single template. */
function makeApp(template: string, values = 'a: 1\n', more: Partial<Parameters<typeof makeChart>[0]> = {}) {
  const files = { 'templates/x.yaml': template };
  return makeChart({ name: 'app', values, dependencies, subcharts: [db], files, ...more });
}

function lost(root: NodeSpec, rest: Partial<Plan> = {}) {
  const { plan, sources } = makePlan(root, rest);
  return findWarnings(resolveTree(plan, sources), plan).filter(({ code }) => code === 'values.dropped');
}

describe('a default of a subchart that is dropped', () => {
  it.each<[string, string, number?]>([
    ['a field', '{{ .Values.db.auth.user }}'],
    ['a field of the root', '{{ $.Values.db.auth.user }}'],
    ['trim markers and a comment', 'x:\n{{- /* {{ no }} */ -}}\n{{- .Values.db.auth.user -}}', 3],
    ['several lines', '{{ printf "%s"\n  .Values.db.auth.user }}', 2],
    ['with', '{{ with .Values.db }}\n{{ .auth.user }}{{ end }}', 2],
    ['with below with', '{{ with .Values.db }}{{ with .auth }}{{ .user }}{{ end }}{{ end }}'],
    ['a variable', '{{ $x := .Values.db }}\n{{ $x.auth.user }}', 2],
    ['a variable of with', '{{ with $x := .Values.db }}{{ $x.auth.user }}{{ end }}'],
    ['index', '{{ index .Values "db" "auth" "user" }}'],
    ['get', '{{ get (get .Values.db "auth") "user" }}'],
    ['dig', '{{ dig "auth" "user" "other" .Values.db }}'],
    ['parentheses', '{{ (.Values.db).auth.user }}'],
    ['a default that is another', '{{ .Values.db.auth.user | default "other" }}'],
    ['a definition', '{{ define "app.user" }}{{ .Values.db.auth.user }}{{ end }}'],
    ['a loop', '{{ range $i := list 1 2 }}{{ $.Values.db.auth.user }}{{ end }}'],
    [
      'a definition that gets the context in a map',
      '{{ define "u" }}{{ .root.Values.db.auth.user }}{{ end }}',
    ],
    [
      'a definition that gets it deeper',
      '{{ define "u" }}{{ with .a.b }}{{ .Values.db.auth.user }}{{ end }}{{ end }}',
    ],
    [
      'a definition that gets it in a list',
      '{{ define "u" }}{{ $x := index . 0 }}{{ $x.Values.db.auth.user }}{{ end }}',
    ],
    ['a definition that gets it first', '{{ define "u" }}{{ (first .).Values.db.auth.user }}{{ end }}'],
    ['index of the context', '{{ index $ "Values" "db" "auth" "user" }}'],
    ['its own condition', '{{ if .Values.db.auth.user }}{{ .Values.db.auth.user }}{{ end }}'],
  ])('a dropped default is warned of if it is read by %s', (_, template, line = 1) => {
    const [warning, ...others] = lost({ chart: makeApp(template) });
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ pointer: '/configs', file: 'templates/x.yaml', value: 'db.auth.user' });
    expect(warning?.line).toBe(line);
    expect(warning?.message).toContain(`templates/x.yaml:${line} of app 1.0.0 reads .Values.db.auth.user`);
  });

  it('a dropped default is warned of if it is read by index with a key with dashes', () => {
    const [warning] = lost({ chart: makeApp('{{ index .Values.db.auth "my-key" }}') });
    expect(warning?.value).toBe('db.auth.my-key');
  });

  it.each<[string, string, string?]>([
    ['the value has a default of the root', '{{ .Values.db.auth.user }}', 'db: {auth: {user: root}}\n'],
    ['nothing had the value', '{{ .Values.db.nothing }}', 'db: {}\n'],
    ['it is a comment', '{{/* .Values.db.auth.user */}}'],
    ['it is text', '.Values.db.auth.user {{ "{{ .Values.db.auth.user }}" }}'],
    [
      'the root switches it off',
      '{{ if .Values.db.enabled }}{{ .Values.db.auth.user }}{{ end }}',
      'db: {enabled: false}\n',
    ],
    ['an empty text is replaced by an absent value', '{{ .Values.db.auth.empty }}', 'db: {auth: {}}\n'],
    ['a false condition stays false', '{{ if .Values.db.auth.idle }}x{{ end }}', 'db: {auth: {}}\n'],
    ['its default is the value', '{{ .Values.db.auth.user | default "bn" }}', 'db: {auth: {}}\n'],
  ])('a dropped default is not warned of if %s', (_, template, values) => {
    expect(lost({ chart: makeApp(template, values) })).toEqual([]);
  });

  it('a default is not warned of if the recipe sets it, keeps it, or has the chart as a child of that name', () => {
    const chart = makeApp('{{ .Values.db.auth.user }}');
    expect(lost({ chart, config: { db: { auth: { user: 'x' } } } })).toEqual([]);
    expect(lost({ chart, keep: true })).toEqual([]);
    expect(lost({ chart, children: { db: { chart: db, inside: true } } })).toEqual([]);
  });

  it('a dropped default is not warned of in a branch that the recipe switches off', () => {
    const chart = makeApp(
      '{{ if .Values.db.active }}{{ .Values.db.auth.user }}{{ else }}x{{ end }}',
      'db: {active: true}\n',
    );
    expect(lost({ chart })).toHaveLength(1);
    expect(lost({ chart, config: { db: { active: false } } })).toEqual([]);
  });

  it('dropped defaults of a subchart give a single warning with the number of others', () => {
    const template =
      '{{ .Values.db.auth.user }}\n{{ .Values.db.auth.idle }}\n{{ index .Values.db.auth "my-key" }}';
    const warnings = lost({ chart: makeApp(template) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain('2 more');
  });
});

describe('a value that a template reads through `.Subcharts`', () => {
  it.each([
    ['a field', '{{ .Subcharts.db.Values.auth.user }}'],
    ['index', '{{ (index .Subcharts "db").Values.auth.user }}'],
    ['get', '{{ (get $.Subcharts "db").Values.auth.user }}'],
    ['a variable', '{{ $db := .Subcharts.db }}{{ $db.Values.auth.user }}'],
    ['a context in a map', '{{ define "u" }}{{ .root.Subcharts.db.Values.auth.user }}{{ end }}'],
  ])('a read of a dropped subchart by %s is warned of, also if the recipe sets the value', (_, template) => {
    const chart = makeApp(template);
    for (const config of [{}, { db: { auth: { user: 'x' } } }]) {
      expect(lost({ chart, config })).toMatchObject([
        {
          value: 'db.auth.user',
          message: expect.stringMatching(
            /reads \.Subcharts\.db\.Values\.auth\.user, where rendering fails: .* drops\. Name db as a child, or keep the subcharts\.$/,
          ),
        },
      ]);
    }
    expect(lost({ chart, keep: true })).toEqual([]);
    expect(lost({ chart, children: { db: { chart: db, inside: true } } })).toEqual([]);
  });

  it('a read of a subchart under another name is warned of with the name', () => {
    const chart = makeApp('{{ .Subcharts.db.Values.auth.user }}');
    const [warning] = lost({ chart, children: { database: { chart: db, inside: true } } });
    expect(warning?.message).toMatch(/under database now\. Call the child db\.$/);
  });

  it.each(['if', 'with'])('a read of a dropped subchart behind `%s` is no failure', (keyword) => {
    const chart = makeApp(`{{ ${keyword} .Subcharts.db }}{{ $.Subcharts.db.Values.auth.user }}{{ end }}`);
    const [warning, ...others] = lost({ chart });
    expect(others).toEqual([]);
    expect(warning?.message).not.toContain('fails');
  });

  it('a read for the lack of a subchart is not warned of if the recipe adds that subchart', () => {
    const template = '{{ if .Subcharts.db }}x{{ else }}{{ .Values.external.host }}{{ end }}';
    const chart = makeApp(template, 'external: {host: h}\n', { dependencies: [], subcharts: [] });
    expect(lost({ chart }, { values: 'replace' })).toMatchObject([{ value: 'external.host' }]);
    expect(lost({ chart, children: { db: { chart: db } } }, { values: 'replace' })).toEqual([]);
  });

  it('a read that the new values switch off is not warned of', () => {
    const template = '{{ if .Values.db.enabled }}{{ .Subcharts.db.Values.auth.user }}{{ end }}';
    expect(lost({ chart: makeApp(template, 'db: {enabled: false}\n') })).toEqual([]);
  });
});

describe('a default of a subchart that is off in the source', () => {
  const tagged = [{ name: 'db', version: '1.0.0', tags: ['data'] }];
  it.each<[string, string, typeof dependencies | typeof tagged, object]>([
    ['a condition', 'db: {enabled: false}\n', dependencies, { db: { enabled: true } }],
    ['a tag', 'tags: {data: false}\n', tagged, { tags: { data: true } }],
  ])(
    'a default is warned of if the recipe switches on %s and drops the chart',
    (_, values, entries, config) => {
      const chart = makeApp('{{ .Values.db.auth.user }}', values, { dependencies: entries });
      expect(lost({ chart })).toEqual([]);
      expect(lost({ chart, config: { ...config } })).toMatchObject([{ value: 'db.auth.user' }]);
      expect(lost({ chart, config: { ...config }, keep: true })).toEqual([]);
      const child = makeChart({ name: 'web' });
      expect(lost({ chart: child, children: { app: { chart, config: { ...config } } } })).toMatchObject([
        { pointer: '/configs/app', value: 'db.auth.user' },
      ]);
    },
  );

  it('a default is not warned of in a branch that stays off', () => {
    const template = '{{ if .Values.db.enabled }}{{ .Values.db.auth.user }}{{ end }}';
    const chart = makeApp(template, 'a: 1\ndb: {enabled: false}\n');
    expect(lost({ chart, config: { a: 2 } })).toEqual([]);
    expect(lost({ chart, config: { db: { enabled: true } } })).toHaveLength(1);
  });
});

describe('a default that a template of another chart reads', () => {
  const library = makeChart({
    name: 'common',
    files: {
      'templates/_a.tpl':
        '{{ define "common.user" }}\n{{ include "common.inner" (dict "context" .) }}{{ end }}',
      'templates/_b.tpl': '{{ define "common.inner" }}\n{{ .context.Values.db.auth.user }}{{ end }}',
      'templates/_c.tpl': '{{ define "common.other" }}{{ .Values.db.auth.idle }}{{ end }}',
    },
  });
  const makeUser = (template: string) =>
    makeChart({
      name: 'app',
      values: 'a: 1\n',
      dependencies: [
        { name: 'db', version: '1.0.0' },
        { name: 'common', version: '1.0.0' },
      ],
      subcharts: [db, library],
      files: { 'templates/x.yaml': template },
    });
  const user = makeUser('{{ include "common.user" . }}');

  it('a read of a child is compared with the values of the chart that includes it', () => {
    const warnings = lost({ chart: user, children: { common: { chart: library } } });
    expect(warnings).toMatchObject([
      { pointer: '/configs', file: 'templates/_b.tpl', line: 2, value: 'db.auth.user' },
    ]);
    expect(warnings[0]?.message).toMatch(
      /_b\.tpl:2 of common 1\.0\.0 reads \.Values\.db\.auth\.user for app/,
    );
  });

  it('a read of a library of a kept chart is compared too', () => {
    const outer = makeChart({
      name: 'outer',
      dependencies: [{ name: 'app', version: '1.0.0' }],
      subcharts: [user],
    });
    expect(lost({ chart: outer, keep: true })).toEqual([]);
    expect(lost({ chart: outer, keep: true, config: { app: { db: { auth: null } } } })).toMatchObject([
      { file: 'templates/_b.tpl', value: 'db.auth.user' },
    ]);
  });

  it.each<[string, string, number]>([
    ['the context', '.', 1],
    ['the context of a subchart', '.Subcharts.db', 0],
    ['a map with other values', '(dict "Values" .Values.cache)', 0],
  ])(
    'a default of the chart that includes a template with %s is compared as needed',
    (_, argument, count) => {
      const common = makeChart({
        name: 'common',
        files: { 'templates/_n.tpl': '{{ define "common.name" }}{{ .Values.nameOverride }}{{ end }}' },
      });
      const chart = makeChart({
        name: 'app',
        values: 'nameOverride: x\n',
        files: { 'templates/x.yaml': `{{ include "common.name" ${argument} }}` },
      });
      expect(lost({ chart, children: { common: { chart: common } } }, { values: 'replace' })).toHaveLength(
        count,
      );
    },
  );

  it('a read is not warned of if no chart with the value includes it', () => {
    const idle = makeUser('x: 1');
    expect(lost({ chart: idle, children: { common: { chart: library } } })).toEqual([]);
  });
});

it('the warning of a dropped default names the child that the subchart becomes under another name', () => {
  const chart = makeApp('{{ .Values.db.auth.user }}');
  const [warning] = lost({ chart, children: { database: { chart: db, inside: true } } });
  expect(warning?.message).toContain('database');
});

it('dropped defaults are found in children and in kept charts', () => {
  const outer = makeChart({
    name: 'outer',
    dependencies: [{ name: 'app', version: '1.0.0' }],
    subcharts: [makeApp('{{ .Values.db.auth.user }}')],
  });
  expect(lost({ chart: outer, keep: true })).toEqual([]);
  expect(lost({ chart: outer, keep: true, config: { app: { db: { auth: null } } } })).toMatchObject([
    { pointer: '/configs', value: 'db.auth.user' },
  ]);
  const child = { chart: makeApp('{{ .Values.db.auth.user }}') };
  expect(lost({ chart: makeChart({ name: 'web' }), children: { c: child } })).toMatchObject([
    { pointer: '/configs/c' },
  ]);
});

it('values imported from a subchart count as defaults', () => {
  const exporter = makeChart({ name: 'db', values: 'exports: {data: {port: 1}}\n' });
  const imports = [{ name: 'db', version: '1.0.0', 'import-values': ['data'] }];
  const chart = makeApp('{{ .Values.port }}', 'a: 1\n', { dependencies: imports, subcharts: [exporter] });
  expect(lost({ chart, keep: true })).toEqual([]);
  expect(lost({ chart })).toMatchObject([{ value: 'port' }]);
});

it('a value lost with a removed parent is warned of, but not a value that the recipe removes by its name', () => {
  const chart = makeApp('{{ .Values.q.r }}', 'q: {r: 1}\n');
  expect(lost({ chart, config: { q: { r: null } } })).toEqual([]);
  expect(lost({ chart, config: { q: null } })).toMatchObject([{ value: 'q.r' }]);
});

it('dropped defaults give one warning for each chart if values are not merged', () => {
  const chart = makeApp('{{ .Values.a }}{{ .Values.b }}', 'a: 1\nb: 2\n');
  for (const values of ['replace', 'literal'] as const) expect(lost({ chart }, { values })).toHaveLength(1);
});
