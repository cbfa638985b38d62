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

  /** Waits until the middle of an element is in the window, and nothing lies on it. */
  async function waitUncovered(element: Locator): Promise<void> {
    const isOnTop = async () => {
      const box = await element.boundingBox();
      if (!box) return false;
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      return element.evaluate(
        (wanted, { x, y }) => wanted.contains(wanted.ownerDocument.elementFromPoint(x, y)),
        middle,
      );
    };
    await expect.poll(isOnTop, { message: `${element} is seen` }).toBe(true);
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
    const replicas = page.getByRole('treeitem', { name: /^replicas/ });
    await replicas.tap();
    await waitInSight(test, page.getByText('Number of pods that run'));
    await waitUncovered(replicas);
    // A row far down the tree, too.
    await page.getByRole('button', { name: 'Open all' }).tap();
    const last = page.getByRole('treeitem').last();
    await last.tap();
    await waitInSight(test, page.getByRole('complementary', { name: 'Chosen key' }).getByRole('heading'));
    await waitUncovered(last);
    await page.getByRole('searchbox', { name: 'Search values' }).fill('port');
    await page.getByRole('treeitem', { name: /^port/ }).tap();
    await waitInSight(test, page.getByText('Port of the database'));
    await finish(test);
  });

  it('versions are narrowed and compared', async () => {
    const test = await ground.open({ phone: true });
    const { page } = test;
    await test.visit('/-/charts/demo/shop/1.1.0');
    await page.getByRole('navigation', { name: 'About shop' }).getByRole('link', { name: 'Versions' }).tap();
    const versions = page.getByRole('table', { name: 'Versions' });
    const rows = versions.locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(3);
    await page.getByLabel('Pre-releases').tap();
    await expect.poll(() => rows.count()).toBe(2);
    const compare = versions.getByRole('link', { name: 'Compare 1.0.0 with 1.1.0' });
    // Links are seen without dragging the table to the side.
    await compare.scrollIntoViewIfNeeded();
    await waitUncovered(compare);
    await compare.tap();
    const diff = page.getByRole('region', { name: 'Changes of values.yaml' });
    await expect.poll(() => diff.innerText()).toContain('tag: "1.1"');
    await page.getByRole('button', { name: 'Swap the versions' }).tap();
    await page.waitForURL('**from=1.1.0&to=1.0.0**');
    await page.getByRole('combobox', { name: 'Version' }).selectOption('1.0.0');
    await page.waitForURL('**/shop/1.0.0?tab=compare**');
    await finish(test);
  });

  it('what a chart was made from is read, and composed again from the list of what is out of date', async () => {
    const { upload, orchestrate, api } = ground.registry();
    // A second try of the test has charts of its own.
    const [part, plaza] = [`part-${Date.now()}`, `plaza-${Date.now()}`];
    const source = (chart: string, version: string) => ({
      package: { independent: true, space: 'demo', chart, version },
    });
    await upload('demo', { name: part, version: '1.0.0' });
    const composed = await orchestrate('demo', {
      save: { chart: plaza, version: '1.0.0' },
      configs: { ...source('shop', '1.0.0'), part: source(part, '^1') },
    });
    expect(composed.status).toBe(201);
    await upload('demo', { name: part, version: '1.1.0' });
    const test = await ground.open({ phone: true });
    const { page } = test;
    // The chart has no follow, so the registry answers 404.
    test.allow(/status of 404/);
    await test.visit(`/-/charts/demo/${plaza}?tab=lineage`);
    const sources = page.getByRole('region', { name: 'Made from' });
    await sources.getByRole('link', { name: 'demo/shop 1.0.0' }).tap();
    await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
    const made = page
      .getByRole('region', { name: 'Made into' })
      .getByRole('link', { name: `demo/${plaza} 1.0.0` });
    await page.getByRole('navigation', { name: 'About shop' }).getByRole('link', { name: 'Made into' }).tap();
    await made.tap();
    await sources.getByRole('button', { name: 'Compose again' }).waitFor();
    const listed = async () => (await api('/outdated?state=outdated')).text();
    await expect.poll(listed, { timeout: 45_000 }).toContain(`"${plaza}"`);
    await test.visit('/-/outdated');
    const row = page.getByRole('listitem').filter({ hasText: plaza }).first();
    await row.getByText('Follow its sources').tap();
    await row.getByText('No follow is set').waitFor();
    await row.getByRole('checkbox', { name: `Choose ${plaza} 1.0.0` }).tap();
    await page.getByRole('button', { name: 'Compose 1 again' }).tap();
    await row.getByText('succeeded').waitFor();
    await row.getByRole('link', { name: '1.0.1' }).tap();
    await page.getByRole('link', { name: 'Open the chart' }).tap();
    await page.getByRole('heading', { name: plaza, exact: true }).waitFor();
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
