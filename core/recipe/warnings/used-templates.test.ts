import { expect, it } from 'vitest';
import { makeChart } from '../compose.fixture.ts';
import { findWinningDefinitions } from './shadowed-templates.ts';
import { createSourceFacts } from './source-facts.ts';
import { createUsedTemplatesFinder } from './used-templates.ts';

const files = Array.from({ length: 10 }, (_, at): [string, string] => [
  `templates/_${at}.tpl`,
  `{{ define "l${at}" }}{{ include "l${at + 1}" . }}{{ end }}`,
]);
const library = makeChart({ name: 'common', files: Object.fromEntries(files) });
const web = makeChart({ name: 'web', files: { 'templates/x.yaml': '{{ include "l0" . }}' } });

function openFinder(steps: number) {
  const facts = createSourceFacts();
  const budget = { remaining: steps };
  const providers = findWinningDefinitions([{ source: library, path: ['common'] }], facts);
  return { budget, providers, find: createUsedTemplatesFinder(facts, budget) };
}

it('names that a chart includes through other files are found once', () => {
  const { budget, providers, find } = openFinder(1_000);
  const names = find(web, providers);
  expect([...names]).toEqual(Array.from({ length: 11 }, (_, at) => `l${at}`));
  // Each definition and its include, then each name once for the caller.
  expect(budget.remaining).toBe(1_000 - 10 * 2 - 11);
  expect(find(web, providers)).toBe(names);
  expect(budget.remaining).toBe(1_000 - 10 * 2 - 2 * 11);
});

it('the search for names stops where the budget of the recipe is spent', () => {
  const { providers, find } = openFinder(4);
  expect([...find(web, providers)]).toEqual(['l0', 'l1', 'l2']);
  expect(find(web, providers).size).toBe(0);
});
