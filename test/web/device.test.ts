import { beforeAll, describe, expect, it } from 'vitest';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { readUserCode } from '../support/device-logins.ts';
import { outputOf } from '../support/process.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { widths } from './support/look.ts';
import { addMember, addPerson, fillLogIn, logIn } from './support/people.ts';
import { lookOnce } from './support/width.ts';

describe.runIf(hasChromium())('the log-in of a command', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await buildCommandLine();
  }, 120_000);
  const ground = useGuardedGround(async (registry) => {
    await registry.addSpace('team', 'private');
    await addPerson(registry, 'ana');
    await addMember(registry, 'ana', 'team', 'maintainer');
  });

  /** Starts the log-in of a command, and reads the code that it shows. */
  async function startLogin() {
    const user = await commandLine.createUser();
    const command = user.start(['login', ground.registry().url, '--browser']);
    const output = outputOf(command);
    return { user, output, code: await readUserCode(command) };
  }

  it.each(widths)(
    'the log-in of a command is approved on the page, with the code to compare, at %i px',
    async (width) => {
      const test = await ground.open({ width });
      const { page } = test;
      const { user, output, code } = await startLogin();
      // The link leads through the log-in, and approves nothing by itself.
      await test.visit(`/-/device?code=${code}`);
      await page.getByRole('main').getByRole('link', { name: 'Log in' }).click();
      await fillLogIn(test, 'ana');
      expect(await page.getByLabel('Code').inputValue()).toBe(code);
      await lookOnce(test, width, 'device-code');
      await page.getByRole('button', { name: 'Continue' }).click();
      const heading = page.getByRole('heading', { name: 'A command asks to act as ana' });
      await heading.waitFor();
      await expect.poll(() => heading.evaluate((place) => place.matches(':focus'))).toBe(true);
      await page.getByText(code, { exact: true }).waitFor();
      await page.getByText(/^command line on /).waitFor();
      await page.getByText('127.0.0.1').waitFor();
      await lookOnce(test, width, 'device-decision');
      await page.getByText('Let it do less', { exact: true }).click();
      await page.getByLabel('May do').selectOption('publisher');
      await page.getByLabel('Only in spaces').fill('team');
      await lookOnce(test, width, 'device-bounds');
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('heading', { name: 'The command is logged in' }).waitFor();
      await lookOnce(test, width, 'device-approved');
      expect(await output).toMatchObject({ code: 0, stderr: expect.stringContaining('as ana;') });
      const caller = JSON.parse((await user.run(['whoami', '-o', 'json'])).stdout);
      expect(caller).toMatchObject({
        caller: { name: 'ana', spaces: [{ space: 'team', role: 'publisher' }], bounds: { spaces: ['team'] } },
      });
      // Its token is among those of the user.
      await page.getByRole('link', { name: 'Your tokens' }).click();
      await page.getByRole('row').filter({ hasText: code }).waitFor();
      test.expectClean();
    },
  );

  it('the log-in of a command is denied on the page, and a wrong code says what to do', async () => {
    const test = await ground.open();
    const { page } = test;
    const { output, code } = await startLogin();
    test.allow(/status of 404/);
    await logIn(test, 'ana', '/-/device');
    await page.getByLabel('Code').fill('BBBB-BBBB');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('No log-in with this code waits for you').waitFor();
    await page.getByLabel('Code').fill(code.toLowerCase().replace('-', ''));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'The log-in is denied' }).waitFor();
    expect(await output).toMatchObject({ code: 4 });
    test.expectClean();
  });
});
