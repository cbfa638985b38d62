import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packChart } from '../support/charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { lookAt, widths } from './support/look.ts';
import { addMember, addPerson, fillLogIn, logIn } from './support/people.ts';
import { lookOnce } from './support/width.ts';

const whoAmI = z.object({ name: z.string(), bounds: z.object({ charts: z.array(z.string()) }).nullable() });

describe.runIf(hasChromium())('the account of a reader', () => {
  const ground = useGuardedGround(async (registry) => {
    await registry.addSpace('team', 'private');
    await registry.admin.upload('team', { name: 'web' });
    for (const name of ['ana', 'ben', 'cleo']) {
      await addPerson(registry, name);
      await addMember(registry, name, 'team', 'publisher');
    }
    await addPerson(registry, 'dora', 'creator');
    await addPerson(registry, 'emil');
    await registry.addSpace('yard', 'private');
    await addPerson(registry, 'finn');
    await addMember(registry, 'finn', 'yard', 'publisher');
  });

  // First, since later tests make spaces that each user may read.
  it('home says whom to ask, where one has no role and sees no space', async () => {
    const test = await ground.open();
    const { page } = test;
    await logIn(test, 'emil', '/-/');
    await page.getByRole('heading', { name: 'You may read nothing here yet' }).waitFor();
    await page.getByText('You are emil').waitFor();
    expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(0);
    await lookAt(test, 'home-no-role');
    const creator = await ground.open();
    // A second try of the test has a user who sees no space, too.
    const tried = Date.now();
    await addPerson(ground.registry(), `gina-${tried}`, 'creator');
    await logIn(creator, `gina-${tried}`, '/-/');
    await creator.page.getByRole('heading', { name: 'Create your first space' }).waitFor();
    await lookAt(creator, 'home-creator');
    await creator.page.getByRole('button', { name: 'New space' }).click();
    await creator.page.getByRole('textbox', { name: 'Name' }).fill(`studio-${tried}`);
    await creator.page.getByRole('button', { name: 'Create the space' }).click();
    await creator.page.waitForURL(`**/-/spaces/studio-${tried}/settings`);
    test.expectClean();
    creator.expectClean();
  });

  it('the account of a reader is reached by the log-in, which leads back to where one was, and left by the log-out', async () => {
    const test = await ground.open();
    const { page } = test;
    // The log-in refuses a wrong password with 401, and shows the form again.
    test.allow(/status of 401/);
    await test.visit('/-/account?expires=30');
    await page.getByRole('main').getByRole('link', { name: 'Log in' }).click();
    await lookAt(test, 'log-in');
    await page.getByLabel('User name').fill('ana');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('User name or password is wrong.').waitFor();
    await lookAt(test, 'log-in-refused');
    await fillLogIn(test, 'ana');
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/-/account?expires=30');
    await page.getByText('None expires within 30 days').waitFor();

    // The menu opens, closes and leads to its pages by the keyboard.
    const menu = page.getByText('Account of ana');
    await page.locator('summary.tool').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Your account' }).waitFor();
    expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Your account' }).waitFor({ state: 'hidden' });
    // The way back from elsewhere shows nothing that was kept: the session may be over.
    const loaded = page.waitForEvent('load');
    await page.evaluate(
      "setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))",
    );
    await loaded;
    await test.whenStill();
    await page.locator('summary.tool').click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    await test.visit('/-/account');
    await page.getByRole('heading', { name: 'Log in first' }).waitFor();
    expect(await menu.count()).toBe(0);
    test.expectClean();
  });

  it('files that are not uploaded outlive the log-out of another tab, and drafts a log-out that is called off', async () => {
    const test = await ground.open();
    const { page } = test;
    test.allow(/status of 40[14]/);
    // The reader stays whenever the browser asks.
    let asked = 0;
    page.on('dialog', (dialog) => {
      asked += 1;
      void dialog.dismiss();
    });
    const logOut = async (tab: Page) => {
      await tab.locator('summary.tool').click();
      await tab.getByRole('button', { name: 'Log out' }).click();
    };
    const drafts = () => page.evaluate("Object.keys(localStorage).filter((key) => key.includes('composer'))");
    await logIn(test, 'finn', '/-/compose');
    await page.getByLabel('Name', { exact: true }).fill('bazaar');
    await expect.poll(drafts).toHaveLength(1);

    // No archive is sent before the session has ended.
    let letThrough = () => {};
    const held = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route('**/api/v1/spaces/yard/charts', async (route) => {
      await held;
      await route.continue();
    });
    const files = Array.from({ length: 6 }, async (_, at) => ({
      name: `held-${at}.tgz`,
      mimeType: 'application/gzip',
      buffer: await packChart({ name: `held-${at}` }),
    }));
    const heading = (text: string) => page.getByRole('heading', { name: text, exact: true });
    await test.visit('/-/spaces/yard');
    await page.getByText('Upload charts', { exact: true }).click();
    await page.getByLabel('Chart archives').setInputFiles(await Promise.all(files));
    await heading('0 of 6 uploaded').waitFor();
    await logOut(page);
    await expect.poll(() => asked).toBe(1);
    expect(await drafts()).toHaveLength(1);

    const elsewhere = await page.context().newPage();
    await elsewhere.goto('/-/account');
    await logOut(elsewhere);
    await elsewhere.waitForURL('**/login');
    await expect.poll(drafts).toEqual([]);
    letThrough();
    const ended = heading('0 of 6 uploaded, 4 refused, 2 not sent');
    await ended.waitFor();
    await page.getByText('Not sent: log in, then retry.').nth(1).waitFor();

    // The page learns that nobody is logged in, and keeps the files in sight and in hand.
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await pages.getByRole('link', { name: 'Charts' }).click();
    await page.getByRole('heading', { name: 'Nothing here is public' }).waitFor();
    await ended.waitFor();
    await page.goBack();
    await page.getByText('Upload charts', { exact: true }).waitFor();
    await ended.waitFor();
    await page.evaluate('void setTimeout(() => location.reload())');
    await expect.poll(() => asked).toBe(2);
    await lookAt(test, 'uploads-of-nobody');

    const opened = page.context().waitForEvent('page');
    await page.getByRole('alert').getByRole('link', { name: 'in another tab' }).click();
    const tab = await opened;
    await fillLogIn(
      { ...test, page: tab, whenStill: () => tab.locator('main h1').first().waitFor() },
      'finn',
    );
    await page.getByRole('button', { name: 'Retry all 6' }).click();
    await heading('6 of 6 uploaded').waitFor();
    await test.visit('/-/spaces/yard');
    await page.getByText('6 charts').first().waitFor();
    expect(asked).toBe(2);
    test.expectClean();
    await test.close();
  });

  it.each(widths)('makes, rotates and revokes tokens, whose text is shown once, at %i px', async (width) => {
    const name = `laptop-${width}`;
    const test = await ground.open({ width });
    const { page } = test;
    const call = async (token: string) =>
      ground.registry().anonymous.api('/whoami', { headers: { Authorization: `Bearer ${token}` } });
    const shown = async (before?: string) => {
      const note = page.getByRole('region', { name: `Token ${name}` });
      await note.waitFor();
      const text = () => note.locator('pre').first().innerText();
      if (before) await expect.poll(text).not.toBe(before);
      await note.getByRole('button', { name: `Copy token ${name}` }).click();
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(await text());
      return text();
    };
    await logIn(test, 'ana', '/-/account');
    await lookOnce(test, width, 'account-empty');
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog');
    // By the keyboard from here: the first field has the focus, Enter sends the form.
    await expect.poll(() => dialog.getByLabel('Name').first().and(page.locator(':focus')).count()).toBe(1);
    await page.keyboard.type(name);
    await dialog.getByLabel('Days until it expires').fill('9999');
    test.allow(/status of 400/);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('expiresInDays must be').waitFor();
    await expect.poll(() => dialog.getByRole('alert').textContent()).toMatch(/request [\da-f-]{36}/);
    const days = dialog.getByLabel('Days until it expires');
    await expect.poll(() => days.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => days.evaluate((field) => field.matches(':focus'))).toBe(true);
    await lookOnce(test, width, 'account-token-form');
    await days.fill('7');
    await dialog.getByLabel('May do').selectOption('reader');
    await dialog.getByLabel('Only in spaces').fill('team');
    await dialog.getByLabel('Only for charts').fill('web*, db');
    await page.keyboard.press('Enter');
    const first = await shown();
    expect(first).toMatch(/^hrt_/);
    expect(whoAmI.parse(await (await call(first)).json())).toEqual({
      name: 'ana',
      bounds: { charts: ['web*', 'db'] },
    });
    await lookOnce(test, width, 'account-token-shown');
    await page.getByRole('button', { name: 'I have stored it' }).click();
    const row = page.getByRole('row').filter({ hasText: name });
    await expect.poll(() => row.textContent()).toContain('act as reader in team on web*, db');
    await expect.poll(() => row.textContent()).toContain('expires soon');
    await expect.poll(() => page.getByText(first).count()).toBe(0);

    await page.getByRole('button', { name: `Rotate ${name}` }).click();
    await dialog.getByLabel('Hours for which').fill('0');
    await dialog.getByRole('button', { name: 'Make a new secret' }).click();
    const second = await shown();
    expect(second).not.toBe(first);
    expect((await call(first)).status).toBe(401);
    expect((await call(second)).status).toBe(200);

    await page.getByRole('button', { name: `Revoke ${name}` }).click();
    await dialog.getByText(`Revoke ${name}?`).waitFor();
    await dialog.getByRole('button', { name: 'Keep' }).click();
    expect((await call(second)).status).toBe(200);
    await page.getByRole('button', { name: `Revoke ${name}` }).click();
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await row.getByText('revoked').waitFor();
    expect((await call(second)).status).toBe(401);
    await lookOnce(test, width, 'account');
    test.expectClean();
  });

  it.each(widths)('lets a creator make a space, and leads to its settings, at %i px', async (width) => {
    const test = await ground.open({ width });
    const { page } = test;
    const dialog = page.getByRole('dialog');
    test.allow(/status of 409/);
    await logIn(test, 'dora', '/-/account');
    await page.getByRole('button', { name: 'New space' }).click();
    // The dialog has the focus once it is open.
    await expect.poll(() => dialog.getByLabel('Name').and(page.locator(':focus')).count()).toBe(1);
    await page.keyboard.type('team');
    await page.keyboard.press('Enter');
    await dialog.getByText('team exists already').waitFor();
    await lookOnce(test, width, 'account-space-form');
    await dialog.getByLabel('Name').fill(`made-${width}`);
    await dialog.getByLabel('Who reads it').selectOption('internal');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/-/spaces/made-${width}/settings`);
    await expect.poll(() => page.getByRole('radio', { name: 'Internal' }).isChecked()).toBe(true);
    test.expectClean();
  });

  it('changes the password, which ends the session', async () => {
    const test = await ground.open();
    const { page } = test;
    test.allow(/status of 40[01]/);
    await logIn(test, 'ben', '/-/account');
    await page.getByText('Change your password').click();
    await page.getByLabel('Present password').fill('not this one');
    await page.getByLabel('New password').fill('another sentence of words');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('this is not your present password').waitFor();
    await lookAt(test, 'account-password');
    await page.getByLabel('Present password').fill('a sentence of several words');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.waitForURL('**/login?**');
    await fillLogIn(test, 'ben', 'another sentence of words');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    test.expectClean();
  });

  it('offers a log-in once the session is over, wherever one is', async () => {
    const test = await ground.open();
    const { page } = test;
    test.allow(/status of 401/);
    const name = page.getByLabel('Name', { exact: true });
    await logIn(test, 'cleo', '/-/compose');
    await name.fill('cleos-recipe');
    await test.visit('/-/spaces/team');
    await page.getByRole('link', { name: 'web', exact: true }).waitFor();
    const [cookie] = await page.context().cookies();
    const headers = { Cookie: `${cookie?.name}=${cookie?.value}`, 'Sec-Fetch-Site': 'same-origin' };
    await ground.registry().anonymous.request('/logout', { method: 'POST', headers, redirect: 'manual' });
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('alert').getByRole('link', { name: 'Log in' }).click();
    await fillLogIn(test, 'cleo');
    await page.waitForURL('**/-/jobs');
    // The recipe under work is still there for who began it, and never for somebody else.
    await test.visit('/-/compose');
    await expect.poll(() => name.inputValue()).toBe('cleos-recipe');
    await page.context().clearCookies();
    await logIn(test, 'dora', '/-/compose');
    await name.waitFor();
    expect(await name.inputValue()).toBe('');
    const kept = () => page.evaluate('JSON.stringify(localStorage)');
    await expect.poll(kept).not.toContain('cleos-recipe');
    test.expectClean();
  });
});
