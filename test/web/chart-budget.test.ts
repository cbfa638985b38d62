import { describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { followLoadedBytes } from './support/loaded-bytes.ts';

const budget = 90_000;

describe.runIf(hasChromium())('first load of the page of a chart', () => {
  const ground = useGround(async (registry) => {
    await registry.upload('demo', {
      name: 'plain',
      files: { 'README.md': '# Plain\n\n```yaml\na: 1\n```\n' },
    });
  });

  it(`code and styles are at most ${budget} bytes, compressed`, async () => {
    const test = await ground.open();
    const loaded = followLoadedBytes(test);
    await test.visit('/-/charts/demo/plain');
    await expect.poll(() => test.page.locator('.markdown').innerText()).toContain('Plain');
    const bytes = await loaded();
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(budget);
    test.expectClean();
  });
});
