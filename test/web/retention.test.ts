import { describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { openRepository } from '../support/oci.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { createKeyboard } from './support/keyboard.ts';
import { widths } from './support/look.ts';
import { lookOnce } from './support/width.ts';

/** Runs wait for a worker, which takes longer on a busy machine. */
const slow = { timeout: 30_000 };
/** Flows with many looks at the page, each in four ways. */
const long = { timeout: 120_000 };

/** Settings with which charts deeper than SPACE/NAME are stored. */
const stored = { settings: { nestedCharts: 'store' as const } };

describe.runIf(hasChromium())('retention and deleted versions of a space', () => {
  const ground = useGround(async (registry) => {
    for (const width of widths) {
      for (const version of ['1.0.0', '1.1.0', '1.2.0', '2.0.0-rc.1', '2.0.0'])
        await registry.upload(`builds-${width}`, { name: 'web', version });
      await registry.upload(`builds-${width}`, { name: 'api', version: '1.0.0' });
      for (const version of ['1.0.0', '1.1.0'])
        await registry.upload(`undo-${width}`, { name: 'web', version });
    }
    for (const version of ['1.0.0', '1.1.0']) await registry.upload('partly', { name: 'web', version });
    await registry.api('/spaces/partly/retention', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ rules: [{ charts: ['*'], keep: { last: 1 } }], scheduled: false }),
    });
    const archive = await packChart({ name: 'deep' });
    for (const tag of ['1.9.0', '1.10.0', '1.2.0_build.7'])
      await openRepository(registry, 'builds-1280/team/deep').pushChart(archive, tag);
    await openRepository(registry, 'builds-1280/team/a/notes').pushArtifact('latest', 'notes');
  }, stored);

  it.each(widths)(
    'rules are set and applied, and deleted versions are restored, at %i px',
    long,
    async (width) => {
      const space = `builds-${width}`;
      const test = await ground.open({ width });
      const { page } = test;
      const dialog = page.getByRole('dialog');
      test.allow(/status of 400/);
      await test.visit(`/-/spaces/${space}/settings?tab=retention`);
      await page.getByText('There are no rules').waitFor();
      await lookOnce(test, width, 'retention-none');

      await page.getByRole('button', { name: 'Set rules' }).click();
      const rule = (number: number) => dialog.getByRole('group', { name: `Rule ${number}` });
      await rule(1).getByLabel('Charts').fill('web*');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByRole('alert').waitFor();
      await expect.poll(() => rule(1).locator('[aria-invalid="true"]').count()).toBe(1);
      await rule(1).getByLabel('Highest releases').fill('1');
      await dialog.getByRole('button', { name: 'Add a rule' }).click();
      await rule(2).getByLabel('Days after they were stored', { exact: true }).fill('30');
      await dialog.getByRole('button', { name: 'Move up rule 2' }).click();
      await expect.poll(() => rule(2).getByLabel('Charts').inputValue()).toBe('web*');
      await dialog.getByRole('button', { name: 'Move up rule 2' }).click();
      await expect.poll(() => rule(1).getByLabel('Charts').inputValue()).toBe('web*');
      await lookOnce(test, width, 'retention-form');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('table', { name: 'Rules' }).getByText('the last release').waitFor();

      const preview = page.getByRole('table', { name: 'Preview of a run' });
      await preview.getByText('It is the highest release of the chart.').first().waitFor();
      await lookOnce(test, width, 'retention');
      await page.getByLabel('Versions of the preview').selectOption('delete');
      await page.waitForURL('**action=delete');
      await expect.poll(() => preview.locator('tbody tr').count()).toBe(3);
      const going = preview.getByRole('row', { name: 'web 1.2.0' });
      for (const text of ['rule 1', 'No criterion of the rule keeps it'])
        expect(await going.innerText()).toContain(text);

      await page.getByRole('button', { name: 'Run now' }).click();
      await dialog.getByText('3 versions with').waitFor();
      await lookOnce(test, width, 'retention-run-now');
      await dialog.getByRole('button', { name: 'Delete 3 versions' }).click();
      const runs = page.getByRole('table', { name: 'Runs of the retention' });
      await runs.getByText('succeeded').waitFor(slow);
      await runs.getByText('3 of 3 versions').waitFor();
      await runs.getByRole('button', { name: 'Look at the run' }).click();
      await dialog.getByText('It has deleted 3 versions.').waitFor();
      await expect.poll(() => dialog.getByText('web 1.').count()).toBe(3);
      await lookOnce(test, width, 'retention-run');

      await dialog.getByRole('link', { name: 'Restore versions' }).click();
      await page.waitForURL('**/settings?tab=deleted');
      const deleted = page.getByRole('table', { name: 'Deleted versions' });
      await expect.poll(() => deleted.locator('tbody tr').count()).toBe(3);
      await lookOnce(test, width, 'deleted-versions');
      await page.getByRole('button', { name: 'Restore web 1.0.0' }).click();
      await expect.poll(() => deleted.locator('tbody tr').count()).toBe(2);
      await page.getByRole('checkbox', { name: 'All on this page' }).check();
      await page.getByRole('button', { name: 'Restore 2 versions' }).click();
      await page.getByText('Nothing to restore').waitFor();
      const versions = await ground.registry().api(`/spaces/${space}/charts/web/versions`);
      expect(Object(await versions.json()).metadata.total).toBe(5);

      await page.getByRole('link', { name: 'Retention' }).click();
      await preview.getByText('Somebody has restored it after its deletion.').first().waitFor();
      await page.getByRole('button', { name: `End retention of ${space}` }).click();
      await dialog.getByRole('button', { name: 'End retention' }).click();
      await page.getByText('There are no rules').waitFor();
      test.expectClean();
    },
  );

  it.each(widths)('a version that is deleted on its page is restored there, at %i px', async (width) => {
    const space = `undo-${width}`;
    const test = await ground.open({ width });
    const { page } = test;
    const dialog = page.getByRole('dialog');
    const note = page.getByRole('region', { name: 'Last deletion' });
    const versions = page.getByRole('table', { name: 'Versions' });
    const remove = async (version: string) => {
      await page.getByRole('button', { name: `Delete web ${version}` }).click();
      await dialog.getByRole('button', { name: 'Delete the version' }).click();
      await note.getByText(`web ${version} is deleted.`).waitFor();
    };
    await test.visit(`/-/charts/${space}/web?tab=versions`);
    await remove('1.0.0');
    await expect.poll(() => versions.locator('tbody tr').count()).toBe(1);
    await expect.poll(() => note.and(page.locator(':focus')).count()).toBe(1);
    await lookOnce(test, width, 'version-deleted');
    const keyboard = createKeyboard(test);
    await keyboard.tabTo(page.getByRole('button', { name: 'Undo the deletion of web 1.0.0' }));
    await keyboard.press('Enter');
    await expect.poll(() => versions.locator('tbody tr').count()).toBe(2);
    await expect.poll(() => note.count()).toBe(0);

    // The page stays with the chart, also where its filter shows no other version.
    await test.visit(`/-/charts/${space}/web?tab=versions&range=1.1.0`);
    await remove('1.1.0');
    await page.waitForURL(`**/charts/${space}/web/1.0.0?tab=versions&range=1.1.0`);
    await page.getByText('No version fits').waitFor();
    await page.getByLabel('SemVer range').fill('');
    await remove('1.0.0');
    await page.waitForURL(`**/spaces/${space}`);
    await page.getByText('No charts yet').waitFor();
    await page.getByRole('button', { name: 'Undo the deletion of web 1.0.0' }).click();
    await page.getByRole('link', { name: 'web', exact: true }).waitFor();
    test.expectClean();
  });

  it('a count that fails is no answer, and a preview of a part says that more follow', async () => {
    const test = await ground.open();
    const { page } = test;
    const dialog = page.getByRole('dialog');
    await test.visit('/-/spaces/partly/settings?tab=retention&action=delete');
    await page.getByRole('button', { name: 'Run now' }).click();
    await dialog.getByText('1 version with').waitFor();
    await dialog.getByRole('button', { name: 'Keep' }).click();

    const previews = '**/retention/preview*';
    test.allow(/status of 500/);
    await page.route(previews, (route) => route.fulfill({ status: 500 }));
    await page.getByRole('button', { name: 'Run now' }).click();
    await dialog.getByRole('alert').waitFor();
    const confirm = dialog.getByRole('button', { name: /^(Run now|Delete)/ });
    await expect.poll(() => confirm.getAttribute('aria-disabled')).toBe('true');

    await page.unroute(previews);
    const headers = { Link: '</api/v1/spaces/partly/retention/preview?cursor=more>; rel="next"' };
    await page.route(previews, (route) => route.fulfill({ json: { items: [] }, headers }));
    await test.visit('/-/spaces/partly/settings?tab=retention&action=delete');
    await page.getByRole('heading', { name: 'None among the versions so far' }).waitFor();
    await page.getByRole('link', { name: 'Next' }).waitFor();
    test.expectClean();
  });

  it('charts that were pushed deeper than SPACE/NAME are on the page of the space, with how to pull them', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/spaces/builds-1280');
    const deeper = page.getByRole('region', { name: 'Deeper OCI repositories' });
    await deeper.getByText('1.10.0, 1.9.0, 1.2.0_build.7').waitFor();
    await deeper.getByText(/^helm pull oci:\/\/.*\/builds-1280\/team\/deep --version 1\.10\.0/).waitFor();
    await deeper.getByText(/^oras pull .*\/builds-1280\/team\/a\/notes:latest/).waitFor();
    await lookOnce(test, widths[0], 'space-deeper');
    await test.visit('/-/spaces/builds-390');
    await page.getByRole('link', { name: 'api' }).waitFor();
    expect(await deeper.count()).toBe(0);
    test.expectClean();
  });
});
