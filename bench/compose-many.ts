import { request } from 'undici';
import { spread } from './support.ts';

/** Load of recipes. */
export interface ComposeOptions {
  /** Name of the new charts; a number is appended. */
  name: string;
  /** Recipes in all, and at a time. */
  total: number;
  width: number;
}

/** Result of a load. */
export interface ComposeFigures {
  seconds: number;
  /** Milliseconds of each recipe, ascending. */
  times: number[];
  /** Number of responses by status. */
  statuses: Map<number, number>;
}

/**
 * Sends recipes of three charts each, to the APIs in turn, and waits for the composed charts. It uses undici's
 * `request`, since `fetch` would take a fifth of a core from the registry that is measured.
 */
export async function composeMany(
  urls: readonly string[],
  charts: readonly [string, string][],
  { name, total, width }: ComposeOptions,
): Promise<ComposeFigures> {
  const source = (index: number) => {
    const [chart = '', version = ''] = charts[index % charts.length] ?? [];
    return { package: { independent: true, space: 'lib', chart, version }, _config: { index } };
  };
  const times: number[] = [];
  const statuses = new Map<number, number>();
  const startedAt = performance.now();
  await spread(total, width, async (index) => {
    const started = performance.now();
    const response = await request(`${urls[index % urls.length]}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      headers: { Prefer: 'wait=60' },
      body: JSON.stringify({
        save: { chart: `${name}-${index}`, version: '1.0.0' },
        configs: { ...source(index), one: source(index + 1), two: source(index + 2) },
      }),
    });
    await response.body.dump();
    times.push(performance.now() - started);
    statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
  });
  return { seconds: (performance.now() - startedAt) / 1000, times: times.sort((a, b) => a - b), statuses };
}
