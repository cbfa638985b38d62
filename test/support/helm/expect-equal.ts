import { expect } from 'vitest';
import type { RenderedPair } from './render.ts';

/**
 * Expects that Helm rendered its own chart and the composed one alike.
 *
 * @param generated matches lines that are generated anew in each rendering; no other line may be excluded
 */
export function expectEqual(rendered: RenderedPair, generated = /password: /): void {
  const { differences, own, compared, excluded } = rendered;
  expect(differences.join('\n\n')).toBe('');
  expect(own.passed, own.stderr).toBe(true);
  expect(compared).toBeGreaterThan(10);
  for (const line of excluded) expect(line).toMatch(generated);
}
