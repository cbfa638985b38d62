import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { shopChart } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { createKeyboard } from './support/keyboard.ts';
import { followLoadedBytes } from './support/loaded-bytes.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const run = promisify(execFile);

const schema = JSON.stringify({
  type: 'object',
  properties: {
    auth: {
      type: 'object',
      properties: { database: { type: 'string', description: 'Name of the database.' } },
    },
    replicas: { type: 'integer' },
    hosts: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, tls: { type: 'boolean' } } },
    },
  },
});

/** Largest size of code and styles, compressed; the editor and the checks included. */
const budget = 230_000;

const files = { 'values.schema.json': schema };

describe.runIf(hasChromium())('the composer', () => {
  const ground = useGround(async (registry) => {
    await registry.api('/spaces?space=shop', { method: 'POST' });
    for (const name of ['web', 'postgresql', 'redis', 'queue']) {
      const values = { replicas: 1, auth: { database: 'app' } };
      await registry.upload('lib', { name, version: '1.2.0', values, files });
    }
    await registry.upload('lib', shopChart('1.0.0'));
    const hostile = {
      endless: { properties: { text: { type: 'string', pattern: '^(a+)+$' } } },
      elsewhere: { properties: { text: { $ref: 'https://example.org/schema.json' } } },
    };
    for (const [name, schema] of Object.entries(hostile))
      await registry.upload('lib', { name, files: { 'values.schema.json': JSON.stringify(schema) } });
  });

  /** Opens the composer with the space and the name of the new chart filled in. */
  async function openComposer(): Promise<TestPage> {
    const test = await ground.open();
    await beginIn(test);
    return test;
  }

  async function beginIn(test: TestPage): Promise<void> {
    await test.visit('/-/compose');
    await test.page.getByLabel('Space', { exact: true }).fill('shop');
    await test.page.getByLabel('Name', { exact: true }).fill('bazaar');
  }

  /** Adds a chart below the root by the keyboard. */
  async function addChart({ page }: TestPage, name: string): Promise<void> {
    await page.getByRole('treeitem').first().click();
    const field = page.getByRole('combobox', { name: /Add a chart below/ });
    await field.fill(name);
    await field.press('Enter');
    await page.getByRole('treeitem', { name: new RegExp(name) }).waitFor();
  }

  /** Result of the dry run of what is typed, once it is there. */
  const result = ({ page }: TestPage) => page.locator('.result[aria-busy="false"]');
  const ready = (test: TestPage) => result(test).getByText(/Ready to compose from/);

  /** Waits for what is told to readers who do not see the page change. */
  const spoken = ({ page }: TestPage, text: RegExp) =>
    page.locator('.unseen[aria-live]').getByText(text).waitFor();
  /** List of what is wrong with the values, below their editor. */
  const faults = ({ page }: TestPage) => page.locator('.faults');
  const hasFocus = async (element: Locator) =>
    expect.poll(() => element.evaluate((found) => found.matches(':focus'))).toBe(true);

  it('composes four charts with a renamed database and changed values, and then with a newer source, by the keyboard alone', async ({
    annotate,
  }) => {
    const test = await ground.open();
    const { page } = test;
    const { press, type, tabTo, pressed } = createKeyboard(test);
    const row = (name: RegExp) => page.getByRole('treeitem', { name });
    const chart = page.getByRole('heading', { name: 'store', exact: true });
    await test.visit('/-/compose');

    // The first stop leads past the head of the page.
    await press('Tab', 'Enter');
    await tabTo(page.getByLabel('Space', { exact: true }));
    await type('shop');
    await press('Tab');
    await type('store');
    await tabTo(page.getByRole('combobox', { name: 'Add a chart below the root' }));
    for (const name of ['web', 'postgresql', 'redis', 'queue']) {
      await type(name);
      await press('Enter');
      await row(new RegExp(`^${name} `)).waitFor();
    }
    await press('Shift+Tab', 'ArrowUp', 'ArrowUp', 'Enter');
    await press('Control+A');
    await type('db');
    await tabTo(page.getByLabel('Values (YAML)'));
    await type('auth:');
    await press('Enter');
    await type('database: shop');
    await ready(test).waitFor();
    await lookAt(test, 'composer');
    await press('Control+Enter');
    await landOn(test, chart);
    const first = pressed();

    const values = await (
      await ground.registry().api('/spaces/shop/charts/store/versions/0.1.0/manifests/values')
    ).json();
    expect(values).toMatchObject({ db: { auth: { database: 'shop' }, replicas: 1 }, redis: { replicas: 1 } });

    await ground.registry().upload('lib', { name: 'web', version: '2.0.0', values: { replicas: 4 }, files });
    await test.visit('/-/charts/shop/store/0.1.0?tab=lineage');
    await tabTo(page.getByRole('link', { name: 'Change the recipe' }));
    await press('Enter');
    await row(/^web /).waitFor();
    await tabTo(page.getByRole('treeitem').first());
    await press('ArrowDown', 'Enter', 'Tab', 'Tab');
    await expect.poll(() => page.getByLabel('Version', { exact: true }).last().inputValue()).toBe('^1.2.0');
    await press('Control+A');
    await type('^2');
    await result(test)
      .getByText(/values? differs? from 0\.1\.0/)
      .waitFor();
    await press('Control+Enter');
    await landOn(test, chart);
    expect(page.url()).toContain('/shop/store/0.1.1');
    await annotate(
      `keys pressed, letters left out: ${first} to compose, ${pressed() - first} to compose anew`,
    );
    expect(first).toBeLessThanOrEqual(35);
    expect(pressed() - first).toBeLessThanOrEqual(50);
    test.expectClean();
  });

  /** Waits for the new chart, by way of the page of its job where that is not over at once. */
  async function landOn(test: TestPage, heading: Locator): Promise<void> {
    const { page } = test;
    const link = page.getByRole('link', { name: 'Open the chart' });
    await heading.or(link).first().waitFor();
    if (!(await link.isVisible())) return;
    await createKeyboard(test).tabTo(link);
    await page.keyboard.press('Enter');
    await heading.waitFor();
  }

  it('begins with the chart of the address and its space, and keeps a space that is typed', async () => {
    const test = await ground.open();
    const { page } = test;
    const space = page.getByLabel('Space', { exact: true });
    await test.visit('/-/compose?add=lib%2Fweb');
    await page.getByRole('treeitem', { name: /^web / }).waitFor();
    await expect.poll(() => space.inputValue()).toBe('lib');
    await space.fill('shop');
    await test.visit('/-/compose?add=lib%2Fredis');
    await page.getByRole('treeitem', { name: /^redis / }).waitFor();
    await expect.poll(() => space.inputValue()).toBe('shop');
    test.expectClean();
  });

  it('keeps a recipe over a reload, and takes changes back', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'redis');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('replicas: [');
    await faults(test)
      .getByText(/^Line 1:/)
      .waitFor();
    await page.reload();
    await page.getByRole('treeitem', { name: /redis/ }).click();
    await expect.poll(() => page.getByLabel('Values (YAML)').textContent()).toBe('replicas: [');
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(2);
    test.expectClean();
  });

  it('asks which recipe is kept, where two tabs change one', async () => {
    const test = await openComposer();
    const { page } = test;
    const other = await page.context().newPage();
    const name = {
      here: page.getByLabel('Name', { exact: true }),
      there: other.getByLabel('Name', { exact: true }),
    };
    const note = (tab: typeof page) => tab.getByText('Another tab of this browser has changed the recipe.');
    await expect.poll(() => page.evaluate('JSON.stringify(localStorage)')).toContain('bazaar');
    await other.goto('/-/compose');
    await expect.poll(() => name.there.inputValue()).toBe('bazaar');
    await name.there.fill('elsewhere');
    await note(page).waitFor();
    await name.here.fill('here');
    await page.getByRole('button', { name: 'Show the other one' }).click();
    await expect.poll(() => name.here.inputValue()).toBe('elsewhere');
    await note(page).waitFor({ state: 'detached' });
    await hasFocus(page.getByRole('treeitem').first());
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => name.here.inputValue()).toBe('here');
    // Now the other tab has a recipe that is not kept any more, and takes its place back.
    await note(other).waitFor();
    await other.getByRole('button', { name: 'Keep this one' }).click();
    await note(page).waitFor();
    await page.reload();
    await expect.poll(() => name.here.inputValue()).toBe('elsewhere');
    test.expectClean();
  });

  it('the composer is worked by the keyboard alone', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'web');
    await addChart(test, 'queue');
    await spoken(test, /queue is added below the root\.$/);
    const { press } = createKeyboard(test);
    const tree = page.getByRole('treeitem');
    await tree.nth(2).focus();
    await press('Alt+ArrowUp');
    await spoken(test, /^queue is 1 of 2 below the root\.$/);
    await expect.poll(() => tree.nth(1).textContent()).toContain('queue');
    await press('Alt+ArrowDown', 'Alt+ArrowRight');
    await expect.poll(() => tree.nth(2).getAttribute('aria-level')).toBe('3');
    // A button that has nothing more to do keeps the focus, and one that goes hands it on.
    const down = page.getByRole('button', { name: 'Down', exact: true });
    await press('Alt+ArrowLeft');
    await expect.poll(() => tree.nth(2).getAttribute('aria-level')).toBe('2');
    await page.getByRole('button', { name: 'Up', exact: true }).focus();
    await press('Enter');
    await spoken(test, /^queue is 1 of 2 below the root\.$/);
    await down.focus();
    await press('Enter', 'Enter');
    await expect.poll(() => tree.nth(2).textContent()).toContain('queue');
    expect(await down.getAttribute('aria-disabled')).toBe('true');
    await hasFocus(down);
    await page.getByRole('button', { name: 'Remove' }).focus();
    await press('Enter');
    await hasFocus(tree.nth(1));
    await spoken(test, /^queue is removed\.$/);
    await press('Delete');
    await expect.poll(() => tree.count()).toBe(1);
    await hasFocus(tree.first());
    await press('Control+z');
    await expect.poll(() => tree.count()).toBe(2);
    await hasFocus(tree.first());
    await press('ArrowDown', 'Delete');
    await expect.poll(() => tree.count()).toBe(1);
    await hasFocus(tree.first());
    const begin = page.getByRole('combobox', { name: 'Begin with a chart instead' });
    await begin.fill('shop');
    await begin.press('Enter');
    await spoken(test, /The root begins with lib\/shop\.$/);
    await hasFocus(page.locator('#node-version'));
    await page.getByRole('button', { name: 'Take out database 2.1.0' }).focus();
    await press('Enter');
    await hasFocus(page.getByLabel('Name in the new chart'));
    await tree.first().click();
    await page.getByRole('button', { name: 'Make it an umbrella' }).focus();
    await press('Enter');
    await hasFocus(begin);
    test.expectClean();
  });

  it(`marks values that do not fit a schema before the registry says so, those of subcharts by their alias, with at most ${budget} bytes of code`, async () => {
    const test = await ground.open();
    const loaded = followLoadedBytes(test);
    await beginIn(test);
    const { page } = test;
    // The dry run has no part in this: its answer never comes.
    const dryRuns = '**/api/v1/spaces/shop/compositions?*';
    await page.route(dryRuns, () => {});
    const root = page.getByRole('combobox', { name: 'Begin with a chart instead' });
    await root.fill('shop');
    await root.press('Enter');
    await page.getByText('From lib/shop').or(page.getByText('lib/shop').first()).first().waitFor();
    await page.getByText('Number of pods that run').waitFor();
    await page.getByText('db.port').waitFor();
    const values = page.getByLabel('Values (YAML)');
    await values.click();
    await page.keyboard.type('replicas: 0');
    await faults(test)
      .getByText(/^Line 1:.*replicas .*less than 1/)
      .waitFor();
    // Readers who do not see the list below the editor get the fault as its description, and hear it.
    const described = page.getByRole('textbox', { name: 'Values (YAML)', description: /less than 1/ });
    await described.waitFor();
    expect(await described.getAttribute('aria-invalid')).toBe('true');
    await spoken(test, /^Line 1: .*less than 1/);
    await page.keyboard.type('2\ndb:\nport: many');
    await faults(test)
      .getByText(/^Line 3:.*db.port must be integer, not string/)
      .waitFor();
    await faults(test)
      .getByText(/^Line 1:/)
      .waitFor({ state: 'detached' });
    await page.getByRole('treeitem', { name: /bazaar.*error/ }).waitFor();
    await expect.poll(() => loaded()).toBeGreaterThan(100_000);
    expect(await loaded()).toBeLessThanOrEqual(budget);
    await page.unroute(dryRuns);
    test.allow(/400/);
    await page.keyboard.type(' ');
    await page.getByText('values.invalid').waitFor();
    await lookAt(test, 'composer-check');
    await values.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('image:\npullPolicy: N');
    await page.locator('.cm-tooltip-autocomplete').getByText('Never').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => values.innerText()).toContain('pullPolicy: Never');
    test.expectClean();
  });

  it.each([
    ['endless', 'It takes too long.'],
    ['elsewhere', 'It refers to https://example.org/schema.json, which is not fetched.'],
  ])('says that a schema is not checked, and goes on: %s', async (name, reason) => {
    const test = await openComposer();
    // The dry run refuses the values, which the console tells too.
    test.allow(/status of 400 .*dryRun=true/);
    const { page } = test;
    await addChart(test, name);
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type(`text: ${'a'.repeat(60)}!`);
    await addChart(test, 'web');
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.type('replicas: many');
    // The check of another chart has its turn although the first never ends.
    await faults(test)
      .getByText(/^Line 1:.*replicas must be integer/)
      .waitFor();
    await page.getByRole('treeitem', { name: new RegExp(name) }).click();
    await page.getByText(`Not checked by the schema: ${reason}`).waitFor();
    test.expectClean();
  });

  it('takes a chart out of another one, under a name of its own, in the tree and in both texts', async () => {
    const test = await openComposer();
    const { page } = test;
    const root = page.getByRole('combobox', { name: 'Begin with a chart instead' });
    await root.fill('shop');
    await root.press('Enter');
    await page.getByRole('button', { name: 'Take out database 2.1.0' }).waitFor();
    // The result names what comes with the chart, though the recipe does not.
    const inside = page.locator('.result details', { hasText: 'Charts inside: 1' });
    await inside.locator('summary').click();
    await inside.getByText('database 2.1.0 kept').waitFor();
    await lookAt(test, 'composer-inside');
    const field = page.getByRole('combobox', { name: /Add a chart below the root/ });
    await field.fill('data');
    await page.getByRole('option', { name: 'database 2.1.0 inside the root' }).waitFor();
    await field.press('Enter');
    await page.getByRole('treeitem', { name: 'database inside: database ^2.1.0' }).waitFor();
    await page.getByLabel('Name in the new chart').fill('store-db');
    await inside.getByText('store-db 2.1.0 from database inside').waitFor();
    await ready(test).waitFor();
    // Long values are written as YAML only while they are shown.
    const made = page.locator('.result details', { hasText: 'Values of the new chart' });
    expect(await made.locator('pre').textContent()).toBe('');
    await made.locator('summary').click();
    await expect.poll(() => made.locator('pre').textContent()).toContain('store-db:');
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    const text = page.getByLabel('Text of the recipe');
    await expect
      .poll(() => text.inputValue())
      .toMatch(/store-db:\n +package:\n +independent: false\n +chart: database/);
    await page.getByRole('button', { name: 'JSON' }).click();
    await expect.poll(() => text.inputValue()).toContain('"independent": false');
    await text.fill((await text.inputValue()).replace('"store-db"', '"main"'));
    await page.getByRole('treeitem', { name: 'main inside: database ^2.1.0' }).waitFor();
    await ready(test).waitFor();
    test.expectClean();
  });

  it('tells errors and warnings of the dry run at their places', async () => {
    const test = await openComposer();
    const { page } = test;
    test.allow(/40[04]/);
    const values = page.getByLabel('Values (YAML)');
    await addChart(test, 'web');
    await values.click();
    await page.keyboard.type('# how many\nreplicas: many');
    await faults(test)
      .getByText(/^Line 2:.*replicas/)
      .waitFor();
    await page.getByRole('treeitem', { name: /web.*error/ }).waitFor();
    await lookAt(test, 'composer-error');

    // The root: values for a child, and a global that hides that of the child.
    await values.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('global:\nzone: b');
    await page.getByRole('treeitem').first().click();
    await values.click();
    await page.keyboard.type('global:\nzone: a');
    await page.getByRole('treeitem', { name: /web.*1 warning/ }).waitFor();
    await page.getByRole('button', { name: 'Show /configs/web/_config/global/zone' }).click();
    await faults(test)
      .getByText(/^Line 2:/)
      .waitFor();
    await expect.poll(() => values.innerText()).toContain('zone: b');
    // The editor of another chart leaves the focus where it is.
    await page.getByRole('treeitem').first().click();
    await expect.poll(() => values.innerText()).toContain('zone: a');
    await expect.poll(() => page.locator('[role=treeitem]:focus').count()).toBe(1);
    await values.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('# values\nweb: {replicas: few}');
    await faults(test)
      .getByText(/^Line 2:.*replicas/)
      .waitFor();
    await page.getByRole('treeitem', { name: /bazaar.*error/ }).waitFor();
    await values.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{}');

    await page.getByRole('treeitem', { name: /web/ }).click();
    const version = page.locator('#node-version');
    await version.fill('^7');
    await page.locator('#node-version-hint.fault').waitFor();
    await version.fill('^1.2.0');
    await ready(test).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Bad Name');
    await page.locator('#save-name-note.fault').waitFor();
    await lookAt(test, 'composer-places');
    await page.getByLabel('Name', { exact: true }).fill('loaded-places');
    await page.getByLabel('Version', { exact: true }).first().fill('one');
    await page.locator('#save-version-note.fault').waitFor();
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    await page.getByText(/^Line 3: /).waitFor();
  });

  it('completes keys from the schema and the defaults, and the values that they may have', async () => {
    const test = await openComposer();
    const { page } = test;
    await addChart(test, 'web');
    const values = page.getByLabel('Values (YAML)');
    const offered = page.locator('.cm-tooltip-autocomplete');
    await values.click();
    await page.keyboard.type('auth:\n');
    await expect
      .poll(
        async () => {
          await page.keyboard.press('Control+Space');
          return offered.textContent({ timeout: 500 });
        },
        { timeout: 30_000 },
      )
      .toContain('database');
    await page.keyboard.press('Enter');
    await expect.poll(() => values.innerText()).toContain('database:');
    await page.keyboard.type('x\n');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('hosts:\n- t');
    await offered.getByText('tls').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Space');
    await offered.getByText('true').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => values.innerText()).toContain('- tls: false');
    test.expectClean();
  });

  it('shows the recipe as YAML and JSON, and follows what is written there', async () => {
    const test = await openComposer();
    const { page } = test;
    test.allow(/status of 400/);
    await addChart(test, 'redis');
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    const text = page.getByLabel('Text of the recipe');
    await expect.poll(() => text.inputValue()).toContain('chart: redis');
    // A second try of the test composes another chart.
    const sent = `sent-${Date.now()}`;
    await page.getByLabel('Name', { exact: true }).fill(sent);
    await expect.poll(() => text.inputValue()).toContain(sent);
    // It leaves the page in three ways, and the command composes it.
    const clipboard = async () => String(await page.evaluate('navigator.clipboard.readText()'));
    await page.getByRole('button', { name: 'Copy the recipe' }).click();
    await expect.poll(clipboard).toBe(await text.inputValue());
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('recipe.yaml');
    expect(await readFile(await file.path(), 'utf8')).toBe(await text.inputValue());
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await expect.poll(clipboard).toMatch(/^curl /);
    const { stdout } = await run('sh', ['-c', await clipboard()]);
    expect(JSON.parse(stdout)).toMatchObject({ space: 'shop', chart: sent });
    await page.getByLabel('Name', { exact: true }).fill('market');
    // Metadata of the new chart has its fields, which show what the text says too.
    await page.getByText('More about the chart').click();
    await page.getByLabel('App version').fill('16.4');
    await page.getByLabel('Keywords').fill('shop, data base,');
    await page.keyboard.press('Tab');
    await page.getByLabel('Type', { exact: true }).selectOption('library');
    await page.getByLabel('Icon').fill('https://example.org/shop.png');
    await page.getByLabel('Annotations').fill('team: {a: b}');
    await page.keyboard.press('Tab');
    await page.getByText('“team” needs a text').waitFor();
    // Nothing is composed without them meanwhile.
    await result(test).locator('.note[data-tone="danger"]').waitFor();
    expect(await page.getByRole('button', { name: 'Compose', exact: true }).isDisabled()).toBe(true);
    // The way to the field opens what hides it.
    await page.getByText('More about the chart').click();
    await page.getByRole('button', { name: /^Show \/save\/annotations/ }).click();
    const annotations = page.getByLabel('Annotations');
    await expect.poll(() => annotations.evaluate((field) => field.matches(':focus'))).toBe(true);
    await page.getByRole('button', { name: 'Recipe as text' }).click();
    await page.getByLabel('Annotations').fill('team: shop\ntier: 1');
    await page.keyboard.press('Tab');
    await lookAt(test, 'composer-recipe');
    const added =
      /appVersion: "16\.4"\s+keywords:\s+- shop\s+- data base\s+type: library\s+icon: https\S+\s+annotations:\s+team: shop\s+tier: "1"/;
    await expect.poll(() => text.inputValue()).toMatch(added);
    await text.fill((await text.inputValue()).replace('type: library', 'type: application'));
    await expect.poll(() => page.getByLabel('Type', { exact: true }).inputValue()).toBe('application');
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
      configs: {
        web: {
          package: { independent: true, space: 'lib', chart: 'web', version: '^1' },
          _config: { replicas: 2 },
        },
      },
    };
    const compose = async (version: string) => {
      const composed = await ground.registry().api('/spaces/shop/compositions', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Prefer: 'wait=30' },
        body: JSON.stringify({ ...recipe, save: { chart: 'loaded', version } }),
      });
      expect(composed.status).toBe(201);
    };
    await compose('1.0.0');
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/compose');
    await page.getByText('Load the recipe of a composed chart').click();
    const field = page.getByRole('combobox', { name: 'Composed chart' });
    const version = page.getByLabel('Composed version of');
    // A chart that nobody composed says so, and any other one may be chosen then.
    await field.fill('lib/queue');
    await field.press('Enter');
    await page.getByText('None of its versions was composed.').waitFor();
    expect(await page.getByRole('button', { name: 'Load its recipe' }).isDisabled()).toBe(true);
    await field.fill('loaded');
    await field.press('Enter');
    await expect.poll(() => version.getAttribute('placeholder')).toBe('1.0.0');
    await lookAt(test, 'composer-load');
    await page.getByRole('button', { name: 'Load its recipe' }).click();
    await expect.poll(() => page.getByLabel('Version', { exact: true }).first().inputValue()).toBe('1.0.1');
    await page.getByRole('treeitem', { name: /web/ }).click();
    await page.getByLabel('Values (YAML)').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('replicas: 5');
    await page.getByText('1 value differs from 1.0.0').waitFor();
    await page.getByText('web.replicas').waitFor();

    // A version that is not there yet: the next press asks for it again.
    test.allow(/status of 404/);
    await test.visit('/-/compose?from=shop/loaded/7.0.0');
    const problem = page.getByRole('main').getByText(/ · request \S+/);
    await problem.waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await page.getByText('Load the recipe of a composed chart').click();
    await field.fill('loaded');
    await field.press('Enter');
    await version.fill('7.0.0');
    const first = await problem.textContent();
    await page.getByRole('button', { name: 'Load its recipe' }).click();
    await expect.poll(() => problem.textContent()).not.toBe(first);
    await compose('7.0.0');
    await page.getByRole('button', { name: 'Load its recipe' }).click();
    await expect.poll(() => page.getByLabel('Version', { exact: true }).first().inputValue()).toBe('7.0.1');
    await problem.waitFor({ state: 'detached' });
    test.expectClean();
  });
  it('finds a chart that many spaces have, from its own page and by its space', async () => {
    const spaces = Array.from({ length: 14 }, (_, at) => `team-${at}`);
    const upload = (space: string, version: string) =>
      ground.registry().upload(space, { name: 'memcached', version });
    for (const space of spaces) await upload(space, '1.0.0');
    await upload('team-13', '2.0.0-rc.1');
    const test = await ground.open();
    const { page } = test;
    const rows = page.getByRole('treeitem', { name: /^memcached/ });
    for (const space of spaces.slice(-2)) {
      await test.visit('/-/compose');
      await page.getByRole('button', { name: 'Start over' }).click();
      await test.visit(`/-/compose?add=${space}%2Fmemcached`);
      await page.getByRole('treeitem', { name: /^memcached.*\^1\.0\.0/ }).waitFor();
    }
    await page.getByRole('treeitem').first().click();
    const field = page.getByRole('combobox', { name: /Add a chart below/ });
    await field.fill('memcached');
    await page.getByText('2 more: type more of the name, or SPACE/NAME.').waitFor();
    await field.fill('team-13/memc');
    const offered = page.getByRole('listbox', { name: 'Charts' }).getByRole('option');
    await expect.poll(() => offered.allInnerTexts()).toEqual([expect.stringMatching(/team-13/)]);
    await field.press('Enter');
    await expect.poll(() => rows.count()).toBe(2);
    test.allow(/status of 404/);
    await test.visit('/-/compose?add=lib%2Fnowhere');
    await page
      .getByRole('main')
      .getByText(/ · request \S+/)
      .waitFor();
    test.expectClean();
  });
});
