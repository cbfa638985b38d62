import { expect, it } from 'vitest';
import type { RequestProblem } from '../../api/problem.ts';
import { describeUploads } from './describe-uploads.ts';
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

/** Uploads whose archives are answered by the test, with what is said at the end of each batch. */
function createHeldUploads() {
  const sent: { name: string; answer: (outcome: UploadOutcome) => void }[] = [];
  const uploads = createUploads(
    (space, file) => new Promise((resolve) => sent.push({ name: `${space}/${file.name}`, answer: resolve })),
  );
  const states = () => uploads.rows.value.map(({ state }) => state);
  const ends: string[] = [];
  uploads.ended.subscribe((batch) => {
    if (batch.length > 0) ends.push(describeUploads(batch));
  });
  return { uploads, sent, states, ends };
}
const result: UploadOutcome = { result: { space: 'lib', chart: 'web', version: '1.0.0' } };

it('four files are sent at a time, and the end of all is told once', async () => {
  const { uploads, sent, states, ends } = createHeldUploads();
  uploads.add('lib', filesOf(6));
  expect(states()).toEqual([...Array(4).fill('sending'), 'waiting', 'waiting']);
  for (let at = 0; at < 6; at += 1) {
    await expect.poll(() => sent.length).toBeGreaterThan(at);
    sent[at]?.answer(at === 2 ? { problem: problem(400) } : result);
  }
  await expect.poll(() => ends.length).toBe(1);
  expect(states()).toEqual(['done', 'done', 'failed', 'done', 'done', 'done']);
  uploads.remove(uploads.rows.value.filter(({ state }) => state === 'done').map(({ id }) => id));
  expect(states()).toEqual(['failed']);
  expect(uploads.holdsFiles.value).toBe(true);

  // A batch that goes to another space says nothing of the refusal before.
  uploads.add('tools', filesOf(2));
  for (const { answer } of sent.slice(6)) answer(result);
  await expect.poll(() => ends.length).toBe(2);
  expect(ends).toEqual(['5 of 6 uploaded, 1 refused', '2 of 2 uploaded']);

  // Two presses of the same button send a file once.
  uploads.retry([3]);
  uploads.retry([3]);
  sent[8]?.answer(result);
  await expect.poll(() => ends.length).toBe(3);
  expect(sent.map(({ name }) => name).slice(6)).toEqual(['tools/0.tgz', 'tools/1.tgz', 'lib/2.tgz']);
  expect(uploads.holdsFiles.value).toBe(false);
});

it('a log-in that has ended stops what waits, and all of it is sent again afterwards', async () => {
  const { uploads, sent, states, ends } = createHeldUploads();
  uploads.add('lib', filesOf(9));
  sent[0]?.answer({ problem: problem(401) });
  await expect
    .poll(() => states())
    .toEqual(['failed', ...Array(3).fill('sending'), ...Array(5).fill('stopped')]);
  uploads.retry(uploads.rows.value.map(({ id }) => id));
  await expect.poll(() => sent.length).toBe(5);

  // Requests of the log-in before end late: they say nothing of what was queued after it.
  for (const { answer } of sent.slice(1, 4)) answer({ problem: problem(401) });
  await expect
    .poll(() => states())
    .toEqual(['sending', ...Array(3).fill('failed'), ...Array(3).fill('sending'), 'waiting', 'waiting']);
  sent[4]?.answer({ problem: problem(401) });
  await expect.poll(() => states().slice(-2)).toEqual(['stopped', 'stopped']);
  for (const { answer } of sent.slice(5)) answer({ problem: problem(400) });
  await expect.poll(() => ends).toEqual(['0 of 9 uploaded, 7 refused, 2 not sent']);
  expect(sent).toHaveLength(8);
  expect(uploads.rows.value.map(({ problem }) => problem?.status)).toEqual([
    ...Array(4).fill(401),
    ...Array(3).fill(400),
    ...Array(2).fill(undefined),
  ]);

  uploads.retry(uploads.rows.value.map(({ id }) => id));
  for (let at = 8; at < 17; at += 1) {
    await expect.poll(() => sent.length).toBeGreaterThan(at);
    sent[at]?.answer(result);
  }
  await expect.poll(() => states()).toEqual(Array(9).fill('done'));
});
