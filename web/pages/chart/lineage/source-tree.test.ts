import type { ComposedState, Lineage } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { listSources } from './source-tree.ts';

const stored = (chart: string) => ({
  kind: 'stored' as const,
  space: 'lib',
  chart,
  version: '1.0.0',
  digest: 'sha256:0',
});
const source = (pointer: string, space: string, chart: string) => ({
  pointer,
  space,
  chart,
  requested: '^1',
  version: '1.0.0',
  digest: 'sha256:0',
});
const lineage = (root: Lineage['plan']['root'], sources: Lineage['sources'] = []): Lineage => ({
  digest: 'sha256:1',
  modified: false,
  job: 'j',
  composedAt: '2026-01-01T00:00:00Z',
  recipe: {},
  plan: { space: 'lib', chart: 'shop', version: '1.0.0', values: 'merge', root },
  sources,
  warnings: [],
});

it('sources stand as the plan has them, with their states and parts', () => {
  const root = {
    source: stored('web'),
    children: [
      {
        name: 'db',
        node: { source: { kind: 'subchart' as const, chart: 'mariadb', version: '2.0.0' }, children: [] },
      },
    ],
    parts: [{ source: stored('common'), entries: [{ name: 'common', range: '1.x' }] }],
  };
  const state: ComposedState = {
    space: 'lib',
    chart: 'shop',
    version: '1.0.0',
    link: '/',
    state: 'outdated',
    outdated: true,
    newer: 'none',
    hidden: 0,
    sources: [{ ...source('/configs/package', 'lib', 'web'), outdated: true }],
  };
  const [tree] = listSources(lineage(root), state);
  expect(tree).toMatchObject({ kind: 'stored', chart: 'web', state: { outdated: true } });
  expect(tree?.children.map(({ name, kind, pointer, chart }) => [name, kind, pointer, chart])).toEqual([
    ['db', 'subchart', '/configs/db', 'mariadb'],
    ['common', 'stored', '/configs/common', 'common'],
  ]);
});

it('without a plan that one may read, sources are a list and those that are masked are hidden', () => {
  const found = listSources(
    lineage({}, [source('/configs/package', 'lib', 'web'), source('/configs/a/package', '***', '***')]),
    undefined,
  );
  expect(found.map(({ kind, chart }) => [kind, chart])).toEqual([
    ['stored', 'web'],
    ['hidden', undefined],
  ]);
});
