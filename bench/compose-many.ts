import { request } from 'undici';
import { spread } from './support.ts';

export interface ComposeOptions {
  /** What the new charts are called, with a number behind it. */
  name: string;
  /** Recipes in all, and under way at a time. */
  total: number;
  width: number;
}

export interface ComposeFigures {
  seconds: number;
  /** Milliseconds that each took, the shortest first. */
  times: number[];
  /** How often each status was answered. */
  statuses: Map<number, number>;
}

// The client shares the machine with what it measures: `fetch` would take a fifth of the time of a processor.
/** Sends recipes of three charts each, to one API after the other, and waits for what they make. */
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
