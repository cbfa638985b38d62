import { expect, it } from 'vitest';
import { digestOf, makeChart, makePlan } from './compose.fixture.ts';
import { parseRecipe } from './parse.ts';
import { createGaps, fillGaps } from './part-gaps.ts';
import type { StoredSource } from './plan.ts';

const web = makeChart({ name: 'web' });
const { plan } = makePlan({ chart: web, keep: true });
const recipe = parseRecipe(
  {
    save: { chart: 'shop', version: '2.0.0' },
    configs: {
      package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0', subcharts: 'resolve' },
    },
  },
  { space: 'shops', values: 'merge' },
);
const stored = (space: string, chart: string, version: string): StoredSource => ({
  kind: 'stored',
  space,
  chart,
  version,
  digest: digestOf(web),
});

it('the new chart cannot be a part of itself', () => {
  const [gap] = createGaps(recipe, plan).values();
  if (!gap) throw new Error('the root opened no gap');
  const absent = { gap, entry: { name: 'shop', version: '>=1' } };
  const older = stored('shops', 'shop', '1.0.0');
  expect(fillGaps([absent], new Map([[absent, older]]))).toMatchObject([{ source: older, depth: 2 }]);
  expect(() => fillGaps([absent], new Map([[absent, stored('shops', 'shop', '2.0.0')]]))).toThrow(
    'shops/shop/2.0.0 → lib/web/1.0.0 → shops/shop/2.0.0',
  );
});
