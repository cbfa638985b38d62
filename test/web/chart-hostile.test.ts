import { beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import {
  endlessChart,
  endlessName,
  findHarm,
  hostileChart,
  long,
  markup,
  reversed,
} from './support/hostile-chart.ts';
import { findAxeViolations, lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const tabs = [
  'readme',
  'install',
  'values',
  'templates',
  'files',
  'dependencies',
  'versions',
  'compare',
  'lineage',
  'provenance',
];

describe.runIf(hasChromium())('hostile charts', () => {
  const ground = useGround(async (registry) => {
    for (const chart of [hostileChart, { ...hostileChart, version: '1.1.0' }, endlessChart]) {
      const response = await registry.upload('demo', chart);
      if (response.status !== 201) throw new Error(await response.text());
    }
  });
  let test: TestPage;
  const foreign: string[] = [];
  beforeAll(async () => {
    test = await ground.open();
    const { url } = ground.registry();
    test.page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
  });

  it.each(tabs)('the tab %s of a hostile chart runs nothing and asks nobody else', async (tab) => {
    await test.visit(`/-/charts/demo/hostile/1.1.0?tab=${tab}`);
    expect(await test.page.evaluate(findHarm)).toEqual({
      isHarmed: false,
      addresses: [],
      frames: 0,
      handlers: 0,
      headings: 1,
    });
    await lookAt(test, `hostile-${tab}`);
    expect(foreign).toEqual([]);
  });

  it('text of a README cannot cover or imitate the page', async () => {
    await test.visit('/-/charts/demo/hostile/1.1.0');
    const markdown = test.page.locator('.markdown');
    expect(await markdown.locator('[class], [role="alert"], input, button, form').count()).toBe(0);
    expect(await markdown.locator('[id]:not([id^="user-content-"])').count()).toBe(0);
    expect(await markdown.locator('img').count()).toBe(0);
    await expect.poll(() => markdown.innerText()).toContain('pixel (image from tracker.example.org)');
    test.expectClean();
  });

  it('keys with any name can be chosen', async () => {
    await test.visit('/-/charts/demo/hostile/1.1.0?tab=values');
    for (const name of ['constructor', 'toString']) {
      await test.page.getByRole('treeitem', { name }).first().click();
      await test.page.getByRole('heading', { name, level: 2 }).waitFor();
    }
    expect(await test.page.evaluate(findHarm)).toMatchObject({ isHarmed: false, addresses: [] });
    test.expectClean();
  });
  it('hostile charts are composed: texts, keys and schemas run nothing, and a reload keeps them', async () => {
    const composing = await ground.open({ width: 360 });
    const { page } = composing;
    // Dry runs refuse the recipe in the middle of it.
    composing.allow(/status of 4\d\d .*dryRun=true/);
    const expectUnharmed = async () => {
      expect(await page.evaluate(findHarm)).toMatchObject({
        isHarmed: false,
        frames: 0,
        handlers: 0,
        headings: 1,
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      expect(await findAxeViolations(page)).toEqual([]);
    };
    const hostile = page.getByRole('treeitem', { name: /hostile/ });
    await composing.visit('/-/compose?add=demo%2Fhostile');
    await hostile.first().waitFor();
    await page.getByLabel('Name', { exact: true }).fill('tamed');
    await page.locator('.node-form summary', { hasText: 'Defaults' }).click();
    await expect.poll(() => page.locator('.node-form pre').textContent()).toContain('onerror');
    await page.getByText('toString').first().waitFor();
    // Keys that are attacks are completed, read and shown as text.
    const values = page.getByLabel('Values (YAML)');
    await values.click();
    await page.keyboard.insertText(
      `${JSON.stringify(markup)}: ${JSON.stringify(long)}\n${JSON.stringify(reversed)}: 1\ntoString: 1\n`,
    );
    await page.keyboard.press('Control+Space');
    const completions = page.locator('.cm-tooltip-autocomplete');
    await completions.waitFor();
    await page.keyboard.press('Escape');
    await completions.waitFor({ state: 'detached' });
    await page.getByText('Ready to compose from 1 chart').waitFor();
    await page.getByText('Values of the new chart').click();
    await expect.poll(() => page.locator('.result pre').textContent()).toContain(long);
    await expectUnharmed();
    // As the root, too, beside a name that is no name.
    await page.getByRole('treeitem').first().click();
    const begin = page.getByRole('combobox', { name: 'Begin with a chart instead' });
    await begin.fill('hostile');
    await begin.press('Enter');
    await page.getByText('From demo/hostile').waitFor();
    await hostile.last().click();
    await page.getByLabel('Name in the new chart').fill(`${markup}${reversed}`);
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    const text = page.getByLabel('Text of the recipe');
    await expect.poll(() => text.inputValue()).toContain(long);
    await page.getByRole('button', { name: 'JSON' }).click();
    await expect.poll(() => text.inputValue()).toContain(JSON.stringify(`${markup}${reversed}`));
    await text.fill(
      (await text.inputValue()).replace('"save": {', '"save": {\n"description": "\\u202Efish",'),
    );
    await expect.poll(() => page.getByLabel('Description').inputValue()).toBe('\u202Efish');
    await expectUnharmed();
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    await page.reload();
    await page.getByRole('treeitem').nth(1).click();
    await expect.poll(() => values.innerText()).toContain(long);
    await expectUnharmed();
    composing.expectClean();
    await composing.close();
  });

  it('a pattern of a schema that takes years stops neither the values nor the composer', async () => {
    const { page } = test;
    const values = '/-/charts/demo/endless/1.0.0?tab=values';
    await test.visit(`${values}&path=/${endlessName}`);
    await page.getByText('Key that the page has to show').first().waitFor();
    await test.visit(`${values}&view=schema`);
    await page.getByText('Key that the page has to show').first().waitFor();
    await test.visit('/-/compose?add=demo%2Fendless');
    await page.getByText('Key that the page has to show').first().waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(1);
    test.expectClean();
  });
});
