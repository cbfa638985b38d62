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
