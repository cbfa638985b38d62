import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';

/** Timeout of a request in milliseconds; after it the request counts as lost and is sent again. */
const timeoutMs = 60_000;

/** Request that is sent until it succeeds. */
export interface Sending {
  /** Name in the report. */
  name: string;
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  /** Makes the body for each attempt, because a body can be read once only. */
  body?: () => FormData | string;
}

/** Final response to a request. */
export interface Answer {
  status: number;
  text: string;
  /** Whether an earlier attempt had no response, or one that leaves open whether it had an effect. */
  repeated: boolean;
}

/** Well-behaved client: repeats requests after transient errors, on the next API, after Retry-After. */
export interface Client {
  /** Sends until the answer is neither 423 nor 503, nor missing. */
  send(sending: Sending): Promise<Answer>;
  /** Number of responses by name and status. */
  tally: ReadonlyMap<string, number>;
  /** Makes later failures final instead of repeating the request. */
  stop(): void;
}

/**
 * Creates a client of several APIs.
 * @param problems gets responses 423 and 503 without Retry-After
 */
export function createClient(urls: readonly string[], random: Random, problems: string[]): Client {
  const tally = new Map<string, number>();
  let turn = 0;
  let stopped = false;

  const count = (name: string, outcome: string | number) => {
    const key = `${name} ${outcome}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  };

  async function attempt({ name, method, path, headers = {}, body }: Sending): Promise<Response | undefined> {
    const url = urls[turn++ % urls.length] ?? '';
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body ? { body: body() } : {}),
      });
      count(name, response.status);
      return response;
    } catch {
      count(name, 'no answer');
      return undefined;
    }
  }

  return {
    tally,
    stop() {
      stopped = true;
    },
    async send(sending) {
      for (let attempts = 1; ; attempts += 1) {
        const response = await attempt(sending);
        const text = await response?.text().catch(() => undefined);
        if (response && text !== undefined && response.status !== 423 && response.status !== 503) {
          return { status: response.status, text, repeated: attempts > 1 };
        }
        if (stopped) throw new Error(`${sending.name} ${sending.path} was not done when the run ended`);
        const wait = response?.headers.get('retry-after');
        if (response && text !== undefined && !wait) {
          problems.push(`${sending.name} ${sending.path}: ${response.status} without Retry-After: ${text}`);
        }
        await pause((Number(wait) || 0.3) * 1000 + random.between(0, 300));
      }
    },
  };
}
