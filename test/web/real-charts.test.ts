import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { findAxeViolations } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const folder = fileURLToPath(new URL('../shared/charts/', packageFolder));
const archives = existsSync(folder)
  ? (await readdir(folder)).filter((name) => name.endsWith('.tgz')).sort()
  : [];

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

describe.runIf(hasChromium())('public charts', () => {
  if (archives.length === 0) it.skip(`there are no charts in ${folder}`);

  const ground = useGround(
    async (registry) => {
      for (const name of archives) await registry.upload('public', await readFile(`${folder}${name}`));
    },
    { worker: false },
  );
  let test: TestPage;
  beforeAll(async () => {
    if (archives.length > 0) test = await ground.open({ width: 390 });
  });

  it.each(archives)('%s: each tab is shown without a complaint, and axe finds nothing', async (archive) => {
    const [, chart] = /^(.+)-\d+\.\d+\.\d+\.tgz$/.exec(archive) ?? [];
    const { page } = test;
    await test.visit(`/-/charts/public/${chart}`);
    for (const tab of tabs) {
      if (tab !== 'readme') await page.locator(`.tabs a[href*="tab=${tab}"]`).click();
      await page
        .locator(
          `.chart-page .tabs a[aria-current][href${tab === 'readme' ? `$="${chart}"` : `*="tab=${tab}"`}]`,
        )
        .waitFor();
      await test.whenStill();
      expect(await page.getByRole('alert').count(), tab).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth'), tab).toBeLessThanOrEqual(390);
      expect(await findAxeViolations(page), tab).toEqual([]);
    }
    test.expectClean();
  });
});
