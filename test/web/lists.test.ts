import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { collectLayoutShift } from './support/layout-shift.ts';
import { lookAt, widths } from './support/look.ts';

/**
 * Largest layout shift of a page, above which it is poor by the measure of Core Web Vitals. Good is 0.1, but a slow machine
 * paints steps that others never show.
 */
const maxShift = 0.25;
const shifts = z.object({ sum: z.number(), moved: z.array(z.string().nullish()) });

const names = ['api-gateway', 'billing', 'cache', 'database', 'events', 'frontend'];

describe.runIf(hasChromium())('lists of charts', () => {
  const ground = useGround(async (registry) => {
    for (const [at, name] of names.entries()) {
      const manifest = {
        description: `The ${name} of the shop, with everything that it needs to run in a cluster`,
        keywords: [at % 2 ? 'storage' : 'traffic', 'shop'],
        type: at === 2 ? 'library' : 'application',
        ...(at === 4 ? { deprecated: true } : {}),
      };
      await registry.upload('shop', { name, version: '1.0.0', manifest });
      await registry.upload('shop', { name, version: '1.1.0', manifest });
    }
    await registry.upload('platform', { name: 'monitoring', version: '2.0.0-rc.1' });
  });

  it.each(widths)('nothing moves while a page loads, at %i px', async (width) => {
    const test = await ground.open({ width });
    const { page } = test;
    await page.addInitScript({ content: collectLayoutShift });
    const paths = ['', 'spaces/shop', 'search?q=shop', 'charts/shop/billing', 'jobs', 'outdated', 'compose'];
    for (const path of paths) {
      await test.visit(`/-/${path}`);
      // Shifts are told behind the frame in which they are painted.
      await page.evaluate('new Promise((told) => requestAnimationFrame(() => setTimeout(told)))');
      const found: unknown = JSON.parse(String(await page.evaluate('JSON.stringify(layoutShift)')));
      const { sum, moved } = shifts.parse(found);
      expect(sum, `${path}: ${moved}`).toBeLessThan(maxShift);
    }
    test.expectClean();
    await test.close();
  });

  it('home shows the spaces, what changed lately, what runs and what is out of date', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    const spaces = page.getByRole('table', { name: 'Spaces' });
    await expect.poll(() => spaces.getByRole('link', { name: 'shop' }).count()).toBe(1);
    await lookAt(test, 'home');
    await spaces.getByRole('link', { name: /Charts/ }).click();
    await page.waitForURL('**/-/?sort=charts&order=desc');
    await expect.poll(() => spaces.getByRole('row').nth(1).textContent()).toContain('shop');
    // Access is open, so anybody may create a space, and nobody is asked who reads it.
    await page.getByRole('button', { name: 'New space' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('fresh');
    expect(await form.getByLabel('Who reads it').count()).toBe(0);
    await form.getByRole('button', { name: 'Create the space' }).click();
    await page.waitForURL('**/-/spaces/fresh');
    await page.getByRole('heading', { name: 'fresh' }).waitFor();
    test.expectClean();
  });

  it('a space is filtered and sorted, all in the address', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/spaces/shop');
    const rows = page.getByRole('list', { name: 'Charts of shop' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(names.length);
    await lookAt(test, 'space');
    const main = page.getByRole('main');
    expect(await main.getByRole('link', { name: 'Jobs' }).getAttribute('href')).toBe('/-/jobs?space=shop');
    const outdated = main.getByRole('link', { name: 'Out of date' });
    expect(await outdated.getAttribute('href')).toBe('/-/outdated?space=shop');
    await page.getByRole('combobox', { name: 'Type' }).selectOption('library');
    await page.waitForURL('**/-/spaces/shop?type=library');
    await expect.poll(() => rows.count()).toBe(1);
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(names.length);
    await page.getByRole('searchbox', { name: 'Part of the name' }).fill('ill');
    await page.waitForURL('**/-/spaces/shop?q=ill');
    await expect.poll(() => rows.count()).toBe(1);
    await page.reload();
    await test.whenStill();
    await expect.poll(() => rows.count()).toBe(1);
    test.expectClean();
  });

  it('search has facets, each an address, and says when nothing is found', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/search?q=shop');
    const rows = page.getByRole('list', { name: 'Found charts' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(names.length);
    await lookAt(test, 'search');
    const filters = page.getByRole('navigation', { name: 'Filters' });
    await filters.getByRole('link', { name: 'Last week' }).click();
    await page.waitForURL(/since=\d{4}-\d\d-\d\dT00%3A00%3A00Z$/);
    await filters.locator('[aria-current]').waitFor();
    await expect.poll(() => rows.count()).toBe(names.length);
    await filters.locator('[aria-current]').click();
    await page.waitForURL('**/-/search?q=shop');
    // A time that is not a choice of its own finds nothing, and can be taken back.
    await test.visit('/-/search?q=shop&since=2999-01-31T12%3A00%3A00Z');
    await page.getByText('Nothing is found').waitFor();
    await filters.getByRole('link', { name: 'Since 2999-01-31' }).click();
    await page.waitForURL('**/-/search?q=shop');
    await filters.getByRole('link', { name: 'storage' }).click();
    await page.waitForURL('**/-/search?q=shop&keyword=storage');
    await expect.poll(() => rows.count()).toBe(3);
    await test.visit('/-/search?q=zzzzzzzz');
    await page.getByText('Nothing is found').waitFor();
    await lookAt(test, 'search-nothing');
  });

  it('typing in search shows at once, whatever the network does', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/search');
    const answers: (() => void)[] = [];
    let isHeld = true;
    // No search is answered until the test lets it.
    await page.route('**/api/v1/search?**', (route) => {
      const answer = () => void route.continue().catch(() => undefined);
      if (isHeld) answers.push(answer);
      else answer();
    });
    const field = page.getByRole('searchbox', { name: 'Search charts' });
    await field.focus();
    await page.keyboard.type('bill');
    await expect.poll(() => field.inputValue()).toBe('bill');
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    // Charts that were found before stay until the answer is there.
    await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'database' }).count()).toBe(1);
    isHeld = false;
    for (const answer of answers) answer();
    await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'database' }).count()).toBe(0);
    test.expectClean();
  });

  it('finds a space among more than a hundred whose names contain its own', async () => {
    const names = [...Array.from({ length: 101 }, (_, at) => `zy-zzz-${at}`), 'zzz'];
    const create = (name: string) => ground.registry().api(`/spaces?space=${name}`, { method: 'POST' });
    await Promise.all(names.map(create));
    const test = await ground.open();
    await test.visit('/-/spaces/zzz');
    await test.page.getByText('0 charts, 0 versions').waitFor();
    test.expectClean();
  });

  it('an error says what to do and carries the id of its request', async () => {
    const test = await ground.open();
    test.allow(/status of 404/);
    await test.visit('/-/spaces/unknown');
    const problem = test.page.getByRole('alert');
    await problem.waitFor();
    await expect.poll(() => problem.textContent()).toMatch(/space\.notFound · request [\da-f-]{36}/);
    await lookAt(test, 'space-unknown');
  });
});
