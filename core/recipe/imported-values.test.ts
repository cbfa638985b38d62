import { describe, expect, it } from 'vitest';
import type { Chart } from '../chart/chart.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composeTree } from './compose-tree.ts';
import { importedValues } from './imported-values.ts';
import { resolveTree } from './resolve-tree.ts';

function composed(root: NodeSpec, values: 'merge' | 'replace' = 'merge') {
  const { plan, sources } = makePlan(root, { values });
  return composeTree(resolveTree(plan, sources), plan);
}

const leaf = makeChart({ name: 'leaf', values: 'exports: {data: {host: h}}\ninner: {a: 1, b: 2}\n' });
const mid = makeChart({
  name: 'mid',
  values: 'own: 1\n',
  dependencies: [{ name: 'leaf', 'import-values': ['data', { child: 'inner', parent: 'got.it' }] }],
});
const top = makeChart({
  name: 'top',
  dependencies: [{ name: 'mid', alias: 'm', 'import-values': [{ child: 'got', parent: '.' }] }],
});
const below = { leaf: { chart: leaf } };

describe('a null in a recipe', () => {
  it('a null stays only where an import would bring back the value that it removes', () => {
    const config = { host: null, own: null, other: null, got: { it: { a: null, c: null } } };
    expect(composed({ chart: mid, config, children: below }).values).toEqual({
      host: null,
      got: { it: { a: null } },
    });
  });

  it('a null stays in the values of the chart that imports, whichever node sets it', () => {
    const chart = composed({
      chart: top,
      config: { m: { host: null } },
      children: { m: { chart: mid, config: { got: null }, children: below } },
    });
    expect(chart.values).toEqual({ m: {} });
    expect(chart.subcharts[0]?.values).toEqual({ own: 1, host: null, got: null });
  });

  it('a null stays against a value that is imported through another chart', () => {
    const children = { m: { chart: mid, children: below } };
    expect(composed({ chart: top, config: { it: { b: null, d: null } }, children }).values).toEqual({
      it: { b: null },
    });
  });

  it("a null goes if nothing is imported, or if the recipe's values are the only ones", () => {
    expect(composed({ chart: mid, config: { host: null } }).values).toEqual({ own: 1 });
    expect(composed({ chart: mid, config: { host: null }, children: below }, 'replace').values).toEqual({});
  });
});

describe('importedValues', () => {
  it('importedValues refuses a place that is too deep', () => {
    const parent = `${'a.'.repeat(100_000)}a`;
    const chart = makeChart({
      name: 'deep',
      dependencies: [{ name: 'leaf', 'import-values': [{ child: 'inner', parent }] }],
      subcharts: [leaf],
    });
    expect(() => importedValues(chart)).toThrow(expect.objectContaining({ code: 'values.invalid' }));
  });

  it('importedValues computes the imports of a subchart once for all entries that name it', () => {
    // Ten entries on each of twelve levels would take longer than the universe has.
    const entries = Array.from({ length: 10 }, (_, index) => ({
      ...{ name: 'c', version: '9.9.9', alias: `c${index}` },
      'import-values': ['data'],
    }));
    const levels = Array.from({ length: 12 }).reduce<Chart>(
      (inner) => makeChart({ name: 'c', dependencies: entries, subcharts: [inner] }),
      makeChart({ name: 'c' }),
    );
    expect(importedValues(levels)).toEqual({});
  });
});
