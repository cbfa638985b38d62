import { expect, it } from 'vitest';
import { makeChart, makePlan } from '../compose.fixture.ts';
import { composeTree } from '../compose-tree.ts';
import { resolveTree } from '../resolve-tree.ts';
import { createBorrowedReadsFinder } from './borrowed-reads.ts';
import { listChartPlaces } from './places.ts';
import { createSourceFacts } from './source-facts.ts';

const library = makeChart({
  name: 'common',
  files: {
    'templates/_a.tpl': Array.from(
      { length: 10 },
      (_, at) => `{{ define "l${at}" }}{{ .Values.v${at} }}{{ include "l${at + 1}" . }}{{ end }}`,
    ).join(''),
  },
});
const web = makeChart({ name: 'web', files: { 'templates/x.yaml': '{{ include "l0" . }}' } });
const idle = makeChart({ name: 'idle', files: { 'templates/x.yaml': '{{ include "l0" . }}' } });

function openFinder(steps: number) {
  const children = { common: { chart: library }, idle: { chart: idle } };
  const { plan, sources } = makePlan({ chart: web, children });
  const facts = createSourceFacts();
  const budget = { remaining: steps };
  const root = resolveTree(plan, sources);
  const places = listChartPlaces(root, composeTree(root, plan), facts);
  return { budget, find: createBorrowedReadsFinder(places, facts, budget), places };
}

it('reads of included definitions are found once for each source', () => {
  const { budget, find, places } = openFinder(1_000);
  const [root] = places;
  const source = root?.source ?? web;
  const reads = find(source);
  expect(reads.map(({ read }) => read.path[0])).toEqual(Array.from({ length: 10 }, (_, at) => `v${at}`));
  // A single include of the chart, then for each definition itself, its include and its read.
  expect(budget.remaining).toBe(1_000 - 1 - 10 * 3);
  expect(find(source)).toBe(reads);
  expect(budget.remaining).toBe(1_000 - 1 - 10 * 3);
});

it('the search for reads stops where the budget of the recipe is spent', () => {
  const { budget, find, places } = openFinder(10);
  const [root, ...others] = places.map(({ source }) => source);
  expect(find(root ?? web)).toHaveLength(3);
  expect(budget.remaining).toBe(0);
  const other = others.find(({ name }) => name === 'idle') ?? idle;
  expect(find(other)).toEqual([]);
  expect(budget.remaining).toBe(0);
});
