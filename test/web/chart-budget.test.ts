import { describe, expect, it } from 'vitest';
import { uploadExamples } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { followLoadedBytes } from './support/loaded-bytes.ts';

const budget = 90_000;

describe.runIf(hasChromium())('first load of the page of a chart', () => {
  const ground = useGround(uploadExamples);

  it.each([
    { view: 'README, and the lists of annotations', path: '/-/charts/demo/shop/1.1.0', shows: 'Newer base' },
    {
      view: 'values',
      path: '/-/charts/demo/shop/1.1.0?tab=values&path=/replicas',
      shows: 'Number of pods that run',
    },
    { view: 'comparison', path: '/-/charts/demo/shop/1.1.0?tab=compare', shows: 'image.tag' },
    { view: 'graph of sources', path: '/-/charts/demo/mall/1.0.0?tab=lineage', shows: 'database' },
  ])(`code and styles are at most ${budget} bytes, compressed: $view`, async ({ path, shows }) => {
    const test = await ground.open();
    const loaded = followLoadedBytes(test);
    await test.visit(path);
    await expect.poll(() => test.page.locator('main').innerText()).toContain(shows);
    const bytes = await loaded();
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(budget);
    test.expectClean();
    await test.close();
  });
});
