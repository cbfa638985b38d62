import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { launchChromium } from '../test/web/support/chromium.ts';
import { useBuilt } from './built.ts';
import { readWalkCharts, type WalkCharts } from './page-walk/charts.ts';
import { createHand, type StepFigures } from './page-walk/hand.ts';
import { listSteps } from './page-walk/steps.ts';
import { describeMachine, makeDataDir, percentile, uploadAll } from './support.ts';

// Walks through the page as a new user does, in Chromium on loopback, and counts clicks, keys, letters and waits of
// each step: finds a chart, reads its values, compares two versions, composes four charts, watches that, and composes
// them again with a newer source. Public charts are taken from `../shared/charts`, or made where that is absent:
//
// npm run bench:page-walk -- [--runs 3]

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' } } });
const runs = Number(values.runs);
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Walks once, through a registry of its own: the next one must not know what this one has composed. */
async function walkOnce(browser: Browser, charts: WalkCharts): Promise<[string, StepFigures][]> {
  const [postgres, dataDir] = await Promise.all([startPostgres(), makeDataDir()]);
  const registry = await serve({ DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  registry.process.stdout?.resume();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await uploadAll(registry.url, 'charts', charts.first);
    const page = await context.newPage();
    await page.goto(`${registry.url}/-/`);
    await page.locator('.chart-list li').first().waitFor();
    const hand = createHand(page);
    const walked: [string, StepFigures][] = [];
    for (const { name, walk } of listSteps(() => raise(registry.url, charts))) {
      await walk(hand);
      walked.push([name, hand.finish()]);
    }
    return walked;
  } finally {
    await context.close();
    await registry.end('SIGTERM');
    await postgres.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Uploads the newer source. A person comes back once workers have seen that the umbrella is out of date. */
async function raise(url: string, charts: WalkCharts): Promise<void> {
  await uploadAll(url, 'charts', [charts.newer]);
  for (;;) {
    const answer = await fetch(`${url}/api/v1/outdated?state=outdated`);
    if (Object(await answer.json()).items.length > 0) return;
    await setTimeout(200);
  }
}

function printTable(walks: readonly [string, StepFigures][][]): void {
  const [first = []] = walks;
  print(
    ['step'.padEnd(32), 'clicks', '  keys', 'letters', ' waits', 'longest wait', ' all waits'].join('  '),
  );
  const sums = { clicks: 0, keys: 0, letters: 0 };
  for (const [at, [name, { clicks, keys, letters, waits }]] of first.entries()) {
    const times = walks.map((walk) => walk[at]?.[1].waits ?? []);
    const longest = median(times.map((all) => Math.max(0, ...all)));
    const whole = median(times.map((all) => all.reduce((sum, time) => sum + time, 0)));
    print(
      [
        name.padEnd(32),
        String(clicks).padStart(6),
        String(keys).padStart(6),
        String(letters).padStart(7),
        String(waits.length).padStart(6),
        `${longest.toFixed(0)} ms`.padStart(12),
        `${whole.toFixed(0)} ms`.padStart(10),
      ].join('  '),
    );
    sums.clicks += clicks;
    sums.keys += keys;
    sums.letters += letters;
  }
  print(`in all: ${sums.clicks} clicks, ${sums.keys} keys, ${sums.letters} letters`);
}

function median(numbers: number[]): number {
  return percentile(
    numbers.sort((left, right) => left - right),
    0.5,
  );
}

await useBuilt();
print(describeMachine());
const charts = await readWalkCharts();
print(charts.arePublic ? 'with public charts' : 'with made charts: the folder ../shared/charts is absent');
const browser = await launchChromium();
try {
  const walks: [string, StepFigures][][] = [];
  for (let run = 0; run < runs; run += 1) walks.push(await walkOnce(browser, charts));
  printTable(walks);
} finally {
  await browser.close();
}
