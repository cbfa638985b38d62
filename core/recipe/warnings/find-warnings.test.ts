import { describe, expect, it } from 'vitest';
import { makeChart, makePlan, type NodeSpec } from '../compose.fixture.ts';
import type { Plan } from '../plan.ts';
import { resolveTree } from '../resolve-tree.ts';
import { findWarnings } from './find-warnings.ts';

function warn(root: NodeSpec, rest: Partial<Plan> = {}) {
  const { plan, sources } = makePlan(root, rest);
  return findWarnings(resolveTree(plan, sources), plan);
}

const labels = makeChart({
  name: 'labels',
  files: { 'templates/_l.tpl': '{{- define "labels.all" -}}x{{ end }}' },
});
const cache = makeChart({
  name: 'cache',
  dependencies: [{ name: 'labels', version: '1.0.0' }],
  subcharts: [labels],
  files: { 'templates/a.yaml': '{{ include "labels.all" . }}\n{{ include "nobody.knows" . }}' },
});

describe('findWarnings', () => {
  it('a template that includes a dropped definition is warned of', () => {
    const web = makeChart({ name: 'web' });
    expect(warn({ chart: web, children: { store: { chart: cache } } })).toEqual([
      {
        code: 'template.dropped',
        pointer: '/configs/store',
        message: expect.stringContaining(
          'templates/a.yaml of cache includes "labels.all" out of labels 1.0.0',
        ),
        file: 'templates/a.yaml',
        line: 1,
        templates: ['labels.all'],
      },
    ]);
  });

  it.each<[string, NodeSpec]>([
    ['kept', { chart: cache, keep: true }],
    ['a child', { chart: cache, children: { labels: { chart: labels, inside: true } } }],
    [
      'somewhere else in the chart',
      { chart: makeChart({ name: 'web' }), children: { a: { chart: cache }, b: { chart: labels } } },
    ],
  ])('a dropped library is not warned of if it is %s', (_, root) => expect(warn(root)).toEqual([]));

  it('deprecated sources are warned of', () => {
    const old = makeChart({ name: 'old' });
    old.manifest.deprecated = true;
    const warnings = warn({ chart: makeChart({ name: 'web' }), children: { o: { chart: old } } });
    expect(warnings).toMatchObject([{ code: 'source.deprecated', pointer: '/configs/o' }]);
  });

  const app = makeChart({
    name: 'app',
    values: 'db: {enabled: true}\n',
    dependencies: [{ name: 'db', version: '1.0.0', condition: 'db.enabled' }],
    subcharts: [makeChart({ name: 'db' })],
  });

  it('a condition that has lost its value is warned of', () => {
    const root = { chart: app, keep: true };
    expect(warn(root)).toEqual([]);
    expect(warn(root, { values: 'replace' })).toMatchObject([
      { code: 'condition.void', message: expect.stringContaining('db.enabled') },
    ]);
  });

  it("a child that is switched under another chart's name is warned of", () => {
    const children = { store: { chart: makeChart({ name: 'db' }) } };
    expect(warn({ chart: app, children })).toMatchObject([
      {
        code: 'condition.renamed',
        pointer: '/configs/store',
        message: expect.stringContaining('store.enabled'),
      },
    ]);
  });
});
