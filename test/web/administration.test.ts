import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { widths } from './support/look.ts';
import { addMember, addPerson, logIn } from './support/people.ts';
import { lookOnce } from './support/width.ts';

const list = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
const members = list(z.object({ principal: z.string(), role: z.string() }));
const users = list(z.object({ name: z.string(), role: z.string().nullable(), disabled: z.boolean() }));

describe.runIf(hasChromium())('administration', () => {
  const ground = useGuardedGround(async (registry) => {
    for (const space of ['team-1280', 'team-390', 'other']) {
      await registry.addSpace(space, 'private');
      await registry.admin.upload(space, { name: 'web' });
    }
    await addPerson(registry, 'ana');
    await addPerson(registry, 'ben');
    await addPerson(registry, 'max');
    await addPerson(registry, 'aud', 'auditor');
    await addPerson(registry, 'chief', 'admin');
    for (const space of ['team-1280', 'team-390']) {
      await addMember(registry, 'ana', space, 'owner');
      await addMember(registry, 'max', space, 'maintainer');
    }
    const group = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
    await registry.admin.api('/groups', { ...group, body: JSON.stringify({ name: 'platform/core' }) });
  });
  const read = async <Shape extends z.ZodType>(shape: Shape, path: string) =>
    shape.parse(await (await ground.registry().admin.api(path)).json());

  it.each(widths)('an owner changes who reads a space, and its members, at %i px', async (width) => {
    const space = `team-${width}`;
    const test = await ground.open({ width });
    const { page } = test;
    const dialog = page.getByRole('dialog');
    await logIn(test, 'ana', `/-/spaces/${space}`);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'Private' }).waitFor();
    await lookOnce(test, width, 'settings-general');
    await page.getByRole('radio', { name: 'Internal' }).check();
    await page.getByRole('radio', { name: 'Immutable' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    const settings = z.object({ visibility: z.string(), overwriting: z.string() });
    await expect
      .poll(() => read(settings, `/spaces/${space}`))
      .toEqual({ visibility: 'internal', overwriting: 'immutable' });

    await page.getByRole('link', { name: 'Members' }).click();
    await page.waitForURL('**?tab=members');
    await page.getByRole('button', { name: 'Add a member' }).click();
    await dialog.getByLabel('Name').fill('nobody');
    test.allow(/status of 404/);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText('There is no user nobody.').waitFor();
    await lookOnce(test, width, 'settings-member-form');
    await dialog.getByLabel('Name').fill('ben');
    await dialog.getByLabel('Role').selectOption('publisher');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Name').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add a member' }).click();
    await dialog.getByLabel('Kind').selectOption('group');
    await dialog.getByLabel('Name').fill('platform/core');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('platform/core').waitFor();
    await lookOnce(test, width, 'settings-members');

    await page.getByRole('button', { name: 'Change the role of ben' }).click();
    await dialog.getByLabel('Role').selectOption('maintainer');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row('ben').getByText('maintainer').waitFor();
    await page.getByRole('button', { name: 'Remove platform/core' }).click();
    await lookOnce(test, width, 'settings-member-remove');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await row('platform/core').waitFor({ state: 'detached' });
    const { items } = await read(members, `/spaces/${space}/members`);
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ principal: 'user:ana', role: 'owner' }),
        expect.objectContaining({ principal: 'user:ben', role: 'maintainer' }),
      ]),
    );
    expect(items.map(({ principal }) => principal)).not.toContain('group:platform/core');

    // The last owner stays one, and the question says why.
    test.allow(/status of 409/);
    await page.getByRole('button', { name: 'Remove ana' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('would have no owner').waitFor();
    test.expectClean();
  });

  it.each(widths)('an owner gives a service account a token and a trust rule, at %i px', async (width) => {
    const space = `team-${width}`;
    const test = await ground.open({ width });
    const { page } = test;
    const dialog = page.getByRole('dialog');
    test.allow(/status of 400/);
    await logIn(test, 'ana', `/-/spaces/${space}/settings?tab=accounts`);
    await page.getByText('No service accounts yet').waitFor();
    await page.getByRole('button', { name: 'New service account' }).click();
    await dialog.getByLabel('Name').fill('Not A Name');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('is not a valid name of a service account').waitFor();
    await dialog.getByLabel('Name').fill('ci');
    await dialog.getByLabel('Role').selectOption('publisher');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await lookOnce(test, width, 'settings-accounts');
    await page.getByRole('link', { name: 'ci', exact: true }).click();
    await page.getByRole('heading', { name: 'Service account ci' }).waitFor();
    await lookOnce(test, width, 'service-account-new');

    await page.getByRole('button', { name: 'New token' }).click();
    await dialog.getByLabel('Name').fill('pipeline');
    expect(await dialog.getByLabel('Only in spaces').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Create the token' }).click();
    const note = page.getByRole('region', { name: 'Token pipeline' });
    const token = await note.locator('pre').first().innerText();
    const answer = await ground
      .registry()
      .anonymous.api('/whoami', { headers: { Authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ kind: 'account', spaces: [{ space, role: 'publisher' }] });
    await page.getByRole('button', { name: 'I have stored it' }).click();

    await page.getByRole('button', { name: 'New trust rule' }).click();
    await dialog.getByLabel('Issuer').fill('https://token.actions.githubusercontent.com');
    await dialog.getByLabel('Audience').fill('charts.example.com');
    await dialog.getByLabel('Name of claim 1').fill('iss');
    await dialog.getByLabel('Value of claim 1').fill('123456');
    await dialog.getByRole('button', { name: 'Create the rule' }).click();
    await dialog.getByText('does not tell one workload from another').waitFor();
    await dialog.getByLabel('Name of claim 1').fill('repository_id');
    await dialog.getByLabel('Name of claim 2').fill('ref');
    await dialog.getByLabel('Value of claim 2').fill('refs/heads/main');
    await dialog.getByRole('button', { name: 'Another claim' }).click();
    await lookOnce(test, width, 'service-account-rule-form');
    await dialog.getByRole('button', { name: 'Create the rule' }).click();
    const rules = page.getByRole('table', { name: 'Trust rules' });
    await rules.getByText('ref = refs/heads/main').waitFor();
    await lookOnce(test, width, 'service-account');
    const stored = await read(
      list(z.object({ issuer: z.string(), audience: z.string(), claims: z.record(z.string(), z.string()) })),
      `/spaces/${space}/accounts/ci/trust-rules`,
    );
    expect(stored.items).toEqual([
      {
        issuer: 'https://token.actions.githubusercontent.com',
        audience: 'charts.example.com',
        claims: { repository_id: '123456', ref: 'refs/heads/main' },
      },
    ]);
    await rules.getByRole('button', { name: /^Delete the rule/ }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No trust rules').waitFor();

    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByLabel('Disabled').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete ci' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL('**/settings?tab=accounts');
    await page.getByText('No service accounts yet').waitFor();
    test.expectClean();
  });

  it('offers each reader what its roles reach, and tells nothing of the rest', async () => {
    const tabs = async (name: string, path: string) => {
      const test = await ground.open();
      // A space that is hidden is none to the reader.
      test.allow(/status of 404/);
      await logIn(test, name, path);
      const found = await test.page.locator('nav.tabs a').allInnerTexts();
      const text = await test.page.getByRole('main').innerText();
      test.expectClean();
      await test.close();
      return found.length > 0 ? found.map((label) => label.trim()) : text;
    };
    const upkeep = ['Retention', 'Mirror', 'Deleted versions'];
    const everything = ['General', 'Members', 'Service accounts', 'Webhooks', ...upkeep, 'Audit'];
    expect(await tabs('ana', '/-/spaces/team-390/settings')).toEqual(everything);
    expect(await tabs('max', '/-/spaces/team-390/settings')).toEqual(['Webhooks', ...upkeep]);
    expect(await tabs('aud', '/-/spaces/team-390/settings')).toEqual(['Retention', 'Audit']);
    expect(await tabs('aud', '/-/admin')).toEqual(['Audit']);
    const hidden = await tabs('max', '/-/spaces/other/settings');
    expect(hidden).toContain('Your roles do not reach here');
    expect(await tabs('max', '/-/spaces/absent/settings')).toBe(String(hidden).replaceAll('other', 'absent'));
    expect(await tabs('ana', '/-/admin')).toContain('Your roles do not reach here');
    const test = await ground.open();
    test.allow(/status of 404/);
    await logIn(test, 'max', '/-/spaces/other/settings');
    await lookOnce(test, widths[0], 'settings-not-reached');
  });

  it.each(widths)('an admin creates, changes and deletes users and groups, at %i px', async (width) => {
    const [name, group] = [`dora-${width}`, `crew/${width}`];
    const test = await ground.open({ width });
    const { page } = test;
    const dialog = page.getByRole('dialog');
    test.allow(/status of 4\d\d/);
    await logIn(test, 'chief', '/-/');
    await page.locator('summary.tool').click();
    await lookOnce(test, width, 'account-menu');
    await page.getByRole('link', { name: 'Administration' }).click();
    await page.getByRole('table', { name: 'Users' }).waitFor();
    await lookOnce(test, width, 'admin-users');
    await page.getByRole('button', { name: 'New user' }).click();
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Password').fill('password1');
    await dialog.getByRole('button', { name: 'Create the user' }).click();
    await dialog.getByText('one of the first that are tried').waitFor();
    await lookOnce(test, width, 'admin-user-form');
    await dialog.getByLabel('Password').fill('a sentence of several words');
    await dialog.getByLabel('Role in the registry').selectOption('creator');
    await dialog.getByRole('button', { name: 'Create the user' }).click();
    const row = page.getByRole('row').filter({ hasText: name });
    await row.getByText('creator').waitFor();
    await page.getByRole('button', { name: `Change ${name}` }).click();
    await dialog.getByLabel('Disabled').check();
    await dialog.getByLabel('Role in the registry').selectOption('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('disabled').waitFor();
    // The label of the form has the same word, so what was stored is asked for until it is there.
    await expect
      .poll(async () => (await read(users, '/users?limit=100')).items)
      .toContainEqual({ name, role: null, disabled: true });

    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'New group' }).click();
    await dialog.getByLabel('Name').fill(group);
    await dialog.getByRole('button', { name: 'Create the group' }).click();
    await lookOnce(test, width, 'admin-groups');
    await page.getByRole('link', { name: group }).click();
    await page.getByRole('heading', { name: `Group ${group}` }).waitFor();
    await page.getByRole('button', { name: 'Add a user' }).click();
    await dialog.getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await page
      .getByRole('table', { name: `Users of ${group}` })
      .getByText(name)
      .waitFor();
    await lookOnce(test, width, 'admin-group');
    await page.getByRole('button', { name: `Remove ${name}` }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No users in this group').waitFor();
    await page.getByRole('button', { name: `Delete ${group}` }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL('**/-/admin?tab=groups');

    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: `Delete ${name}` }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    test.expectClean();
  });

  it('an admin sees the tokens of everybody, and revokes those of others without getting their secrets', async () => {
    const registry = ground.registry();
    const token = await registry.addToken(await registry.addUser('eve'));
    const test = await ground.open();
    const { page } = test;
    await logIn(test, 'chief', '/-/admin?tab=tokens');
    const row = page.getByRole('row').filter({ hasText: 'user:root' });
    await row.waitFor();
    await lookOnce(test, widths[0], 'admin-tokens');
    expect(await row.getByRole('button', { name: /^Rotate/ }).count()).toBe(0);
    await page.getByLabel('Which tokens').selectOption('7');
    await page.waitForURL('**expires=7');
    await row.waitFor();
    const other = page.getByRole('row').filter({ hasText: 'user:eve' });
    await other.getByRole('button', { name: 'Revoke test' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await other.waitFor({ state: 'detached' });
    expect((await token.client.api('/whoami')).status).toBe(401);
    await page.getByRole('link', { name: 'Service accounts' }).click();
    await page.getByText('No service accounts yet').waitFor();
    expect(new URL(page.url()).search).toBe('?tab=accounts');
    test.expectClean();
  });

  it.each(widths)(
    'an auditor filters the audit, and finds one event again by its address, at %i px',
    async (width) => {
      const registry = ground.registry();
      await registry.anonymous.api('/spaces/team-390');
      const test = await ground.open({ width });
      const { page } = test;
      await logIn(test, 'aud', '/-/admin');
      const rows = page.getByRole('table', { name: 'Audit events' }).getByRole('row');
      await expect.poll(() => rows.count()).toBeGreaterThan(10);
      await lookOnce(test, width, 'admin-audit');
      const filters = page.getByRole('form', { name: 'Filters of the audit' });
      await filters.getByLabel('Action').selectOption('member.set');
      await filters.getByLabel('User or service account').fill('nobody');
      await filters.getByLabel('User or service account').press('Enter');
      await page.getByText('No event passes these filters').waitFor();
      await page.getByRole('main').getByRole('link', { name: 'Show all events' }).click();
      await expect.poll(() => rows.count()).toBeGreaterThan(10);
      await filters.getByLabel('Outcome').selectOption('done');
      await filters.getByLabel('Action').selectOption('version.publish');
      await filters.getByLabel('Space').fill('other');
      await filters.getByLabel('From').fill('2026-01-01T00:00');
      await filters.getByRole('button', { name: 'Filter' }).click();
      await expect.poll(() => rows.count()).toBe(2);
      const { searchParams } = new URL(page.url());
      expect(Object.fromEntries(searchParams)).toEqual({
        outcome: 'done',
        action: 'version.publish',
        space: 'other',
        since: '2026-01-01T00:00:00.000Z',
      });
      await page.reload();
      await expect.poll(() => rows.count()).toBe(2);
      await expect.poll(() => filters.getByLabel('Space').inputValue()).toBe('other');
      await page.getByRole('button', { name: /^Look at version.publish/ }).click();
      const dialog = page.getByRole('dialog');
      await expect.poll(() => dialog.innerText()).toMatch(/user root[\s\S]*sha256:/);
      await lookOnce(test, width, 'admin-audit-event');
      await page.keyboard.press('Escape');
      await page.goBack();
      await expect.poll(() => rows.count()).toBeGreaterThan(10);
      test.expectClean();
    },
  );

  it('leads from page to page of a long audit, and an owner sees that of its space alone', async () => {
    await ground.registry().db.query(
      `INSERT INTO audit_events (principal_kind, action, outcome, door, space)
       SELECT 'system', 'version.publish', 'done', 'worker', 'elsewhere' FROM generate_series(1, 120)`,
    );
    const test = await ground.open();
    const { page } = test;
    await logIn(test, 'chief', '/-/admin?tab=audit');
    await page.getByRole('link', { name: 'Next' }).click();
    await page.waitForURL('**cursor=**');
    await test.whenStill();
    await page.getByRole('link', { name: 'First page' }).click();
    await page.getByRole('link', { name: 'Next' }).waitFor();
    await test.close();
    const owner = await ground.open();
    await logIn(owner, 'ana', '/-/spaces/team-390/settings?tab=audit');
    const table = owner.page.getByRole('table', { name: 'Audit events' });
    await table.waitFor();
    await lookOnce(owner, widths[0], 'settings-audit');
    expect(await table.innerText()).not.toContain('worker');
    owner.expectClean();
  });

  it('an owner deletes a space, after a question that names it', async () => {
    const registry = ground.registry();
    await registry.addSpace('doomed', 'private');
    await registry.admin.upload('doomed', { name: 'web' });
    const test = await ground.open();
    const { page } = test;
    await logIn(test, 'chief', '/-/spaces/doomed/settings');
    await page.getByRole('button', { name: 'Delete doomed' }).click();
    await page.getByRole('heading', { name: 'Delete doomed?' }).waitFor();
    await lookOnce(test, widths[0], 'settings-delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the space' }).click();
    await page.waitForURL('**/-/');
    expect((await registry.admin.api('/spaces/doomed')).status).toBe(404);
    test.expectClean();
  });
});
