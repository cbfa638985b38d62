import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { uploadExamples } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { findAxeViolations } from './support/look.ts';
import type { TestPage } from './support/page.ts';

describe.runIf(hasChromium())('the page on a phone, by taps', () => {
  const ground = useGround(async (registry) => {
    await uploadExamples(registry);
    const keywords = ['storage'];
    for (const name of ['web', 'postgresql', 'redis', 'queue'])
      await registry.upload('lib', {
        name,
        values: { replicas: 1 },
        manifest: name === 'redis' ? { keywords } : {},
      });
  });

  /** Waits until the top of an element is in the window. */
  async function waitInSight({ page }: TestPage, element: Locator): Promise<void> {
    await element.waitFor();
    const height = page.viewportSize()?.height ?? 0;
    const topOf = async () => (await element.boundingBox())?.y ?? -1;
    await expect.poll(topOf, { message: `top of ${element}` }).toBeGreaterThanOrEqual(0);
    await expect.poll(topOf, { message: `top of ${element}` }).toBeLessThan(height - 20);
  }

  /** Checks a page as it stands, and closes it. */
  async function finish(test: TestPage): Promise<void> {
    await test.whenStill();
    expect(await findAxeViolations(test.page)).toEqual([]);
    expect(await test.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    test.expectClean();
    await test.close();
  }

  it('the install command, facts and headings stand above a README of any length', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/charts/demo/shop/1.1.0');
    const readme = page.locator('.markdown');
    await page.locator('summary', { hasText: 'Install and facts' }).tap();
    const command = page.getByRole('region', { name: 'Facts' }).locator('pre').first();
    await waitInSight(test, command);
    expect(await command.textContent()).toContain('helm install');
    await page.getByRole('region', { name: 'Facts' }).getByText('Newer base').waitFor();
    await page.locator('summary', { hasText: 'On this page' }).tap();
    await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Values' }).tap();
    await waitInSight(test, readme.getByRole('heading', { name: 'Values' }));
    await finish(test);
  });

  it('a tap on a key of the values shows what is known of it', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/charts/demo/shop/1.1.0');
    await page.getByRole('navigation', { name: 'About shop' }).getByRole('link', { name: 'Values' }).tap();
    await page.getByRole('treeitem', { name: /^replicas/ }).tap();
    await waitInSight(test, page.getByText('Number of pods that run'));
    await page.getByRole('searchbox', { name: 'Search values' }).fill('port');
    await page.getByRole('treeitem', { name: /^port/ }).tap();
    await waitInSight(test, page.getByText('Port of the database'));
    await finish(test);
  });

  it('four charts are composed, one of them renamed, and their job is found', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/compose');
    await page.getByLabel('Space', { exact: true }).fill('lib');
    await page.getByLabel('Name', { exact: true }).fill('bazaar');
    for (const name of ['web', 'postgresql', 'redis', 'queue']) {
      const field = page.getByRole('combobox', { name: 'Add a chart below the root' });
      await field.tap();
      await field.fill(name);
      await page.getByRole('option', { name: new RegExp(`^${name} .*lib$`) }).tap();
      await page.getByRole('treeitem', { name: new RegExp(`^${name} `) }).waitFor();
    }
    const row = page.getByRole('treeitem', { name: /^postgresql / });
    await row.tap();
    const name = page.getByLabel('Name in the new chart');
    await waitInSight(test, name);
    await name.fill('db');
    await page.getByRole('button', { name: '↑ Charts' }).tap();
    await waitInSight(test, page.getByRole('treeitem', { name: /^db / }));
    await page.getByText('Ready to compose from 4 charts').waitFor();
    await page.getByRole('button', { name: 'Compose', exact: true }).tap();
    const chart = page.getByRole('heading', { name: 'bazaar', exact: true });
    const toChart = page.getByRole('link', { name: 'Open the chart' });
    await chart.or(toChart).first().waitFor();
    await test.visit('/-/jobs');
    await page
      .getByRole('table', { name: 'Jobs' })
      .getByRole('link', { name: /^bazaar/ })
      .tap();
    await toChart.tap();
    await chart.waitFor();
    await finish(test);
  });

  it('a search is narrowed by a filter, and leads to a chart', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/search');
    const filters = page.getByRole('navigation', { name: 'Filters' });
    const found = page.getByRole('main').getByRole('link', { name: 'redis', exact: true });
    await page.locator('summary', { hasText: 'Filters' }).tap();
    await filters.getByRole('link', { name: /^storage/ }).tap();
    await page.waitForURL('**/-/search?keyword=storage');
    await found.waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'queue', exact: true }).count()).toBe(0);
    await found.tap();
    await page.getByRole('heading', { name: 'redis', exact: true }).waitFor();
    await finish(test);
  });

  it('an archive is uploaded, and its row leads to the chart', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/spaces/lib');
    await page.locator('summary', { hasText: 'Upload charts' }).tap();
    await waitInSight(test, page.getByRole('button', { name: 'Choose files' }));
    const buffer = await packChart({ name: 'pocket' });
    const file = { name: 'pocket.tgz', mimeType: 'application/gzip', buffer };
    await page.getByLabel('Chart archives').setInputFiles([file]);
    await page.getByRole('link', { name: 'pocket 1.0.0' }).tap();
    await page.getByRole('heading', { name: 'pocket', exact: true }).waitFor();
    await finish(test);
  });
});
