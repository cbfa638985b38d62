import { packChart, type TestChart } from '../../test/support/charts.ts';
import { serve } from '../../test/support/process.ts';
import { fillJobs, fillSpaces, finishFilling, withDatabase } from '../fill-registry.ts';
import { uploadAll } from '../support.ts';

/** Archives that are dropped on the page together. */
export const dropped = 200;

/**
 * Fills a registry to the limits of the page. The limits are 15,000 versions, a space of 1,000 charts, a chart of
 * 5,000 versions, 500 jobs, and a chart with a README of 2 MB and values of 300 kB.
 * @param environment of `serve`, which migrates the database
 */
export async function fillToLimits(environment: Record<string, string>, databaseUrl: string): Promise<void> {
  const registry = await serve(environment);
  registry.process.stdout?.resume();
  await uploadAll(registry.url, 'heavy', [
    await packChart(heavyChart('1.0.0')),
    await packChart(heavyChart('1.1.0')),
  ]);
  await registry.end('SIGTERM');
  await withDatabase(databaseUrl, async (db) => {
    const archives = await db.query<{ digest: string; size: number }>('SELECT digest, size FROM versions');
    await fillSpaces(db, { names: ['wide'], charts: 1_000, versions: 10 }, archives);
    await fillSpaces(db, { names: ['deep'], charts: 1, versions: 5_000 }, archives);
    await fillJobs(db, 'wide', 500);
    await finishFilling(db);
  });
}

/** Packs the archives that are dropped. */
export function packDropped(): Promise<Buffer[]> {
  return Promise.all(Array.from({ length: dropped }, (_, at) => packChart({ name: `dropped-${at}` })));
}

function heavyChart(version: string): TestChart {
  const paragraph = 'A sentence of **words** with [a link](https://example.org) and `code`. '.repeat(6);
  const keys = Array.from({ length: 50 }, (_, at) => [`key${at}`, `${version} ${at} ${'x'.repeat(40)}`]);
  return {
    name: 'heavy',
    version,
    files: {
      'README.md': Array.from({ length: 4_600 }, (_, at) => `## Part ${at}\n\n${paragraph}\n\n`).join(''),
    },
    values: Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`group${at}`, Object.fromEntries(keys)]),
    ),
  };
}
