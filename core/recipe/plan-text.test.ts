import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlannedNode } from './plan.ts';
import { isPlanParsed, toPlanOfTexts, writePlan } from './plan-text.ts';

const name = fc.string({ minLength: 1, maxLength: 4 });
const stored = fc.record({
  kind: fc.constant('stored' as const),
  space: name,
  chart: name,
  version: name,
  digest: fc.constant(`sha256:${'0'.repeat(64)}` as const),
});
const inside = fc.record({ kind: fc.constant('subchart' as const), chart: name, version: name });
const config = fc.option(
  fc.dictionary(
    fc.string(),
    fc
      .jsonValue()
      .map((value): string | number => (typeof value === 'number' ? value : JSON.stringify(value))),
  ),
  { nil: undefined },
);
const nodeOf = (child: fc.Arbitrary<PlannedNode>, maxLength: number): fc.Arbitrary<PlannedNode> =>
  fc
    .record({
      source: fc.oneof(stored, inside),
      keep: fc.boolean(),
      config,
      children: fc.array(fc.record({ name, node: child }), { maxLength }),
    })
    .map(({ source, keep, config, children }) => ({
      source,
      ...(keep ? { keep: true as const } : {}),
      ...(config ? { config } : {}),
      children,
    }));
const leaf: fc.Arbitrary<PlannedNode> = fc.constant({
  source: { kind: 'subchart', chart: 'a', version: '1' },
  children: [],
});
const node = nodeOf(nodeOf(nodeOf(leaf, 1), 2), 2);
const plan = fc.record({ description: fc.option(fc.string(), { nil: undefined }), root: node }).map(
  ({ description, root }): Plan => ({
    space: 'lib',
    chart: 'made',
    version: '1.0.0',
    ...(description === undefined ? {} : { description }),
    values: 'merge',
    root,
  }),
);

describe('the text of a plan', () => {
  it('the text of a plan is what JSON.stringify gives, whether its configurations are objects or texts', () => {
    fc.assert(
      fc.property(plan, (given) => {
        const text = JSON.stringify(given);
        expect(writePlan(given)).toBe(text);
        expect(writePlan(toPlanOfTexts(given))).toBe(text);
      }),
    );
  });

  it('the text of a plan has configurations of objects where none is a text', () => {
    fc.assert(
      fc.property(plan, (given) => {
        expect(isPlanParsed(given)).toBe(true);
        const texts = toPlanOfTexts(given);
        expect(isPlanParsed(texts)).toBe(!JSON.stringify(given.root).includes('"config":{'));
      }),
    );
  });
});
