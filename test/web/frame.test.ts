import { describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('the frame of the page', () => {
  const ground = useGround(async (registry) => {
    for (const name of ['web', 'database']) await registry.upload('demo', { name });
    await registry.upload('other', { name: 'cache' });
  });

  it('leads from / to its first address, and names its pages', async () => {
    const test = await ground.open();
    await test.visit('/');
    expect(new URL(test.page.url()).pathname).toBe('/-/');
    await expect.poll(() => test.page.title()).toBe('Charts · Helm registry');
    test.expectClean();
  });

  it('moves the focus to the heading of the next page, and goes back', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Jobs' }).click();
    await expect.poll(() => page.title()).toBe('Jobs · Helm registry');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Jobs');
    await page.goBack();
    await expect.poll(() => page.title()).toBe('Charts · Helm registry');
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    test.expectClean();
  });

  it('shows exact times at a tap or by the palette, and keeps that', async () => {
    const test = await ground.open({ width: 390 });
    const { page } = test;
    const first = page.getByRole('main').locator('time').first();
    const exact = /\d{4}.* \d+:\d\d:\d\d/;
    await test.visit('/-/');
    await expect.poll(() => first.innerText()).not.toMatch(exact);
    await expect.poll(() => first.getAttribute('title')).toMatch(exact);
    await first.click();
    await expect.poll(() => first.innerText()).toMatch(exact);
    await page.reload();
    await expect.poll(() => first.innerText()).toMatch(exact);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('times');
    await page
      .getByRole('dialog', { name: 'Commands' })
      .getByRole('option', { name: 'Times: in words', selected: true })
      .waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => first.innerText()).not.toMatch(exact);
    test.expectClean();
  });

  it('loads itself anew when code of the next page is gone, as after an upgrade', async () => {
    const test = await ground.open();
    const { page } = test;
    // The error of the import has no text.
    test.allow(/status of 404|dynamically imported module|^exception: $/);
    await test.visit('/-/');
    let isGone = true;
    page.on('request', (request) => {
      if (request.isNavigationRequest()) isGone = false;
    });
    await page.route('**/-/assets/jobs-*.js', (route) =>
      isGone ? route.fulfill({ status: 404 }) : route.continue(),
    );
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
    expect(isGone).toBe(false);
    test.expectClean();
  });

  it('gives the focus back to the link that led away, and names the tab in the title', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.getByRole('link', { name: 'database', exact: true }).click();
    await expect.poll(() => page.title()).toBe('database · demo · Helm registry');
    await test.whenStill();
    await page.getByRole('link', { name: 'Values', exact: true }).click();
    await expect.poll(() => page.title()).toBe('Values · database · demo · Helm registry');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => page.title()).toBe('Charts · Helm registry');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('database');
    test.expectClean();
  });

  it('leaves its connection to other tabs while nobody sees it', async () => {
    const test = await ground.open();
    const { page } = test;
    let [opened, ended] = [0, 0];
    const isStream = (url: string) => url.includes('/jobs/events');
    page.on('request', (request) => {
      if (isStream(request.url())) opened += 1;
    });
    page.on('requestfailed', (request) => {
      if (isStream(request.url())) ended += 1;
    });
    await test.visit('/-/jobs');
    await expect.poll(() => opened).toBe(1);
    const show = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    await show('hidden');
    await expect.poll(() => ended).toBe(1);
    await show('visible');
    await expect.poll(() => opened).toBe(2);
    test.expectClean();
  });

  it('searches from anywhere by the keyboard: / focuses the field, Enter shows what is found', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/jobs');
    await page.keyboard.press('/');
    await page.keyboard.type('data');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/-/search?q=data');
    await expect.poll(() => page.getByRole('link', { name: 'database' }).count()).toBe(1);
    // The field keeps the focus, and the page follows what is typed.
    await page.keyboard.press('Control+a');
    await page.keyboard.type('cach');
    await page.waitForURL('**/-/search?q=cach');
    await expect.poll(() => page.getByRole('link', { name: 'cache' }).count()).toBe(1);
    test.expectClean();
  });

  it('the frame of the page goes to charts, spaces and pages by the palette, with the keyboard alone', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Commands' });
    const field = palette.getByRole('combobox');
    const focused = () => page.evaluate('document.activeElement.getAttribute("role")');
    await expect.poll(focused).toBe('combobox');
    await page.keyboard.type('other');
    const option = palette.getByRole('option', { name: /^other/ });
    await expect.poll(() => option.count()).toBe(1);
    // The field names the option that Enter takes.
    while ((await option.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown');
    // Charts that the registry finds meanwhile move the option.
    const isNamed = async () =>
      (await field.getAttribute('aria-activedescendant')) === (await option.getAttribute('id'));
    await expect.poll(isNamed).toBe(true);
    await lookAt(test, 'palette');
    // High contrast has no backgrounds: the chosen row has an outline.
    await page.emulateMedia({ forcedColors: 'active' });
    const outline = `getComputedStyle(document.querySelector('[role="option"][aria-selected="true"]')).outlineStyle`;
    await expect.poll(() => page.evaluate(outline)).toBe('solid');
    await page.emulateMedia({ forcedColors: null });
    await page.keyboard.press('Enter');
    await page.waitForURL('**/-/spaces/other');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'hidden' });
    test.expectClean();
  });

  it('keeps the theme, and a single key can be switched off', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    for (const name of ['Theme: dark', 'Turn off']) {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(name);
      const chosen = page.getByRole('dialog', { name: 'Commands' }).getByRole('option', { selected: true });
      await expect.poll(() => chosen.textContent()).toMatch(new RegExp(`^${name}`));
      await page.keyboard.press('Enter');
    }
    expect(new URL(page.url()).pathname).toBe('/-/');
    await expect.poll(background).not.toBe(light);
    const dark = await background();
    await page.reload();
    await test.whenStill();
    await expect.poll(() => background()).toBe(dark);
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.tagName')).not.toBe('INPUT');
    test.expectClean();
  });

  it('takes with Enter what fits the text of the palette, though the registry has not answered', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Commands' });
    await palette.getByRole('option', { name: /^other/ }).waitFor();
    await page.route('**/api/v1/**', () => {});
    await page.keyboard.type('Jobs');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/-/jobs');
    test.expectClean();
  });

  it('says what to do at an address that is no page', async () => {
    const test = await ground.open();
    await test.visit('/-/nothing/here?really=%22%3Cb%3E');
    await expect.poll(() => test.page.getByRole('heading').textContent()).toBe('There is no page here');
    await lookAt(test, 'not-found');
    await test.visit('/-/spaces/%zz');
    await expect.poll(() => test.page.getByRole('heading').textContent()).toBe('There is no page here');
    test.expectClean();
  });
});
