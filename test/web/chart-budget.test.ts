import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';

const built = fileURLToPath(new URL('dist/web/', packageFolder));
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
    const paths = new Set<string>();
    test.page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/-/assets/')) paths.add(pathname.slice('/-/'.length));
    });
    await test.visit('/-/charts/demo/plain');
    expect(await test.page.locator('.markdown').innerText()).toContain('Plain');
    const sizes = await Promise.all(
      [...paths].map(async (path) => (await stat(`${join(built, path)}.gz`)).size),
    );
    expect(paths.size).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(budget);
    test.expectClean();
  });
});
