import { beforeAll, describe, expect, it } from 'vitest';
import { hasPublicCharts, publicArchives, readPublicArchives } from '../support/helm/public-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { findAxeViolations } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const tabs = [
  'readme',
  'install',
  'values',
  'templates',
  'files',
  'dependencies',
  'versions',
  'lineage',
  'provenance',
];

const canRun = hasChromium() && hasPublicCharts;

describe.runIf(canRun)('public charts (left out where the folder ../shared/charts is absent)', () => {
  const ground = useGround(
    async (registry) => {
      for (const archive of await readPublicArchives()) await registry.upload('public', archive);
    },
    { worker: false },
  );
  let test: TestPage;
  beforeAll(async () => {
    test = await ground.open({ width: 390 });
  });

  it.each(publicArchives().map(({ name }) => name))(
    'each tab of %s is shown without a complaint, and axe finds nothing',
    async (chart) => {
      const { page } = test;
      await test.visit(`/-/charts/public/${chart}`);
      for (const tab of tabs) {
        if (tab !== 'readme') await page.locator(`.chart-page .tabs a[href$="tab=${tab}"]`).click();
        await page.waitForURL((url) => (url.searchParams.get('tab') ?? 'readme') === tab);
        await test.whenStill();
        expect(await page.getByRole('alert').count(), tab).toBe(0);
        expect(await page.evaluate('document.documentElement.scrollWidth'), tab).toBeLessThanOrEqual(390);
        expect(await findAxeViolations(page), tab).toEqual([]);
      }
      test.expectClean();
    },
    120_000,
  );
});
