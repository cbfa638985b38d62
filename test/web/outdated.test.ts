import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

const listed = z.object({ items: z.array(z.unknown()) });
const readItems = async (response: Response) => listed.parse(await response.json()).items;

/** Work that workers begin by themselves takes longer on a busy machine. */
const slow = { timeout: 45_000 };

const charts = ['shop', 'portal', 'intranet'];

describe.runIf(hasChromium())('charts that are out of date', () => {
  const ground = useGround(async (registry) => {
    await registry.upload('demo', { name: 'web' });
    for (const chart of charts)
      await registry.orchestrate('demo', {
        save: { chart, version: '1.0.0' },
        configs: { package: { independent: true, space: 'demo', chart: 'web', version: '^1' } },
      });
    await registry.upload('demo', { name: 'web', version: '1.4.0' });
    await registry.upload('demo', { name: 'web', version: '2.0.0' });
  });

  it('says by how much, and composes many at once', async () => {
    const test = await ground.open();
    const { page } = test;
    const list = async () => readItems(await ground.registry().api('/outdated?state=outdated'));
    await expect.poll(list, slow).toHaveLength(charts.length);
    await test.visit('/-/outdated');
    const sources = page.getByRole('list', { name: 'Sources of shop' });
    await expect.poll(() => sources.textContent()).toMatch(/web 1\.0\.0 .*1\.4\.0.*2\.0\.0 is there/);
    await lookAt(test, 'outdated');
    await page.getByRole('checkbox', { name: 'All' }).check();
    await page.getByRole('combobox', { name: 'Next version' }).selectOption('minor');
    await page.getByRole('button', { name: 'Compose 3 again' }).click();
    for (const chart of charts)
      await page
        .getByRole('listitem')
        .filter({ hasText: `${chart} 1.0.0` })
        .getByText('succeeded')
        .waitFor();
    await expect.poll(list, slow).toEqual([]);
    await test.visit('/-/outdated');
    await page.getByText('Everything is up to date').waitFor();
    for (const chart of charts) {
      const versions = await ground.registry().api(`/spaces/demo/charts/${chart}/versions`);
      expect(await readItems(versions)).toEqual(['1.0.0', '1.1.0']);
    }
    test.expectClean();
  });

  it('follows the sources of a chart, shows the history, and ends it', async () => {
    const test = await ground.open();
    const { page } = test;
    test.allow(/status of 404/);
    const newer = async () => readItems(await ground.registry().api('/outdated?state=newer'));
    const portal = (version: string) => expect.objectContaining({ chart: 'portal', version });
    await expect.poll(newer, slow).toContainEqual(portal('1.1.0'));
    await test.visit('/-/outdated?state=newer');
    const row = page.getByRole('listitem').filter({ hasText: 'portal' }).first();
    await row.getByText('Follow its sources').click();
    await row.getByText('No follow is set').waitFor();
    await lookAt(test, 'follow-none');
    await row.getByLabel('Wait for more changes').fill('0s');
    await row.getByLabel('Versions to keep').fill('3');
    await row.getByLabel('Pre-releases of sources count too').check();
    await row.getByRole('button', { name: 'Follow the sources' }).click();
    await row.getByText('It has composed nothing yet').waitFor();
    await ground.registry().upload('demo', { name: 'web', version: '1.5.0' });
    const follow = await ground.registry().api('/spaces/demo/charts/portal/follow');
    expect(await follow.json()).toMatchObject({ settings: { wait: '0s', keep: 3, prereleases: true } });
    const runs = async () => readItems(await ground.registry().api('/spaces/demo/charts/portal/follow'));
    await expect.poll(runs, slow).toMatchObject([{ state: 'composed' }]);
    await expect.poll(newer, slow).toContainEqual(portal('1.1.1'));
    await test.visit('/-/outdated?state=newer');
    await row.getByText('Follow its sources').click();
    await row.getByRole('table').getByRole('link', { name: '1.1.1' }).waitFor();
    await lookAt(test, 'follow');
    // An empty field is not a number of versions: all stay from now on.
    expect(await row.getByLabel('Versions to keep').inputValue()).toBe('3');
    await row.getByLabel('Versions to keep').fill('');
    await row.getByRole('button', { name: 'Change' }).click();
    const kept = async () => {
      const answer = await ground.registry().api('/spaces/demo/charts/portal/follow');
      return z.object({ settings: z.looseObject({}) }).parse(await answer.json()).settings;
    };
    await expect.poll(kept).not.toHaveProperty('keep');
    expect(await kept()).toMatchObject({ wait: '0s', prereleases: true });
    await row.getByRole('button', { name: 'End the follow' }).click();
    await row.getByText('No follow is set').waitFor();
    test.expectClean();
  });

  it('lists the followed charts, failed first, with settings and last run', async () => {
    const test = await ground.open();
    const { page } = test;
    const { api, upload } = ground.registry();
    await upload('demo', { name: 'web', version: '1.6.0' });
    for (const chart of ['intranet', 'shop']) {
      const set = { method: 'PUT', body: '{"on":"minor","wait":"0s","keep":5}' };
      expect((await api(`/spaces/demo/charts/${chart}/follow`, set)).status).toBe(200);
    }
    // A newest version that nobody composed has no recipe to follow.
    await upload('demo', { name: 'shop', version: '9.0.0' });
    const run = z.object({ items: z.array(z.object({ chart: z.string(), state: z.string() })) });
    const listed = async () => run.parse(await (await api('/follows')).json()).items;
    const wanted = [
      { chart: 'shop', state: 'failed' },
      { chart: 'intranet', state: 'current' },
    ];
    await expect
      .poll(async () => readItems(await api('/spaces/demo/charts/intranet/versions')), slow)
      .toContain('1.1.1');
    await expect.poll(listed, slow).toEqual(wanted);
    await test.visit('/-/outdated');
    await page.getByRole('link', { name: 'Followed charts' }).click();
    const rows = page.getByRole('region', { name: 'Followed charts' }).getByRole('listitem');
    await expect.poll(() => rows.first().textContent()).toMatch(/^shop.*failed.*uploaded/);
    await expect
      .poll(() => rows.last().textContent())
      .toMatch(/^intranet.*current.*On minor and patch steps.*a patch step · at once · keeps the newest 5/);
    await lookAt(test, 'followed-charts');
    await page.getByRole('combobox', { name: 'State' }).selectOption('current');
    await expect.poll(() => rows.allTextContents()).toEqual([expect.stringMatching(/^intranet/)]);
    expect(page.url()).toContain('/-/outdated?state=follows&follow=current');
    await rows.getByRole('link', { name: '1.1.1' }).click();
    await page.getByRole('heading', { name: /intranet/ }).waitFor();
    await page.goBack();
    await expect.poll(() => rows.allTextContents()).toEqual([expect.stringMatching(/^intranet/)]);
    test.expectClean();
  });
});
