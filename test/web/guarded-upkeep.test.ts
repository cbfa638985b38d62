import { describe, expect, it } from 'vitest';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('retention and mirror where access is guarded', () => {
  const headers = new Map<string, Record<string, string>>();
  const ground = useGuardedGround(async (registry) => {
    await registry.addSpace('closed', 'private');
    await registry.addSpace('open', 'public');
    for (const space of ['closed', 'open']) {
      for (const version of ['1.0.0', '1.1.0']) await registry.admin.upload(space, { name: 'web', version });
      await registry.admin.api(`/spaces/${space}/retention`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ rules: [{ charts: ['*'], keep: { last: 1 } }] }),
      });
    }
    for (const role of ['reader', 'publisher', 'maintainer'] as const) {
      const user = await registry.addUser(role);
      await registry.setRole(user, 'closed', role);
      headers.set(role, { Authorization: `Bearer ${(await registry.addToken(user)).text}` });
    }
  });
  const openAs = async (name: string) => ground.open({ headers: headers.get(name) ?? {} });
  const actions = /^(Run now|Edit|Set rules|End|Look at|Restore|Make it a mirror|Delete web)/;

  it('readers see the rules and what they would do, without buttons', async () => {
    for (const [name, space] of [
      ['reader', 'closed'],
      ['anonymous', 'open'],
    ] as const) {
      const test = await openAs(name);
      const { page } = test;
      await test.visit(`/-/spaces/${space}`);
      await page.getByRole('link', { name: 'Retention' }).click();
      await page.getByRole('table', { name: 'Rules' }).getByText('the last release').waitFor();
      await page.getByText('No criterion of the rule keeps it').waitFor();
      await test.whenStill();
      await expect.poll(() => page.locator('nav.tabs a').allInnerTexts()).toEqual(['Retention']);
      expect(await page.getByRole('button', { name: actions }).count()).toBe(0);
      if (name === 'reader') await lookAt(test, 'retention-reader');
      test.expectClean();
    }
  });

  it('publishers see the state of a mirror, maintainers also restore versions', async () => {
    const publisher = await openAs('publisher');
    await publisher.visit('/-/spaces/closed/settings?tab=mirror');
    await publisher.page.getByText('Owners of the space can make it one.').waitFor();
    await expect
      .poll(() => publisher.page.locator('nav.tabs a').allInnerTexts())
      .toEqual(['Retention', 'Mirror']);
    expect(await publisher.page.getByRole('button', { name: actions }).count()).toBe(0);
    publisher.expectClean();
    const maintainer = await openAs('maintainer');
    await maintainer.visit('/-/charts/closed/web?tab=versions');
    await maintainer.page.getByRole('button', { name: 'Delete web 1.0.0' }).waitFor();
    await maintainer.visit('/-/spaces/closed/settings?tab=deleted');
    await maintainer.page.getByText('Nothing to restore').waitFor();
    maintainer.expectClean();
  });
});
