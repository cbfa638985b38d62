import { describe, expect, it } from 'vitest';
import { startChartHost } from '../support/chart-host.ts';
import { readMirrorOf } from '../support/mirrors.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { widths } from './support/look.ts';
import { lookOnce } from './support/width.ts';

/** Runs wait for a worker, which takes longer on a busy machine. */
const slow = { timeout: 30_000 };
/** Flows with many looks at the page, each in four ways. */
const long = { timeout: 120_000 };

describe.runIf(hasChromium())('the mirror of a space', () => {
  const ground = useGround(async (registry) => {
    for (const width of widths) await registry.api(`/spaces?space=copy-${width}`, { method: 'POST' });
  });

  it.each(widths)(
    'the mirror of a space is made, looked at, edited, paused, resumed and ended, at %i px',
    long,
    async (width) => {
      const host = await startChartHost();
      for (const version of ['1.0.0', '1.1.0']) await host.add({ name: 'alpha', version });
      await host.add({ name: 'beta', version: '2.0.0' }, { digest: '0'.repeat(64) });
      const space = `copy-${width}`;
      const test = await ground.open({ width });
      const { page } = test;
      const dialog = page.getByRole('dialog');
      test.allow(/status of 400/);
      await test.visit(`/-/spaces/${space}/settings?tab=mirror`);
      await page.getByText('This space is not a mirror').waitFor();
      await lookOnce(test, width, 'mirror-none');
      await page.getByRole('button', { name: 'Make it a mirror' }).click();
      await dialog.getByLabel('Address of the upstream').fill('ftp://charts.example.com');
      await dialog.getByRole('button', { name: 'Begin to copy' }).click();
      await dialog.getByRole('alert').waitFor();
      await expect
        .poll(() => dialog.getByLabel('Address of the upstream').getAttribute('aria-invalid'))
        .toBe('true');
      await lookOnce(test, width, 'mirror-form');
      await dialog.getByLabel('Address of the upstream').fill(host.url);
      await dialog.getByRole('button', { name: 'Begin to copy' }).click();

      const runs = page.getByRole('table', { name: 'Runs of the mirror' });
      await runs.getByText('incomplete').first().waitFor(slow);
      const versions = page.getByRole('table', { name: 'Versions of the mirror' });
      await expect.poll(() => versions.locator('tbody tr').count(), slow).toBe(3);
      await page.getByLabel('Outcome of versions').selectOption('failed');
      await page.waitForURL('**outcome=failed');
      await expect.poll(() => versions.locator('tbody tr').count()).toBe(1);
      await versions.getByText('The bytes are not those that the index').waitFor();
      await lookOnce(test, width, 'mirror');
      await runs
        .getByRole('link', { name: /^Run \d+$/ })
        .first()
        .click();
      const heading = page.getByRole('heading', { name: /^Versions in run \d+$/ });
      await heading.waitFor();
      // It stands far above the link.
      await expect.poll(() => heading.evaluate((place) => place.matches(':focus'))).toBe(true);
      await versions.getByText('It is tried again by itself.').waitFor();
      await lookOnce(test, width, 'mirror-run');
      const otherTab = page.getByRole('link', { name: 'Deleted versions' });
      expect(await otherTab.getAttribute('href')).not.toContain('run=');
      await page.getByRole('link', { name: 'Show the last outcome of each version' }).click();
      await page.getByRole('heading', { name: 'Versions', exact: true }).waitFor();

      await page.getByRole('button', { name: 'Edit the mirror' }).click();
      await dialog.getByLabel('Charts', { exact: true }).fill('alpha');
      await dialog.getByLabel('Highest versions of each chart').fill('5');
      await dialog.getByRole('button', { name: 'Save and run' }).click();
      await page.getByText('the highest 5 of each chart').waitFor();
      expect(await readMirrorOf(ground.registry(), space)).toMatchObject({
        charts: ['alpha'],
        last: 5,
        every: 60,
      });
      await runs.getByText('complete', { exact: true }).first().waitFor(slow);

      await test.visit(`/-/spaces/${space}`);
      await page.getByText('This space is a mirror').waitFor();
      expect(await page.getByText('Upload charts').count()).toBe(0);
      await lookOnce(test, width, 'space-mirror');
      await page.getByRole('link', { name: 'See how the mirror does' }).click();

      await page.getByRole('button', { name: 'Pause the mirror' }).click();
      await dialog.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Resume the mirror' }).click();
      await dialog.getByLabel('Minutes between two runs').fill('120');
      await dialog.getByRole('button', { name: 'Resume' }).click();
      await page.getByText('every 2 hours').waitFor();

      // A run that goes on would swallow the next one: wait until only the schedule has one.
      const nextRun = async () => Date.parse((await readMirrorOf(ground.registry(), space)).dueAt ?? '');
      await expect.poll(nextRun, slow).toBeGreaterThan(Date.now() + 3_600_000);
      host.setFault((_path, response) => {
        response.writeHead(401).end();
        return true;
      });
      await page.getByRole('button', { name: 'Run now' }).click();
      await page.getByText('set a user name and a password that the upstream accepts').waitFor(slow);
      await lookOnce(test, width, 'mirror-fault');

      await page.getByRole('button', { name: 'End the mirror' }).click();
      await dialog.getByRole('button', { name: 'End the mirror' }).click();
      await page.getByText('This space is not a mirror').waitFor();
      const charts = await ground.registry().api(`/spaces/${space}/charts`);
      expect(Object(await charts.json()).items).toEqual(['alpha']);
      test.expectClean();
    },
  );
});
