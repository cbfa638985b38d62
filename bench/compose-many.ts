import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { spread } from './support.ts';

/** Load of recipes. */
export interface ComposeOptions {
  /** Name of the new charts; a number is appended. */
  name: string;
  /** Number of the first recipe, default 0. Its configuration has the number, and checks of a known one cost nothing. */
  first?: number;
  /** Recipes in all, and at a time. */
  total: number;
  width: number;
  /** Milliseconds between two polls of a job; absent for clients that wait. */
  pollMs?: number | undefined;
}

/** Result of a load. */
export interface ComposeFigures {
  seconds: number;
  /** Milliseconds of each recipe, ascending. */
  times: number[];
  /** Number of responses by status. */
  statuses: Map<number | string, number>;
}

/**
 * Sends recipes of three charts each and waits for the composed charts. The APIs take turns. It uses undici's
 * `request`, since `fetch` would take a fifth of a core from the registry that is measured.
 */
export async function composeMany(
  urls: readonly string[],
  charts: readonly [string, string][],
  { name, first = 0, total, width, pollMs }: ComposeOptions,
): Promise<ComposeFigures> {
  const source = (index: number) => {
    const [chart = '', version = ''] = charts[index % charts.length] ?? [];
    return { package: { independent: true, space: 'lib', chart, version }, _config: { index } };
  };
  const times: number[] = [];
  const statuses = new Map<number | string, number>();
  const startedAt = performance.now();
  await spread(total, width, async (position) => {
    const index = first + position;
    const started = performance.now();
    const url = urls[index % urls.length] ?? '';
    const response = await request(`${url}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      headers: pollMs === undefined ? { Prefer: 'wait=60' } : {},
      body: JSON.stringify({
        save: { chart: `${name}-${index}`, version: '1.0.0' },
        configs: { ...source(index), one: source(index + 1), two: source(index + 2) },
      }),
    });
    const status = pollMs === undefined ? await dump(response) : await pollJob(url, response, pollMs);
    times.push(performance.now() - started);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  return { seconds: (performance.now() - startedAt) / 1000, times: times.sort((a, b) => a - b), statuses };
}

async function dump({ body, statusCode }: Dispatcher.ResponseData): Promise<number> {
  await body.dump();
  return statusCode;
}

/** Polls an accepted job until it is over. @returns its state */
async function pollJob(url: string, accepted: Dispatcher.ResponseData, pollMs: number): Promise<string> {
  for (let response = accepted; ; ) {
    const { id, state } = Object(await response.body.json());
    if (state !== 'queued' && state !== 'running') return String(state);
    await sleep(pollMs);
    response = await request(`${url}/api/v1/jobs/${id}`);
  }
}
