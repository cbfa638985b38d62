import { describe, expect, it } from 'vitest';
import { makeChart, makePlan, type NodeSpec } from '../compose.fixture.ts';
import type { Plan } from '../plan.ts';
import { resolveTree } from '../resolve-tree.ts';
import type { WarningCode } from '../warning.ts';
import { findWarnings } from './find-warnings.ts';

function warn(code: WarningCode, root: NodeSpec, rest: Partial<Plan> = {}) {
  const { plan, sources } = makePlan(root, rest);
  return findWarnings(resolveTree(plan, sources), plan).filter((warning) => warning.code === code);
}

const web = makeChart({ name: 'web' });

describe('name.unfit', () => {
  it.each(['Web', 'my_web', 'a-', 'x'.repeat(54)])('name.unfit is given for the child %s', (name) => {
    expect(warn('name.unfit', { chart: web, children: { [name]: { chart: web } } })).toMatchObject([
      { pointer: `/configs/${name}` },
    ]);
  });

  it('name.unfit is given for the new chart, and not for names that fit', () => {
    const root = { chart: web, children: { 'web-2': { chart: web } } };
    expect(warn('name.unfit', root)).toEqual([]);
    expect(warn('name.unfit', root, { chart: 'My.Shop' })).toMatchObject([{ pointer: '/save/chart' }]);
  });
});

it('a library as the root and a source without apiVersion are warned of', () => {
  const library = makeChart({ name: 'common' });
  library.manifest.type = 'library';
  expect(warn('chart.library', { chart: library })).toMatchObject([{ pointer: '/configs' }]);
  expect(warn('chart.library', { chart: web, children: { common: { chart: library } } })).toEqual([]);
  const old = makeChart({ name: 'old' });
  delete old.manifest.apiVersion;
  const root = { chart: web, children: { old: { chart: old } } };
  expect(warn('apiVersion.missing', root)).toMatchObject([{ pointer: '/configs/old' }]);
});

describe('dependency.missing', () => {
  const common = { name: 'common', version: '2.x.x', repository: 'oci://charts.test/x' };
  const files = { 'templates/a.yaml': '\n{{ include "common.names.fullname" . }}' };
  const packed = makeChart({ name: 'packed', dependencies: [common, { name: 'db', version: '^1' }], files });

  it('dependency.missing names each dependency, with range and repository, and the undefined templates', () => {
    const warnings = warn('dependency.missing', { chart: web, children: { p: { chart: packed } } });
    expect(warnings).toMatchObject([
      { pointer: '/configs/p', file: 'templates/a.yaml', line: 2, templates: ['common.names.fullname'] },
      { pointer: '/configs/p' },
    ]);
    expect(warnings[0]?.message).toContain('packed 1.0.0 declares common 2.x.x from oci://charts.test/x');
    expect(warnings[1]?.message).toContain('declares db ^1');
  });

  it('dependency.missing names templates by the first part of their names, then those of no dependency, and counts the rest', () => {
    const names = ['a.b.one', 'a.two', ...Array.from({ length: 30 }, (_, index) => `x${index}.y`), 'b'];
    const text = names.map((name) => `{{ include "${name}" . }}\n`).join('');
    const declared = [{ name: 'a' }, { name: 'a.b' }, { name: 'b' }, { name: 'c', alias: 'x1' }];
    const root = makeChart({ name: 'many', dependencies: declared, files: { 'templates/a.yaml': text } });
    const warnings = warn('dependency.missing', { chart: root });
    const first = (count: number) => Array.from({ length: count }, (_, index) => `x${index}.y`);
    expect(warnings.map(({ templates }) => templates)).toEqual([
      ['a.b.one', 'a.two', ...first(18)],
      ['a.b.one', ...first(19)],
      ['b', ...first(19)],
      first(20),
    ]);
    expect(warnings[2]?.message).toContain('includes "b", "x0.y", "x1.y", "x2.y", "x3.y" and 26 more, which');
  });

  it('dependency.missing is given for kept charts at any depth', () => {
    const middle = makeChart({ name: 'middle', subcharts: [packed] });
    const outer = makeChart({ name: 'outer', subcharts: [middle] });
    expect(warn('dependency.missing', { chart: outer, keep: true })).toHaveLength(2);
    expect(warn('dependency.missing', { chart: outer })).toEqual([]);
  });

  it('dependency.missing is not given for a dependency that the recipe supplies', () => {
    const db = makeChart({ name: 'db' });
    const children = { common: { chart: makeChart({ name: 'common' }) }, store: { chart: db } };
    expect(warn('dependency.missing', { chart: packed, children })).toEqual([]);
  });
});

describe('template.shadowed', () => {
  const lib = (version: string, text: string) =>
    makeChart({
      name: 'common',
      version,
      files: { 'templates/_h.tpl': `{{- define "common.n" -}}${text}{{ end -}}` },
    });
  const app = (name: string, library: ReturnType<typeof makeChart>) =>
    makeChart({ name, dependencies: [{ name: 'common', version: library.version }], subcharts: [library] });

  it('template.shadowed names both charts, and the winner', () => {
    const root = {
      chart: app('web', lib('1.0.0', 'one')),
      keep: true,
      children: { api: { chart: app('api', lib('2.0.0', 'two')), keep: true } },
    };
    const warnings = warn('template.shadowed', root);
    expect(warnings).toMatchObject([{ pointer: '/configs/api', templates: ['common.n'] }]);
    expect(warnings[0]?.message).toContain('That of common 1.0.0 (common) wins for all charts');
    expect(warnings[0]?.message).toContain('common 2.0.0 (api/common)');
  });

  it.each([
    ['equal', 'one'],
    ['equal but for comments', 'one{{/* new */}}'],
  ])('template.shadowed is not given for texts that are %s', (_, text) => {
    const children = { a: { chart: lib('1.0.0', 'one') }, b: { chart: lib('2.0.0', text) } };
    expect(warn('template.shadowed', { chart: web, children })).toEqual([]);
  });
});

describe('template.shadowed by a chart that takes the place of a dropped one', () => {
  type Library = ReturnType<typeof makeChart>;
  const lib = (version: string, text: string, more = '') =>
    makeChart({
      name: 'common',
      version,
      files: {
        'templates/_h.tpl': `{{- define "common.n" -}}${text}{{ end -}}`,
        'templates/_m.tpl': more,
      },
    });
  const app = (name: string, library: Library, includes = 'common.n') =>
    makeChart({
      name,
      dependencies: [{ name: 'common', version: library.version }],
      subcharts: [library],
      files: { 'templates/x.yaml': `a: {{ include "${includes}" . }}` },
    });
  const [one, two] = [lib('1.0.0', 'one'), lib('2.0.0', 'two')];
  const expected = {
    pointer: '/configs/api',
    templates: ['common.n'],
    message: expect.stringMatching(
      /^api 1\.0\.0 uses "common\.n" of common 2\.0\.0, which the recipe drops\. common 1\.0\.0 \(common\) defines it/,
    ),
  };

  it('template.shadowed is given if another version stays in another chart', () => {
    const children = { api: { chart: app('api', two) } };
    expect(warn('template.shadowed', { chart: app('web', one), keep: true, children })).toMatchObject([
      expected,
    ]);
  });

  it('template.shadowed is given if another version is a child of another chart', () => {
    const children = { api: { chart: app('api', two) }, common: { chart: one } };
    expect(warn('template.shadowed', { chart: web, children })).toMatchObject([expected]);
  });

  it('template.shadowed is given for a chart taken out of the archive, and for one kept inside another', () => {
    const part = makeChart({ name: 'part', files: { 'templates/x.yaml': '{{ include "common.n" . }}' } });
    const whole = (more: Library[]) =>
      makeChart({
        name: 'whole',
        dependencies: [two, ...more].map(({ name, version }) => ({ name, version })),
        subcharts: [two, ...more],
      });
    const taken = { w: { chart: whole([part]), children: { p: { chart: part, inside: true } } } };
    expect(
      warn('template.shadowed', { chart: web, children: { ...taken, c: { chart: one } } }),
    ).toMatchObject([{ pointer: '/configs/w/p', message: expect.stringContaining('part 1.0.0 uses') }]);
    const swapped = {
      w: { chart: whole([part]), keep: true, children: { d: { chart: two, inside: true } } },
    };
    expect(
      warn('template.shadowed', { chart: web, children: { ...swapped, c: { chart: one } } }),
    ).toMatchObject([{ message: expect.stringContaining('both define') }]);
  });

  it('template.shadowed is given for templates that the library itself includes', () => {
    const more = '{{ define "common.all" }}{{ include "common.n" . }}{{ end }}';
    const chart = app('api', lib('2.0.0', 'two', more), 'common.all');
    const children = { api: { chart }, common: { chart: lib('1.0.0', 'one', more) } };
    expect(warn('template.shadowed', { chart: web, children })).toMatchObject([expected]);
  });

  it.each([
    ['whose text is the same', { api: { chart: app('api', lib('2.0.0', 'one')) }, c: { chart: one } }],
    ['that is not used', { api: { chart: app('api', two, 'other') }, c: { chart: one } }],
    [
      'that the recipe puts into its place',
      { api: { chart: app('api', two), children: { common: { chart: one } } } },
    ],
    ['that nothing else defines', { api: { chart: app('api', two) } }],
  ])('template.shadowed is not given for a library %s', (_, children) =>
    expect(warn('template.shadowed', { chart: web, children })).toEqual([]),
  );
});

describe('global.overridden', () => {
  const child = { chart: makeChart({ name: 'db' }), config: { global: { zone: 'b', mine: 1 } } };

  it('global.overridden is given for a global that a chart above sets to another value', () => {
    const chart = makeChart({ name: 'top', values: 'global: {zone: a}\n' });
    expect(warn('global.overridden', { chart, children: { db: child } })).toMatchObject([
      { pointer: '/configs/db/_config/global/zone', value: 'global.zone' },
    ]);
    expect(warn('global.overridden', { chart: web, children: { db: child } })).toEqual([]);
  });
});

it('condition.void is given for a condition that is neither true nor false', () => {
  const dependencies = [{ name: 'db', version: '1.0.0', condition: 'db.enabled' }];
  const chart = makeChart({
    name: 'app',
    values: 'db: {enabled: true}\n',
    dependencies,
    subcharts: [makeChart({ name: 'db' })],
  });
  const root = { chart, keep: true, config: { db: { enabled: 'false' } } };
  expect(warn('condition.void', root)).toMatchObject([{ message: expect.stringContaining('"false"') }]);
});
