import { type QueryParameters, request, send, withQuery } from '../../api/request.ts';
import type { KnownValues } from './known-keys.ts';
import type { WireRecipe } from './recipe-of-draft.ts';

/** Chart that a search found, with its latest version. */
export interface FoundChart {
  space: string;
  chart: string;
  version: string;
  description?: string | null;
}

/** Result of a dry run, as far as the composer shows it. */
export interface DryRun {
  warnings: { code: string; pointer: string; message: string; file?: string; line?: number }[];
  sources: { pointer: string; space: string; chart: string; requested: string; version: string }[];
  values: unknown;
  replaces?: { digest: string };
  comparison?: {
    from: { version: string };
    values?: { total: number; items: { pointer: string; change: string; from?: unknown; to?: unknown }[] };
  };
}

/** Job of a composition. */
export interface ComposedJob {
  id: string;
  state: string;
  space: string;
  chart: string;
  version: string;
}

interface ItemPage<Item> {
  items: Item[];
}

const pathOf = (...names: readonly string[]) => names.map((name) => `/${encodeURIComponent(name)}`).join('');
const versionPath = (space: string, chart: string, version: string) =>
  `/spaces${pathOf(space)}/charts${pathOf(chart)}/versions${pathOf(version)}`;

/** Runs a recipe dry, compared with the latest version of the chart where there is one. */
export async function runDry(space: string, recipe: WireRecipe, signal: AbortSignal): Promise<DryRun> {
  const run = (query: QueryParameters) =>
    send<DryRun>('POST', withQuery(`/spaces${pathOf(space)}/compositions`, query), recipe, { signal });
  return run({ dryRun: true });
}

/** Composes a recipe. @returns its job, which may be over already */
export function compose(space: string, recipe: WireRecipe): Promise<ComposedJob> {
  const headers = { 'Idempotency-Key': crypto.randomUUID() };
  return send('POST', `/spaces${pathOf(space)}/compositions`, recipe, { headers });
}

/** Finds the charts whose names begin so or have such words; the first ones. */
export async function findCharts(q: string, signal: AbortSignal): Promise<FoundChart[]> {
  const query = { q: q.trim(), limit: 12 };
  return (await request<ItemPage<FoundChart>>(withQuery('/search', query), { signal })).items;
}

/** Lists the newest versions of a chart, the newest first. */
export async function listVersionNames(space: string, chart: string, signal: AbortSignal): Promise<string[]> {
  const path = withQuery(`/spaces${pathOf(space)}/charts${pathOf(chart)}/details`, { limit: 50 });
  return (await request<ItemPage<{ version: string }>>(path, { signal })).items.map(({ version }) => version);
}

/** Lists the names of spaces, as suggestions. */
export async function listSpaceNames(): Promise<string[]> {
  return (await request<ItemPage<string>>(withQuery('/spaces', { limit: 200 }))).items;
}

/** Reads the lineage of a composed version; its recipe is absent for who may not read all sources. */
export function readLineage(
  space: string,
  chart: string,
  version: string,
  signal: AbortSignal,
): Promise<{ recipe?: unknown }> {
  return request(`${versionPath(space, chart, version)}/lineage`, { signal });
}

/** Reads the schema and the defaults of the version that a source means; without a schema the defaults alone. */
export async function readKnownValues(
  source: { space: string; chart: string; version: string },
  signal: AbortSignal,
): Promise<KnownValues> {
  const [newest] = await matchingVersions(source, signal);
  if (newest === undefined) return { schema: undefined, values: undefined };
  const path = versionPath(source.space, source.chart, newest);
  const [values, schema] = await Promise.all([
    request<unknown>(`${path}/manifests/values`, { signal }),
    request<unknown>(`${path}/files/values.schema.json`, { signal }).catch(() => undefined),
  ]);
  return { schema, values };
}

async function matchingVersions(
  { space, chart, version }: { space: string; chart: string; version: string },
  signal: AbortSignal,
): Promise<string[]> {
  const query = { limit: 1, ...(version === 'latest' ? {} : { range: version }) };
  const path = withQuery(`/spaces${pathOf(space)}/charts${pathOf(chart)}/details`, query);
  return (await request<ItemPage<{ version: string }>>(path, { signal })).items.map((item) => item.version);
}
