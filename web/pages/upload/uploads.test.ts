import { expect, it } from 'vitest';
import type { RequestProblem } from '../../api/problem.ts';
import type { UploadOutcome } from './send-archive.ts';
import { createUploads } from './uploads.ts';

const problem = (status: number): RequestProblem => ({
  status,
  code: `http.${status}`,
  message: 'no',
  details: {},
  requestId: undefined,
});
const filesOf = (count: number) => Array.from({ length: count }, (_, at) => new File(['a'], `${at}.tgz`));

/** Uploads whose archives are answered by the test. */
function createHeldUploads() {
  const sent: { name: string; answer: (outcome: UploadOutcome) => void }[] = [];
  const uploads = createUploads(
    (space, file) => new Promise((resolve) => sent.push({ name: `${space}/${file.name}`, answer: resolve })),
  );
  const states = () => uploads.rows.value.map(({ state }) => state);
  return { uploads, sent, states };
}
const result: UploadOutcome = { result: { space: 'lib', chart: 'web', version: '1.0.0' } };

it('four files are sent at a time, and the end of all is told once', async () => {
  const { uploads, sent, states } = createHeldUploads();
  uploads.add('lib', filesOf(6));
  expect(states()).toEqual([...Array(4).fill('sending'), 'waiting', 'waiting']);
  for (let at = 0; at < 6; at += 1) {
    await expect.poll(() => sent.length).toBeGreaterThan(at);
    sent[at]?.answer(at === 2 ? { problem: problem(400) } : result);
  }
  await expect.poll(() => uploads.ends.value).toBe(1);
  expect(uploads.isBusy.value).toBe(false);
  expect(states()).toEqual(['done', 'done', 'failed', 'done', 'done', 'done']);
  uploads.remove(uploads.rows.value.filter(({ state }) => state === 'done').map(({ id }) => id));
  expect(states()).toEqual(['failed']);
});

it('a log-in that has ended stops what waits, and all of it is sent again afterwards', async () => {
  const { uploads, sent, states } = createHeldUploads();
  uploads.add('lib', filesOf(7));
  for (const { answer } of sent.slice(0, 4)) answer({ problem: problem(401) });
  await expect.poll(() => uploads.ends.value).toBe(1);
  expect(sent).toHaveLength(4);
  expect(states()).toEqual(Array(7).fill('failed'));
  uploads.retry(uploads.rows.value.map(({ id }) => id));
  for (let at = 4; at < 11; at += 1) {
    await expect.poll(() => sent.length).toBeGreaterThan(at);
    sent[at]?.answer(result);
  }
  await expect.poll(() => states()).toEqual(Array(7).fill('done'));
});
