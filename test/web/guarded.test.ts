import { describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('the page where access is guarded', () => {
  let headers: Record<string, string>;
  const ground = useGuardedGround(async (registry) => {
    await registry.addSpace('secret', 'private');
    await registry.admin.upload('secret', { name: 'vault' });
    const ana = await registry.addUser('ana');
    await registry.setRole(ana, 'secret', 'reader');
    headers = { Authorization: `Bearer ${(await registry.addToken(ana)).text}` };
  });

  it('tells strangers nothing but where to log in', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.getByText('Nothing here is public').waitFor();
    await lookAt(test, 'guarded-stranger');
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).click();
    await page.waitForURL('**/login?return=%2F-%2F');
    test.expectClean();
  });

  it('shows an unknown and a hidden space alike', async () => {
    const seen = [];
    for (const space of ['secret', 'absent']) {
      const test = await ground.open();
      test.allow(/status of 40[14]/);
      await test.visit(`/-/spaces/${space}`);
      const text = (await test.page.getByRole('alert').textContent()) ?? '';
      seen.push(text.replaceAll(space, 'NAME').replace(/request [\da-f-]{36}/, 'request'));
      test.expectClean();
    }
    expect(seen[0]).toBe(seen[1]);
  });

  it('shows readers their charts and their name', async () => {
    const test = await ground.open({ headers });
    const { page } = test;
    await test.visit('/-/');
    await page.getByRole('link', { name: 'vault' }).first().waitFor();
    await page.getByTitle('ana').click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await lookAt(test, 'guarded-reader');
  });
});
