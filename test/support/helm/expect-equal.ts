import { expect } from 'vitest';
import type { RenderedPair } from './render.ts';

/**
 * Expects that Helm rendered its own chart, and the composed one alike.
 *
 * @param madeUp what the charts make up anew for each rendering; no other line may go uncompared
 */
export function expectEqual(rendered: RenderedPair, madeUp = /password: /): void {
  const { differences, own, compared, excluded } = rendered;
  expect(differences.join('\n\n')).toBe('');
  expect(own.passed, own.stderr).toBe(true);
  expect(compared).toBeGreaterThan(10);
  for (const line of excluded) expect(line).toMatch(madeUp);
}
