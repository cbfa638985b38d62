import { describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('an empty registry', () => {
  const ground = useGround(async () => {});

  it('says what to do first, takes many archives at a time, and repeats what was refused', async () => {
    const test = await ground.open();
    const { page } = test;
    const { url } = ground.registry();
    await test.visit('/-/');
    await expect.poll(() => page.getByText(`${url}/api/v1/spaces/charts/charts`).count()).toBe(1);
    await lookAt(test, 'first-steps');
    // The commands name the space that is typed.
    const space = page.getByLabel('to the space');
    await space.fill('team');
    await page.getByText(`${url}/api/v1/spaces/team/charts`).waitFor();
    await page.getByText(`helm repo add team ${url}/team`).waitFor();
    await space.fill('charts');

    await page.getByRole('button', { name: 'Copy upload with curl' }).click();
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toContain(`${url}/api/v1/spaces/charts`);

    const archives = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => ({
        name: `chart-${at}-1.0.0.tgz`,
        mimeType: 'application/gzip',
        buffer: await packChart({ name: `chart-${at}` }),
      })),
    );
    const broken = { name: 'broken.tgz', mimeType: 'application/gzip', buffer: Buffer.from('no archive') };
    test.allow(/status of 400/);
    await page.getByLabel('Chart archives').setInputFiles([...archives, broken]);
    await page.getByRole('heading', { name: '12 of 13 uploaded, 1 refused' }).waitFor();
    await lookAt(test, 'uploads');

    // A refused file is sent again on its own, and refused again.
    const again = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Retry broken.tgz' }).click();
    expect((await again).status()).toBe(400);
    await page.getByRole('link', { name: 'chart-7 1.0.0' }).waitFor();
    await page.getByRole('button', { name: 'Show the charts' }).click();
    await page.getByRole('link', { name: 'chart-7', exact: true }).waitFor();
    test.expectClean();
  });

  it('shows all pages of the charts of its only space', async () => {
    for (let at = 0; at < 30; at += 1) await ground.registry().upload('charts', { name: `paged-${at}` });
    const test = await ground.open();
    const { page } = test;
    const charts = page.getByRole('list', { name: 'Charts of charts' }).getByRole('listitem');
    await test.visit('/-/');
    await page.getByText(/^1–25 of \d+ charts$/).waitFor();
    await page.getByRole('link', { name: 'Next →' }).click();
    const second = page.getByText(/^26–\d+ of \d+ charts$/);
    await second.waitFor();
    await page.reload();
    await second.waitFor();
    await expect.poll(() => charts.count()).toBeGreaterThanOrEqual(5);
    await page.goBack();
    await page.getByText(/^1–25 of \d+ charts$/).waitFor();
    test.expectClean();
  });
});
