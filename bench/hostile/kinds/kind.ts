import type { createClient } from '../../../test/support/client.ts';
import type { Unread } from '../unread.ts';

/** Kind of requests that cost the registry far more than their sender. */
export interface HostileKind {
  name: string;
  /** Sends the requests. `round` makes each time different. @returns the statuses of the responses */
  send(round: number): Promise<Iterable<number>>;
}

/** Registry under attack, as the kinds reach it. */
export interface Target {
  url: string;
  client: ReturnType<typeof createClient>;
  unread: Unread;
  /** Addresses of receivers that hold up the caller. */
  receivers: readonly string[];
}

/** Space that has the charts of `storeCharts`. */
export const space = 'bench';
/** Path of the charts of the space below `/api/v1`. */
export const charts = `/spaces/${space}/charts`;
/** Headers of a body in JSON. */
export const json = { 'Content-Type': 'application/json' };

/** Makes a kind of single requests. The response is read and thrown away. */
export function kind(name: string, send: (round: number) => Promise<Response>): HostileKind {
  return { name, send: async (round) => [await statusOf(send(round))] };
}

/** Reads a response to its end. @returns its status */
export async function statusOf(sending: Promise<Response>): Promise<number> {
  const response = await sending;
  await response.body?.pipeTo(new WritableStream());
  return response.status;
}

/** Makes a map of numbered keys. */
export function keys(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
}

/** Names a stored chart as the source of a node. */
export function source(chart: string, version = '1.0.0'): object {
  return { independent: true, space, chart, version };
}

/**
 * Writes a recipe whose text is made but once for all rounds.
 * @param config the root's configuration: a map in JSON, not an empty one
 */
export function recipe(chart: string, round: number, config: string, from = 'web'): string {
  const save = JSON.stringify({ chart: `${chart}-${round % 10}`, version: '1.0.0', replace: true });
  const root = JSON.stringify(source(from));
  return `{"save":${save},"configs":{"package":${root},"_config":{"round":${round},${config.slice(1)}}}`;
}
