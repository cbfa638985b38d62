import { beforeAll, describe, expect, it } from 'vitest';
import { jobsOf } from '../support/answers.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { findHarm, hostileChart, long, markup, reversed } from './support/hostile-chart.ts';
import { findAxeViolations } from './support/look.ts';
import type { TestPage } from './support/page.ts';

/** Longest names that a registry takes, without a place to break them. */
const space = `s${'pace'.repeat(60)}`;
const chart = `c${'hart'.repeat(60)}`;
const version = `1.0.0-${'pre'.repeat(60)}`;

const values = `
__proto__: { polluted: true }
constructor: { prototype: { polluted: true } }
bell: "\\a\\e\\0\\u2028"
a: &a [${JSON.stringify(markup)}, ${JSON.stringify(reversed)}]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
deep: ${'['.repeat(90)}1${']'.repeat(90)}
`;

/** Work that workers begin by themselves takes longer on a busy machine. */
const slow = { timeout: 45_000 };

const source = (name: string, range: string) => ({
  package: { independent: true, space, chart: name, version: range },
});

describe.runIf(hasChromium())('hostile charts on the other pages', () => {
  const ground = useGround(async (registry) => {
    const files = { ...hostileChart.files, 'values.yaml': values };
    const manifest = { ...hostileChart.manifest, appVersion: long };
    for (const [name, at] of [
      [chart, version],
      [chart, '1.0.0'],
      ['hostile', '1.0.0'],
    ] as const) {
      const { values: _, ...rest } = hostileChart;
      const response = await registry.upload(space, { ...rest, files, manifest, name, version: at });
      if (response.status !== 201) throw new Error(await response.text());
    }
    const recipe = {
      save: { chart: 'composed', version: '1.0.0', description: markup },
      configs: {
        ...source(chart, '^1'),
        _config: { [markup]: reversed, [long]: long, toString: 1 },
        [`x${'long'.repeat(50)}`]: source('hostile', '1.x'),
      },
    };
    await registry.orchestrate(space, recipe);
    await registry.orchestrate(space, { ...recipe, save: { chart: 'composed', version: '1.0.1' } });
    await registry.orchestrate(space, {
      ...recipe,
      save: { chart: 'followed', version: '1.0.0', follow: { wait: '0s' } },
    });
    // The configuration of the recipes does not fit this schema: the follow's job fails.
    const schema = JSON.stringify({ properties: { [markup]: { type: 'integer' } } });
    await registry.upload(space, {
      name: chart,
      version: '1.1.0',
      values: {},
      files: { 'values.schema.json': schema },
    });
  });
  let test: TestPage;
  const dialogs: string[] = [];
  beforeAll(async () => {
    test = await ground.open({ width: 360 });
    test.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
  });

  /** Checks the page as it stands. */
  async function expectUnharmed(path: string): Promise<void> {
    const { page } = test;
    expect(await page.evaluate(findHarm), path).toEqual({
      isHarmed: false,
      addresses: [],
      frames: 0,
      handlers: 0,
      headings: 1,
    });
    expect(await page.evaluate('({}).polluted'), path).toBeUndefined();
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(360);
    expect(new URL(page.url()).pathname, path).toBe(new URL(path, page.url()).pathname);
    expect(await findAxeViolations(page), path).toEqual([]);
    expect(dialogs).toEqual([]);
    test.expectClean();
  }

  it.each([
    ['home', '/-/'],
    ['their space', `/-/spaces/${space}`],
    ['search', '/-/search'],
    ['search by a word', '/-/search?q=unbreakable'],
    ['search by markup', `/-/search?q=${encodeURIComponent(`${markup}${long}`)}`],
    ['search by a keyword', `/-/search?keyword=${encodeURIComponent(markup)}`],
    ['jobs', '/-/jobs'],
    ['charts that are out of date', '/-/outdated'],
    ['charts with newer sources', '/-/outdated?state=newer'],
    ['lineage of a composed chart', `/-/charts/${space}/composed?tab=lineage`],
    ['comparison of composed charts', `/-/charts/${space}/composed?tab=compare`],
    ['values of a composed chart', `/-/charts/${space}/composed?tab=values`],
    ['lineage of a source', `/-/charts/${space}/${chart}?tab=lineage`],
    [
      'a key of a prototype',
      `/-/charts/${space}/${chart}/${version}?tab=values&path=%2F__proto__%2Fpolluted`,
    ],
    ['a deep key', `/-/charts/${space}/${chart}/${version}?tab=values&path=%2Fdeep`],
    ['long versions', `/-/charts/${space}/${chart}?tab=versions`],
    ['commands with long names', `/-/charts/${space}/${chart}?tab=install`],
    ['README of a long version', `/-/charts/${space}/${chart}/${version}`],
  ])('%s: hostile charts are shown, and run nothing', async (_, path) => {
    await test.visit(path);
    await expectUnharmed(path);
  });

  it('jobs with hostile warnings and errors do no harm', async () => {
    const { page } = test;
    const find = async () => (await jobsOf(await ground.registry().api('/jobs?limit=10'))).items;
    const states = async () => (await find()).map(({ state }) => state).sort();
    await expect.poll(states, slow).toEqual(['failed', 'succeeded', 'succeeded', 'succeeded']);
    const items = await find();
    for (const { id } of items) {
      await test.visit(`/-/jobs/${id}`);
      await page.getByText('Recipe', { exact: true }).click();
      await page.locator('details pre').waitFor();
      await expectUnharmed(`/-/jobs/${id}`);
    }
    const path = '/-/outdated';
    // The list follows changes a moment later, and the page reads it once.
    const listed = async () => (await ground.registry().api('/outdated?state=outdated')).text();
    await expect.poll(listed, slow).toContain('"followed"');
    await test.visit(path);
    const row = page.getByRole('listitem').filter({ hasText: 'followed' }).first();
    await row.getByText('Follow its sources').click();
    await row.getByRole('table').waitFor();
    await expectUnharmed(path);
  });

  it('the palette names them, and upload rows say why a file is refused', async () => {
    const { page } = test;
    const path = `/-/spaces/${space}`;
    await test.visit(path);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('charthart');
    await page
      .getByRole('dialog', { name: 'Commands' })
      .getByRole('option', { name: chart.slice(0, 20) })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Upload charts', { exact: true }).click();
    test.allow(/status of 4\d\d/);
    await page.getByLabel('Chart archives').setInputFiles([
      { name: `${reversed}${markup}.tgz`, mimeType: 'application/gzip', buffer: Buffer.from('no archive') },
      { name: `${long}.tgz`, mimeType: 'application/gzip', buffer: Buffer.from(markup) },
    ]);
    await page.getByRole('heading', { name: '0 of 2 uploaded, 2 refused' }).waitFor();
    await expectUnharmed(path);
  });
});
