import { expect, it } from 'vitest';
import { makeChart } from '../compose.fixture.ts';
import { createSourceFacts } from './source-facts.ts';
import { createSwitchedValues } from './switched-values.ts';

const db = makeChart({ name: 'db', values: 'user: bn\n' });
const dependencies = [{ name: 'db', version: '1.0.0', condition: 'db.enabled' }];
const app = makeChart({ name: 'app', values: 'db: {enabled: false}\n', dependencies, subcharts: [db] });

it('values that switch on a subchart are computed once for a source under the same values', () => {
  const budget = { remaining: 1_000 };
  const compute = createSwitchedValues(createSourceFacts(), budget);
  const values = compute(app, { db: { enabled: true, gone: null } });
  expect(values).toMatchObject({ db: { enabled: true, user: 'bn' } });
  const { remaining } = budget;
  expect(remaining).toBeLessThan(1_000);
  expect(compute(app, { db: { enabled: true } })).toBe(values);
  expect(budget.remaining).toBe(remaining);
  expect(compute(app, { db: { enabled: true, user: 'x' } })).toMatchObject({ db: { user: 'x' } });
  expect(budget.remaining).toBeLessThan(remaining);
});

it('sources of a recipe share one budget, and have no such values once it is spent', () => {
  const budget = { remaining: 1_000 };
  const compute = createSwitchedValues(createSourceFacts(), budget);
  const values = Array.from({ length: 1_000 }, (_, size) => compute(app, { size, db: { enabled: true } }));
  expect(values[0]).toBeDefined();
  expect(values.at(-1)).toBeUndefined();
  expect(budget.remaining).toBeLessThanOrEqual(0);
  expect(budget.remaining).toBeGreaterThan(-100);
});

it('a source without subcharts that are off costs nothing', () => {
  const budget = { remaining: 1_000 };
  const compute = createSwitchedValues(createSourceFacts(), budget);
  expect(compute(db, { user: 'x' })).toBeUndefined();
  expect(budget.remaining).toBe(1_000);
});
