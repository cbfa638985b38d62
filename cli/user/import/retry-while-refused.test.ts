import { expect, it } from 'vitest';
import { createClient } from '../../../client/src/index.ts';
import { createRetryWhileRefused } from './retry-while-refused.ts';

/** Client of a port where nothing listens. */
const client = createClient({ url: 'http://127.0.0.1:8' });

/** Creates a repetition for a tenth of a second, with the lines that it writes. */
function createRetry() {
  const notes: string[] = [];
  const { signal } = new AbortController();
  return { notes, retry: createRetryWhileRefused({ signal, note: (line) => notes.push(line) }, 100) };
}

it('a refused connection ends work at once before the registry has answered', async () => {
  const { notes, retry } = createRetry();
  let tries = 0;
  const work = () => {
    tries += 1;
    return client.whoami();
  };
  await expect(retry(work)).rejects.toThrow();
  expect([tries, notes]).toEqual([1, []]);
});

it('a refused connection is tried again for a bounded time afterwards, once for all work', async () => {
  const { notes, retry } = createRetry();
  expect(await retry(async () => 'an answer')).toBe('an answer');
  let tries = 0;
  const work = () => {
    tries += 1;
    return client.whoami();
  };
  await expect(retry(work)).rejects.toThrow();
  expect(tries).toBe(2);
  expect(notes).toEqual([expect.stringContaining('refuses connections')]);
  await expect(retry(work)).rejects.toThrow();
  expect(tries).toBe(3);
});

it('each restart during long work has the whole time, and one that lasts has no more', async () => {
  const { signal } = new AbortController();
  let clock = 0;
  const retry = createRetryWhileRefused({ signal, note: () => undefined }, 15_000, () => clock);
  await retry(async () => undefined);
  /** Makes work that is refused after so many seconds in each try, and then done. */
  const refusedAfter = (seconds: number[]) => {
    const left = [...seconds];
    return async () => {
      const next = left.shift();
      if (next === undefined) return 'done';
      clock += next * 1_000;
      return client.whoami({ retries: 0 });
    };
  };
  // An upload of 70 seconds lies between two restarts.
  expect(await retry(refusedAfter([0, 70, 2]))).toBe('done');
  await expect(retry(refusedAfter([2, 9, 9]))).rejects.toThrow();
});

it('other failures are not repeated', async () => {
  const { retry } = createRetry();
  await retry(async () => undefined);
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw new Error('no connection was refused');
  };
  await expect(retry(work)).rejects.toThrow('no connection was refused');
  expect(tries).toBe(1);
});
