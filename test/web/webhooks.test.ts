import { describe, expect, it } from 'vitest';
import { isSignedWith, startReceiver } from '../support/receiver.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt, widths } from './support/look.ts';
import { lookOnce } from './support/width.ts';

/** Calls of webhooks wait for a worker, which takes longer on a busy machine. */
const slow = { timeout: 30_000 };

describe.runIf(hasChromium())('webhooks of a space, in a registry with open access', () => {
  const ground = useGround(async (registry) => {
    for (const width of widths) await registry.upload(`demo-${width}`, { name: 'web' });
  });

  it.each(widths)(
    'webhooks of a space are created, tested, edited, paused and deleted, at %i px',
    async (width) => {
      const space = `demo-${width}`;
      const receiver = await startReceiver();
      const test = await ground.open({ width });
      const { page } = test;
      const dialog = page.getByRole('dialog');
      test.allow(/status of 400/);
      await test.visit(`/-/spaces/${space}`);
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByText('No webhooks yet').waitFor();
      await lookOnce(test, width, 'webhooks-none');
      await page.getByRole('button', { name: 'New webhook' }).click();
      await dialog.getByLabel('Address').fill('ftp://example.com/hook');
      await dialog.getByRole('button', { name: 'Create the webhook' }).click();
      await dialog.getByRole('alert').waitFor();
      await expect.poll(() => dialog.getByLabel('Address').getAttribute('aria-invalid')).toBe('true');
      await lookOnce(test, width, 'webhook-form');
      await dialog.getByLabel('Address').fill(receiver.url);
      await dialog.getByLabel('Description').fill('Tells the chat');
      await dialog.getByLabel('Only for charts').fill('web, db-*');
      await dialog.getByRole('button', { name: 'Create the webhook' }).click();
      const note = page.getByRole('region', { name: 'Secret of the webhook' });
      const secret = await note.locator('pre').innerText();
      await lookOnce(test, width, 'webhook-secret');
      await page.getByRole('button', { name: 'I have stored it' }).click();
      await page.getByRole('link', { name: receiver.url.replace('hidden', '***') }).click();

      await page.getByRole('button', { name: 'Make a test call' }).click();
      const [call] = await receiver.called(1);
      expect(call?.type).toBe('webhook.test');
      expect(call && isSignedWith(secret, call)).toBe(true);
      const table = page.getByRole('table', { name: 'Deliveries' });
      await table.getByText('succeeded').waitFor(slow);
      await table.getByRole('button', { name: /^Look at webhook.test/ }).click();
      await dialog.getByText('"type": "webhook.test"').waitFor();
      await lookOnce(test, width, 'webhook-delivery');
      await page.keyboard.press('Escape');
      await table.getByRole('button', { name: /^Replay webhook.test/ }).click();
      const [, again] = await receiver.called(2);
      expect(again?.id).toBe(call?.id);

      // An edit of other fields leaves the address with the query that the page does not see.
      await page.getByRole('button', { name: 'Edit' }).click();
      await expect.poll(() => dialog.getByLabel('Only for charts').inputValue()).toBe('web, db-*');
      await dialog.getByLabel('Description').fill('Tells everybody');
      await dialog.getByLabel('A chart could not be composed', { exact: true }).check();
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Tells everybody').waitFor();
      await ground.registry().upload(space, { name: 'web', version: '1.1.0' });
      const isPublished = ({ type }: { type: string }) => type === 'version.published';
      await receiver.called(1, isPublished);
      await page.getByRole('button', { name: 'Refresh' }).click();
      await table.getByText('version.published').waitFor();
      await expect.poll(() => table.getByText('pending').count(), slow).toBe(0);
      await lookOnce(test, width, 'webhook');

      await page.getByRole('button', { name: 'New secret' }).click();
      await dialog.getByRole('button', { name: 'Make a new secret' }).click();
      const next = await note.locator('pre').innerText();
      expect(next).not.toBe(secret);
      await page.getByText('Signed with the secret before until').waitFor();

      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Resume' }).waitFor();
      await lookOnce(test, width, 'webhook-paused');
      await page.getByRole('button', { name: 'Resume' }).click();
      await receiver.called(1, ({ type }) => type === 'webhook.resumed');

      await page.getByLabel('State of deliveries').selectOption('failed');
      await page.waitForURL('**state=failed');
      await page.getByText('No failed deliveries').waitFor();
      await page.getByRole('button', { name: /^Delete the webhook/ }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL('**/settings?tab=webhooks');
      await page.getByText('No webhooks yet').waitFor();
      test.expectClean();
    },
  );

  it('shows a call that fails, and why', async () => {
    const receiver = await startReceiver();
    receiver.answer(503);
    const registry = ground.registry();
    const created = await registry.api('/spaces/demo-1280/webhooks', {
      method: 'POST',
      body: JSON.stringify({ url: receiver.url, events: ['*'] }),
    });
    const { id } = Object(await created.json());
    await registry.upload('demo-1280', { name: 'web', version: '2.0.0' });
    await receiver.called(1);
    const test = await ground.open();
    await test.visit(`/-/spaces/demo-1280/webhooks/${id}`);
    await test.page.getByRole('table', { name: 'Deliveries' }).getByText('503 in').waitFor(slow);
    await test.visit(`/-/spaces/demo-1280/webhooks/${id}`);
    await test.page.getByText('1 failed attempt since').waitFor();
    await lookAt(test, 'webhook-failing');
  });

  it('webhooks, retention, mirror and deleted versions are all of the administration where access is open', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/spaces/demo-390/settings');
    await expect
      .poll(() => page.locator('nav.tabs a').allInnerTexts())
      .toEqual(['Webhooks', 'Retention', 'Mirror', 'Deleted versions']);
    for (const path of ['/-/admin', '/-/account', '/-/spaces/demo-390/accounts/ci', '/-/admin/groups/team']) {
      await test.visit(path);
      await page.getByText('There is nobody to administer').waitFor();
    }
    expect(await page.getByRole('link', { name: 'Log in' }).count()).toBe(0);
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Commands' });
    await palette.getByRole('option', { name: 'Jobs' }).waitFor();
    expect(await palette.getByRole('option', { name: 'Administration' }).count()).toBe(0);
    test.expectClean();
  });
});
