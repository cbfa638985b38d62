import type { DryRun, FoundChart, Recipe, VersionFilter } from '@helm-registry/client';
import { pickLatest } from '../../api/chart.ts';
import { registry } from '../../api/registry.ts';
import type { ChartWords } from './chart-words.ts';
import type { WireRecipe } from './recipe-of-draft.ts';

/** Job of a composition. */
export interface ComposedJob {
  id: string;
  state: string;
  space: string;
  chart: string;
  version: string;
}

/** Charts and versions that are offered to choose from. */
const maxOfferedItems = { charts: 12, versions: 50 };

/** Charts of a page that is searched for a name. The first is small, since most charts are on it. */
const searchedPageSizes = { first: 100, later: 1_000 };

/** Runs a recipe dry. The result is compared with the latest version of the chart where there is one. */
export async function runDryRun(space: string, recipe: WireRecipe, signal: AbortSignal): Promise<DryRun> {
  const { chart } = recipe.save;
  const isKnown = typeof chart === 'string' && (await hasVersions(space, chart, signal));
  return registry.dryRun(space, toBody(recipe), { signal, ...(isKnown ? { against: 'latest' } : {}) });
}

/** Composes a recipe. @returns its job, which may be over already */
export async function compose(space: string, recipe: WireRecipe): Promise<ComposedJob> {
  return (await registry.compose(space, toBody(recipe))).job;
}

/** Finds the charts whose names begin so or have such words. @returns the first ones, and how many there are */
export async function findCharts(
  { space, word }: ChartWords,
  signal: AbortSignal,
): Promise<{ items: readonly FoundChart[]; total: number }> {
  const query = { ...(word === '' ? {} : { q: word }), ...(space === undefined ? {} : { space }) };
  return registry.search(query).page({ limit: maxOfferedItems.charts, signal });
}

/**
 * Finds the version of a chart from which a draft begins. It is the newest release, or else the newest pre-release.
 * @returns undefined where the chart has no version
 * @throws {RegistryError} where there is no such chart that the reader may read
 */
export async function findLatestVersion(
  space: string,
  chart: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const read = (filter: VersionFilter) =>
    registry.space(space).chart(chart).versions(filter).page({ limit: 1, signal });
  return pickLatest(await read({ preRelease: false })) ?? pickLatest(await read({}));
}

/** Lists the newest versions of a chart, the newest first. */
export async function listVersionNames(space: string, chart: string, signal: AbortSignal): Promise<string[]> {
  const { items } = await registry
    .space(space)
    .chart(chart)
    .versions()
    .page({ limit: maxOfferedItems.versions, signal });
  return items.map(({ version }) => version);
}

/** Reads the recipe of a composed version. Undefined stands for a reader who may not read all of its sources. */
export async function readLineageRecipe(
  { space, chart, version }: { space: string; chart: string; version: string },
  signal: AbortSignal,
): Promise<object | undefined> {
  const { recipe } = await registry.space(space).chart(chart).version(version).lineage({ signal });
  return recipe.configs ? recipe : undefined;
}

/** Reads the recipe of a job, and the space in which it composes. @throws {RegistryError} for a reader without the right */
export async function readJobRecipe(
  id: string,
  signal: AbortSignal,
): Promise<{ space: string; recipe: object }> {
  const [{ space }, recipe] = await Promise.all([
    registry.jobs.get(id, { signal }),
    registry.jobs.recipe(id, { signal }),
  ]);
  return { space, recipe };
}

/** Whether a chart is there, by the list of its space, which answers also where there is none. */
async function hasVersions(space: string, chart: string, signal: AbortSignal): Promise<boolean> {
  const charts = registry.space(space).charts({ q: chart });
  for (let start = 0; ; ) {
    const limit = start === 0 ? searchedPageSizes.first : searchedPageSizes.later;
    const page = await charts.page({ start, limit, signal }).catch(() => undefined);
    if (!page) return false;
    if (page.items.some(({ name }) => name === chart)) return true;
    start += page.items.length;
    // Other names contain the name too, any number of them.
    if (page.items.length === 0 || start >= page.total) return false;
  }
}

/** Makes the body that is sent. The registry judges it: a draft may be any recipe. */
function toBody(recipe: WireRecipe): Recipe {
  return JSON.parse(JSON.stringify(recipe));
}
