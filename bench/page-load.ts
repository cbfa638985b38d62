import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { packChart } from '../test/support/charts.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { launchChromium } from '../test/web/support/chromium.ts';
import { useBuilt } from './built.ts';
import { dropped, fillToLimits, packDropped } from './page-load/fill.ts';
import { hostileCharts, hostileVisits } from './page-load/hostile-charts.ts';
import { measureAction, measureVisit, openMeasured, type PageFigures } from './page-load/measure.ts';
import { describeMachine, makeDataDir, percentile, uploadAll } from './support.ts';

// Benchmarks the page in Chromium on loopback, with 15,000 versions: until the first list is painted, the longest task
// during which the page answers nobody, and how much moved by itself. Charts made to hold the page up come last:
//
// npm run bench:page-load -- [--runs 5]

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
/** Pixels of a phone, where less is beside each other and more moves. */
const phoneWidth = 390;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Addresses below `/-/`, each with what is waited for. */
const visits: [name: string, path: string, selector: string][] = [
  ['home', '', '.table tbody tr'],
  ['space of 1,000 charts', 'spaces/wide', '.chart-list li'],
  ['search, all charts', 'search', '.chart-list li'],
  ['search, a word of every chart', 'search?q=everybody', '.chart-list li'],
  ['500 jobs', 'jobs', '.table tbody tr'],
  ['chart, README of 2 MB', 'charts/heavy/heavy', '.markdown h3'],
  ['chart, values of 300 kB', 'charts/heavy/heavy?tab=values', '[role=treeitem]'],
  ['chart, values as a file', 'charts/heavy/heavy?tab=values&view=file', '.code'],
  ['chart, compare 5,000 keys', 'charts/heavy/heavy?tab=compare', '.changes-list li'],
  ['chart of 5,000 versions', 'charts/deep/chart-1?tab=versions', '.table tbody tr'],
  ['out of date', 'outdated', '.composed li, .empty'],
];

function describe(figures: readonly PageFigures[]): string {
  const sorted = (read: (one: PageFigures) => number) =>
    figures.map(read).sort((left, right) => left - right);
  const shown = sorted(({ shown }) => shown);
  const longest = Math.max(...figures.map(({ longest }) => longest));
  const shift = Math.max(...figures.map(({ shift }) => shift));
  return `p50 ${percentile(shown, 0.5).toFixed(0)} ms, longest ${percentile(shown, 1).toFixed(0)} ms; longest task ${longest.toFixed(0)} ms; layout shift ${shift.toFixed(3)}`;
}

/** Visits charts that are made to hold up the page, once each. */
async function measureHostile(browser: Browser, url: string): Promise<void> {
  const archives = await Promise.all(hostileCharts.map((chart) => packChart(chart)));
  await uploadAll(url, 'hostile', archives);
  for (const [path, selector] of hostileVisits)
    print(`${path.padEnd(48)} ${describe([await measureVisit(browser, `${url}/-/${path}`, selector)])}`);
}

async function measureVisits(browser: Browser, url: string): Promise<void> {
  // Starts the threads, and plans the statements.
  for (const [, path, selector] of visits) await measureVisit(browser, `${url}/-/${path}`, selector);
  for (const [name, path, selector] of visits) {
    const figures: PageFigures[] = [];
    for (let run = 0; run < runs; run += 1)
      figures.push(await measureVisit(browser, `${url}/-/${path}`, selector));
    const { shift } = await measureVisit(browser, `${url}/-/${path}`, selector, phoneWidth);
    print(`${name.padEnd(32)} ${describe(figures)}, ${shift.toFixed(3)} at ${phoneWidth} px`);
  }
}

async function measureActions(browser: Browser, url: string): Promise<void> {
  const page = await openMeasured(browser, '.markdown h3');
  await page.goto(`${url}/-/charts/heavy/heavy`);
  const whole = await measureAction(page, '#user-content-part-4599', () =>
    page.getByRole('button', { name: /^Show all/ }).click(),
  );
  print(`${'all of the README of 2 MB'.padEnd(32)} ${describe([whole])}`);
  await page.goto(`${url}/-/charts/heavy/heavy?tab=values`);
  const opened = await measureAction(page, '[role=treeitem]:nth-child(30)', () =>
    page.getByRole('button', { name: 'Open all' }).click(),
  );
  print(`${'all of 5,000 keys opened'.padEnd(32)} ${describe([opened])}`);
  const archives = await packDropped();
  await page.goto(`${url}/-/spaces/dropped`);
  await page.getByText('Upload charts', { exact: true }).click();
  const files = archives.map((buffer, at) => ({
    name: `dropped-${at}.tgz`,
    mimeType: 'application/gzip',
    buffer,
  }));
  const uploaded = await measureAction(page, `.upload-rows li[data-state=done]:nth-child(${dropped})`, () =>
    page.locator('input[type=file]').setInputFiles(files),
  );
  print(`${`${dropped} archives uploaded`.padEnd(32)} ${describe([uploaded])}`);
  await page.context().close();
}

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' };
const browser = await launchChromium();
try {
  await fillToLimits(environment, postgres.url);
  const registry = await serve(environment);
  registry.process.stdout?.resume();
  try {
    await measureVisits(browser, registry.url);
    await measureActions(browser, registry.url);
    await measureHostile(browser, registry.url);
  } finally {
    await registry.end('SIGTERM');
  }
} finally {
  await browser.close();
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}
