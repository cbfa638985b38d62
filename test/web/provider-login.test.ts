import { afterAll, describe, expect, it } from 'vitest';
import { startOidcProvider, type TestProvider } from '../support/oidc-provider.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('a log-in at a provider', () => {
  let provider: TestProvider;
  const ground = useGuardedGround(
    async (registry) => {
      provider.serve([`${registry.url}/login/callback`]);
      provider.people.set('7', { preferred_username: 'ida' });
      provider.logsIn('7');
      await registry.addSpace('team', 'internal');
      expect((await registry.admin.upload('team', { name: 'web' })).status).toBe(201);
    },
    async () => {
      provider = await startOidcProvider();
      return {
        oidcIssuer: provider.issuer,
        oidcClientId: provider.clientId,
        oidcClientSecret: provider.clientSecret,
      };
    },
  );
  afterAll(() => provider?.close());

  it('a log-in at a provider leads back to where one was, and ends with the log-out', async () => {
    const test = await ground.open();
    const { page, whenStill } = test;
    const place = '/-/charts/team/web?tab=values';
    test.allow(/status of 401/);
    await test.visit(place);
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).click();
    await page.waitForURL('**/login?**');
    await lookAt(test, 'login-provider');
    await page.getByRole('link', { name: new URL(provider.issuer).host }).click();
    await page.waitForURL(`**${place}`);
    await whenStill();
    await page.getByText('Account of ida').waitFor();
    const chart = page.getByRole('heading', { name: 'web', exact: true }).first();
    await chart.waitFor();
    await lookAt(test, 'logged-in-at-provider');

    await page.locator('summary.tool').click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    const names = (await page.context().cookies(ground.registry().url)).map(({ name }) => name);
    expect(names).not.toContain('helm-registry');
    await test.visit(place);
    expect(await page.getByText('Account of ida').count()).toBe(0);
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).waitFor();
    test.expectClean();
  });
});
