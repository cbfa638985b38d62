import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { defaultChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import { prepareChart } from '../chart/prepare.ts';
import { readChart, toChartMetadata } from '../chart/read-chart.ts';
import type { Source } from './compose-prepared.ts';
import { parseRecipe } from './parse.ts';
import { type FoundSource, type Plan, planRecipe } from './plan.ts';

/** Folder of public charts beside the repository; tests are skipped if it is absent. */
const folder = new URL('../../../shared/charts/', import.meta.url);

/** Whether the folder of public charts is there. */
export const haveCharts = existsSync(folder);

/** Lists the file names of the public charts. */
export function chartFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.tgz'));
}

/** Stored charts with their metadata, as a worker has them. */
export interface Store {
  sources: Map<Digest, Source>;
  found: Map<string, FoundSource>;
}

/** Loads charts by the names of their files, such as `redis-23.1.1.tgz`. */
export async function loadCharts(names: readonly string[]): Promise<Store> {
  const store: Store = { sources: new Map(), found: new Map() };
  for (const name of names) await storeChart(readFileSync(new URL(name, folder)), store);
  return store;
}

/** Reads an archive and adds its chart to a store. */
export async function storeChart(bytes: Buffer, { sources, found }: Store): Promise<void> {
  const chart = await readChart(Readable.from([bytes]), defaultChartLimits);
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  sources.set(digest, { chart, prepared: prepareChart(chart) });
  found.set(`lib/${chart.name}/${chart.version}`, { digest, metadata: toChartMetadata(chart) });
}

/** Parses and plans a recipe against a store. */
export function planOf(recipe: unknown, { found }: Store): Plan {
  const parsed = parseRecipe(recipe, { space: 'shops', values: 'merge' });
  return planRecipe(parsed, 'shops', (space, chart, version) => found.get(`${space}/${chart}/${version}`));
}

/** Makes a recipe's node for a file's chart. */
export function nodeOf(file: string, rest: Record<string, unknown> = {}): Record<string, unknown> {
  const [, chart, version] = /^(.*)-(\d[^-]*)\.tgz$/.exec(file) ?? [];
  return { package: { independent: true, space: 'lib', chart, version }, ...rest };
}
