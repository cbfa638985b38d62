import { expect, it } from 'vitest';
import { shareCalls } from './share-calls.ts';

it('joins callers of one key, and starts anew after the end', async () => {
  const share = shareCalls<string, number>();
  let calls = 0;
  const call = async () => {
    calls += 1;
    return calls;
  };
  expect(await Promise.all([share('a', call), share('a', call), share('b', call)])).toEqual([1, 1, 2]);
  expect(await share('a', call)).toBe(3);
});

it('gives an error to all callers of its call, and to none later', async () => {
  const share = shareCalls<string, number>();
  const fail = () => Promise.reject(new Error('away'));
  const failed = await Promise.allSettled([share('a', fail), share('a', fail)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await share('a', async () => 1)).toBe(1);
});
