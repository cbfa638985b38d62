import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { fillDetails } from '../support/detail-rows.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const paragraph = `${'A sentence of **words** with [a link](https://example.org) and `code`. '.repeat(6)}\n\n`;
const readme = Array.from({ length: 4_600 }, (_, at) => `## Part ${at}\n\n${paragraph}`).join('');
const keys = Object.fromEntries(
  Array.from({ length: 100 }, (_, group) => [
    `group${group}`,
    Object.fromEntries(
      Array.from({ length: 50 }, (_, key) => [`key${key}`, `value ${group} ${key} ${'x'.repeat(40)}`]),
    ),
  ]),
);
const nested = `${'> '.repeat(400)}deep\n\n${'['.repeat(20_000)}\n\n${'*a_'.repeat(20_000)}\n`;

describe.runIf(hasChromium())('large charts', () => {
  const ground = useGround(async (registry) => {
    await registry.upload('demo', { name: 'large', files: { 'README.md': readme }, values: keys });
    await registry.upload('demo', { name: 'nested', files: { 'README.md': nested } });
    await fillDetails(registry.db, { space: 'deep', charts: 1, versions: 5_000 });
    // All of them have an archive that is there.
    await registry.db.query(
      `UPDATE versions v SET digest = n.digest, size = n.size FROM versions n, charts c, charts d
        WHERE n.chart_id = c.id AND c.name = 'nested' AND v.chart_id = d.id AND d.name = 'chart-00001'`,
      [],
    );
  });
  let test: TestPage;
  beforeAll(async () => {
    test = await ground.open();
  });

  it('a README of 2 MB shows its beginning, and all of it when asked', async () => {
    expect(readme.length).toBeGreaterThan(1_900_000);
    await test.visit('/-/charts/demo/large');
    const parts = test.page.locator('.markdown h3');
    await expect.poll(() => parts.count()).toBeGreaterThan(10);
    expect(await parts.count()).toBeLessThan(1_000);
    await test.page.getByRole('button', { name: /^Show all/ }).click();
    // The page answers while the rest is rendered: another tab opens, and the way back too.
    await test.page.getByRole('link', { name: 'Install', exact: true }).click();
    await test.page.locator('.install').waitFor();
    await test.page.goBack();
    await test.page.getByRole('button', { name: /^Show all/ }).click();
    await test.page.locator('#user-content-part-4599').waitFor({ state: 'attached', timeout: 40_000 });
    await expect.poll(() => parts.count()).toBe(4_600);
    // The button has gone, and the focus is at what it has shown.
    const focused = () =>
      test.page.evaluate('document.activeElement.closest(".markdown > section")?.tabIndex');
    await expect.poll(focused).toBe(-1);
    test.expectClean();
  });

  it('a README that is made to take long is shown, as text where it must', async () => {
    await test.visit('/-/charts/demo/nested');
    await expect.poll(() => test.page.locator('.markdown').innerText()).toContain('deep');
    test.expectClean();
  });

  it('5,000 keys in 300 kB draw only the rows that are seen', async () => {
    await test.visit('/-/charts/demo/large?tab=values');
    await test.page.getByRole('button', { name: 'Open all' }).click();
    const rows = test.page.getByRole('treeitem');
    await rows.nth(30).waitFor();
    expect(await rows.count()).toBeLessThan(100);
    await test.page.getByRole('searchbox', { name: 'Search values' }).fill('group99.key49');
    await test.page.getByText('1 key', { exact: true }).waitFor();
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(2);
    test.expectClean();
  });

  it('a chart of 5,000 versions is paged, filtered and compared at its end', async () => {
    const { page } = test;
    // Its icon is at an address that leads nowhere.
    test.allow(/\/icon/);
    const rows = page.getByRole('table', { name: 'Versions' }).locator('tbody tr');
    await test.visit('/-/charts/deep/chart-00001/1.2.0?tab=versions');
    await page.getByText(/ of 5,000 versions$/).waitFor();
    expect(await rows.count()).toBeLessThanOrEqual(100);
    const chooser = page.getByRole('combobox', { name: 'Version' });
    await expect.poll(() => chooser.inputValue()).toBe('1.2.0');
    expect(await chooser.getByRole('option').count()).toBeLessThanOrEqual(102);
    await page.getByRole('searchbox', { name: 'SemVer range' }).fill('<=1.2');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect.poll(() => rows.count()).toBe(2);
    await test.visit('/-/charts/deep/chart-00001/1.2.0?tab=versions&start=4950');
    await expect.poll(() => rows.last().innerText()).toContain('1.1.0');
    await page
      .getByRole('navigation', { name: 'About chart-00001' })
      .getByRole('link', { name: 'Compare' })
      .click();
    await expect.poll(() => page.getByLabel('From').inputValue()).toBe('1.1.0');
    await page.getByText('have the same content').or(page.locator('.compare-part')).first().waitFor();
    test.expectClean();
  });

  it('values of 300 kB are looked through, changed and tried in the composer', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/compose?add=demo%2Flarge');
    await page.getByRole('treeitem', { name: /^large / }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('larger');
    await page.locator('.node-form summary', { hasText: 'Defaults' }).click();
    await expect.poll(() => page.locator('.node-form pre').textContent()).toContain('value 99 49');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('group99:\nkey49: mine');
    await page.getByText('Ready to compose from 1 chart').waitFor();
    await page.getByText('Values of the new chart').click();
    await expect.poll(() => page.locator('.result pre').textContent()).toContain('key49: mine');
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    await expect.poll(() => page.getByLabel('Text of the recipe').inputValue()).toContain('key49: mine');
    test.expectClean();
    await test.close();
  });

  it('many archives at once have a row each, and the list that they make is read from the top of each page', async () => {
    const { page } = test;
    const archives = await Promise.all(
      Array.from({ length: 60 }, (_, at) => packChart({ name: `chart-${at}` })),
    );
    const files = [Buffer.from('no archive'), ...archives, Buffer.from('')].map((buffer, at) => ({
      name: `chart-${at}.tgz`,
      mimeType: 'application/gzip',
      buffer,
    }));
    await test.visit('/-/spaces/demo');
    await page.getByText('Upload charts', { exact: true }).click();
    test.allow(/status of 4\d\d/);
    await page.getByLabel('Chart archives').setInputFiles(files);
    const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(files.length);
    const end = page.getByRole('heading', { name: '60 of 62 uploaded, 2 refused' });
    await end.waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Retry all 2' }).click();
    await end.waitFor();
    const charts = page.getByRole('list', { name: 'Charts of demo' });
    await page.getByRole('link', { name: 'Next →' }).click();
    await page.getByText('26–50 of 62 charts').waitFor();
    await expect.poll(() => charts.boundingBox().then((box) => (box?.y ?? -1) >= 0)).toBe(true);
    await test.visit('/-/spaces/demo?start=5000');
    await page.getByRole('link', { name: 'Go to the first page' }).click();
    await page.getByText('1–25 of 62 charts').waitFor();
    test.expectClean();
  });

  it('uploads go on while another part of the page is shown, and leaving the page asks first', async () => {
    const test = await ground.open();
    const { page } = test;
    test.allow(/status of 4\d\d/);
    const pack = async (name: string) => ({
      name: `${name}.tgz`,
      mimeType: 'application/gzip',
      buffer: await packChart({ name }),
    });
    const files = await Promise.all(['held-0', 'held-1', 'held-2'].map(pack));
    const broken = { name: 'held.tgz', mimeType: 'application/gzip', buffer: Buffer.from('no archive') };
    // No archive is answered until the test lets it.
    let letThrough = () => {};
    let isLoggedOut = false;
    const held = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route('**/api/v1/spaces/demo/charts', async (route) => {
      await held;
      await (isLoggedOut
        ? route.fulfill({ status: 401, json: { code: 'credentials.missing', message: 'Log in' } })
        : route.continue());
    });
    const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
    const heading = (text: string) => page.getByRole('heading', { name: text });
    await test.visit('/-/spaces/demo');
    await page.getByText('Upload charts', { exact: true }).click();
    await page.getByLabel('Chart archives').setInputFiles([...files, broken]);
    await page.getByRole('progressbar', { name: 'Sending held-0.tgz' }).waitFor();
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await pages.getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
    await page.goBack();
    await heading('0 of 4 uploaded').waitFor();
    const asked = page.waitForEvent('dialog');
    await page.evaluate('void setTimeout(() => location.reload())');
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await rows.count()).toBe(4);
    letThrough();
    await heading('3 of 4 uploaded, 1 refused').waitFor();
    await rows.getByText(/\(request \S+\)/).waitFor();

    // A session that ends on the way: the files stay, and are sent again after a log-in elsewhere.
    isLoggedOut = true;
    await page.getByLabel('Chart archives').setInputFiles(await Promise.all(['late-0', 'late-1'].map(pack)));
    await heading('3 of 6 uploaded, 3 refused').waitFor();
    const logIn = page.getByRole('alert').getByRole('link', { name: 'in another tab' });
    expect(await logIn.getAttribute('target')).toBe('_blank');
    await lookAt(test, 'uploads-logged-out');
    isLoggedOut = false;
    const isFocused = (place: Locator) => place.evaluate((element) => element.matches(':focus'));
    await page.getByRole('button', { name: 'Retry all 3' }).click();
    await expect.poll(() => isFocused(page.getByRole('list', { name: 'Files' }))).toBe(true);
    await heading('5 of 6 uploaded, 1 refused').waitFor();
    await logIn.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear the list' }).click();
    await expect.poll(() => rows.count()).toBe(0);
    await expect.poll(() => isFocused(page.getByRole('region', { name: 'Upload charts' }))).toBe(true);
    test.expectClean();
    await test.close();
  });

  it('a file of many lines colours those that are seen, and finds all', async () => {
    await test.visit('/-/charts/demo/large?tab=values&view=file&line=4900');
    await expect
      .poll(() => test.page.locator('.code [data-current]').innerText())
      .toMatch(/key\d+: value \d+/);
    const coloured = await test.page.locator('.code [data-line]').count();
    expect(coloured).toBeLessThan(1_500);
    await test.page.getByLabel('Search in this text').fill('group42');
    await test.page.getByText('1 line', { exact: true }).waitFor();
    test.expectClean();
  });
});
