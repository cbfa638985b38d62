import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';

/** Milliseconds for one answer; past this a request counts as lost and is sent again. */
const timeoutMs = 60_000;

export interface Sending {
  /** What it is called in the report. */
  name: string;
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  /** Made anew for every try, since a body is read once. */
  body?: () => FormData | string;
}

export interface Answer {
  status: number;
  text: string;
  /** Whether a try before this one was left without an answer, or with one that does not say whether it was done. */
  repeated: boolean;
}

/** A client as it should be: what may pass is sent again, to another API if there is one, when it is told to. */
export interface Client {
  /** Sends until the answer is neither 423 nor 503, nor missing. */
  send(sending: Sending): Promise<Answer>;
  /** How often each answer came, by name and status. */
  tally: ReadonlyMap<string, number>;
  /** From now on, gives up instead of trying again. */
  stop(): void;
}

/** @param problems where an answer goes that tells the client to come again, but not when */
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
      for (let tries = 1; ; tries += 1) {
        const response = await attempt(sending);
        const text = await response?.text().catch(() => undefined);
        if (response && text !== undefined && response.status !== 423 && response.status !== 503) {
          return { status: response.status, text, repeated: tries > 1 };
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
