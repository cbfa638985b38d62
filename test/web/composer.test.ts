import { describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const schema = JSON.stringify({
  type: 'object',
  properties: {
    auth: {
      type: 'object',
      properties: { database: { type: 'string', description: 'Name of the database.' } },
    },
    replicas: { type: 'integer' },
  },
});

describe.runIf(hasChromium())('the composer', () => {
  const ground = useGround(async (registry) => {
    await registry.api('/spaces?space=shop', { method: 'POST' });
    const files = { 'values.schema.json': schema };
    for (const name of ['web', 'postgresql', 'redis', 'queue']) {
      const values = { replicas: 1, auth: { database: 'app' } };
      await registry.upload('lib', { name, version: '1.2.0', values, files });
    }
  });

  /** Opens the composer with the space and the name of the new chart filled in. */
  async function openComposer(): Promise<TestPage> {
    const test = await ground.open();
    await test.visit('/-/compose');
    await test.page.getByLabel('Space', { exact: true }).fill('shop');
    await test.page.getByLabel('Name', { exact: true }).fill('store');
    return test;
  }

  /** Adds a chart below the root by the keyboard. */
  async function addChart({ page }: TestPage, name: string): Promise<void> {
    await page.getByRole('treeitem').first().click();
    const field = page.getByRole('combobox', { name: /Add a chart below/ });
    await field.fill(name);
    await field.press('Enter');
    await page.getByRole('treeitem', { name: new RegExp(name) }).waitFor();
  }

  const ready = ({ page }: TestPage) => page.getByText(/Ready to compose from/);

  it('composes an umbrella of four charts with a renamed database and changed values', async () => {
    const test = await openComposer();
    const { page } = test;
    for (const name of ['web', 'postgresql', 'redis', 'queue']) await addChart(test, name);
    await page.getByRole('treeitem', { name: /postgresql/ }).click();
    await page.getByLabel('Name in the new chart').fill('db');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('auth:\ndatabase: shop');
    await ready(test).waitFor();
    await page.getByText('Values of the new chart').click();
    await lookAt(test, 'composer');
    await page.getByRole('button', { name: 'Compose', exact: true }).click();
    await page.waitForURL('**/-/charts/shop/store/0.1.0**');
    const values = await (
      await ground.registry().api('/spaces/shop/charts/store/versions/0.1.0/manifests/values')
    ).json();
    expect(values).toMatchObject({ db: { auth: { database: 'shop' }, replicas: 1 }, redis: { replicas: 1 } });
    test.expectClean();
  });

  it('keeps a recipe over a reload, and takes changes back', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'redis');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('replicas: [');
    await page.getByText(/^Line 1:/).waitFor();
    await page.reload();
    await page.getByRole('treeitem', { name: /redis/ }).click();
    await expect.poll(() => page.getByLabel('Values (YAML)').textContent()).toBe('replicas: [');
    await page.getByRole('button', { name: 'Remove' }).click();
    expect(await page.getByRole('treeitem').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await page.getByRole('treeitem').count()).toBe(2);
    test.expectClean();
  });

  it('is worked by the keyboard alone', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'web');
    await addChart(test, 'queue');
    const tree = page.getByRole('treeitem');
    await tree.nth(2).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => tree.nth(1).textContent()).toContain('queue');
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(() => tree.nth(2).getAttribute('aria-level')).toBe('3');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Delete');
    await expect.poll(() => tree.count()).toBe(1);
    test.expectClean();
  });

  it('tells an error at its node and its line', async () => {
    const test = await openComposer();
    const { page } = test;
    test.allow(/400/);
    await addChart(test, 'web');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('# how many\nreplicas: many');
    await page.getByText(/^Line 2:.*replicas/).waitFor();
    await page.getByRole('treeitem', { name: /web.*error/ }).waitFor();
    await lookAt(test, 'composer-error');
  });

  it('completes keys from the schema and the defaults', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'web');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('auth:\n');
    await expect
      .poll(async () => {
        await page.keyboard.press('Control+Space');
        return page.locator('.cm-tooltip-autocomplete').textContent({ timeout: 500 });
      })
      .toContain('database');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByLabel('Values (YAML)').innerText()).toContain('database:');
    test.expectClean();
  });

  it('shows the recipe as YAML and JSON, and follows what is written there', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'redis');
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    const text = page.getByLabel('Text of the recipe');
    await expect.poll(() => text.inputValue()).toContain('chart: redis');
    await lookAt(test, 'composer-recipe');
    await text.fill((await text.inputValue()).replace('redis:', 'cache:'));
    await page.getByRole('treeitem', { name: /cache/ }).waitFor();
    await page.getByRole('button', { name: 'JSON' }).click();
    await expect.poll(() => text.inputValue()).toContain('"cache"');
    await text.fill('{ "save": ');
    await page.getByText(/^Line 1:/).waitFor();
    test.expectClean();
  });

  it('loads the recipe of a composed version, and compares with it', async () => {
    const recipe = {
      save: { chart: 'loaded', version: '1.0.0' },
      configs: {
        web: {
          package: { independent: true, space: 'lib', chart: 'web', version: '^1' },
          _config: { replicas: 2 },
        },
      },
    };
    const composed = await ground.registry().api('/spaces/shop/compositions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=30' },
      body: JSON.stringify(recipe),
    });
    expect(composed.status).toBe(201);
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/compose?from=shop/loaded/1.0.0');
    await expect.poll(() => page.getByLabel('Version', { exact: true }).first().inputValue()).toBe('1.0.1');
    await page.getByRole('treeitem', { name: /web/ }).click();
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('replicas: 5');
    await page.getByText('1 value differs from 1.0.0').waitFor();
    await page.getByText('web.replicas').waitFor();
    test.expectClean();
  });
});
