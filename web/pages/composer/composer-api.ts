import type { DryRun, FoundChart, Recipe } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
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

/** Finds the charts whose names begin so or have such words; the first ones. */
export async function findCharts(q: string, signal: AbortSignal): Promise<FoundChart[]> {
  const text = q.trim();
  return (
    await registry.search(text === '' ? {} : { q: text }).page({ limit: maxOfferedItems.charts, signal })
  ).items;
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

/** Reads the recipe of a job, and the space in which it composes. @throws {RegistryError} for who may not read it */
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
  const found = registry.space(space).charts({ q: chart }).page({ limit: 100, signal });
  return found.then(
    ({ items }) => items.some(({ name }) => name === chart),
    () => false,
  );
}

/** Makes the body that is sent. The registry judges it: a draft may be any recipe. */
function toBody(recipe: WireRecipe): Recipe {
  return JSON.parse(JSON.stringify(recipe));
}
