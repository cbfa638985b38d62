import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { Transaction } from '../core/db/port.ts';
import { jobOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { jobOfEvent, readEvents, tells } from './support/event-stream.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

async function submit(chart: string): Promise<string> {
  const response = await registry.orchestrate(
    'lib',
    {
      save: { chart, version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
    },
    {},
  );
  return (await jobOf(response)).id;
}
async function open(lastId?: string) {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
  const reader = readEvents(await registry.api('/jobs/events', { headers }));
  onTestFinished(() => reader.close());
  await reader.until(({ id }) => id !== '');
  return reader;
}
const advance = (tx: Pick<Transaction, 'query'>, id: string) =>
  tx.query("UPDATE jobs SET done = done + 1 WHERE id = $1 RETURNING pg_notify('job_changed', id::text)", [
    id,
  ]);

it('a process refuses more than 1,000 streams', async () => {
  const streams = await Promise.all(
    Array.from({ length: 1_000 }, () => registry.context.jobs.streams.open(() => false)),
  );
  const refused = await registry.api('/jobs/events');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  for (const { stream } of streams) stream.stop();
  const accepted = await open();
  expect(accepted.events).toHaveLength(1);
});

it('a change that commits after later ones is told to who was there, and to who left in between', async () => {
  const [slow, quick] = [await submit('slow'), await submit('quick')];
  const reader = await open();
  let reconnected: Awaited<ReturnType<typeof open>> | undefined;
  await registry.db.transaction(async (tx) => {
    await advance(tx, slow);
    await advance(registry.db, quick);
    await reader.until(tells('quick'));
    const left = await open(reader.lastId());
    await left.close();
    reconnected = left;
  });
  const isAdvanced = (event: Parameters<typeof jobOfEvent>[0] & { event: string }) =>
    event.event === 'job' && jobOfEvent(event).id === slow && jobOfEvent(event).progress.done === 1;
  expect(await reader.until(isAdvanced)).toBeDefined();
  const resumed = await open(reconnected?.lastId());
  expect(resumed.events.some(isAdvanced) || (await resumed.until(isAdvanced))).toBeTruthy();
});

it('200 streams cost one reading for a change', async () => {
  const id = await submit('shared');
  const readers = await Promise.all(Array.from({ length: 200 }, () => open()));
  const spy = vi.spyOn(registry.context.jobs.db, 'query');
  onTestFinished(() => spy.mockRestore());
  expect((await registry.api(`/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
  await Promise.all(readers.map((reader) => reader.until(tells('shared', 'cancelled'))));
  const readings = spy.mock.calls.filter(([sql]) => sql.includes('pg_current_snapshot'));
  // The second is that of every quarter minute.
  expect(readings.length).toBeGreaterThan(0);
  expect(readings.length).toBeLessThanOrEqual(2);
});

it('a reader who does not read is cut off, and resumes without a gap', async () => {
  const quick = await open();
  const slow = connect(Number(new URL(registry.url).port), '127.0.0.1');
  slow.pause();
  slow.write('GET /api/v1/jobs/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const started = async () => slow.bytesRead > 0 || (await once(slow.resume(), 'data')).length > 0;
  expect(await started()).toBe(true);
  slow.pause();
  const jobsPerBatch = 300;
  const batches = ['one', 'two', 'three', 'four', 'five'];
  for (const batch of batches) {
    await registry.db.query(
      `WITH added AS (
         INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at, error)
         SELECT gen_random_uuid(), 'failed', 'lib', $1, n || '.0.0', '{}', '{}', now(),
                jsonb_build_object('code', 'internal', 'reason', 'ReasonInternal', 'message', repeat('x', 20000))
           FROM generate_series(1, $2::int) n RETURNING id
       )
       SELECT pg_notify('job_changed', 'end ' || id::text) FROM added LIMIT 1`,
      [batch, jobsPerBatch],
    );
    let told = 0;
    await quick.until((event) => tells(batch)(event) && ++told === jobsPerBatch);
    expect(told).toBe(jobsPerBatch);
  }
  let text = '';
  slow.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  slow.resume();
  await once(slow, 'close');
  const events = text.split('\n\n').slice(0, -1);
  const seen = new Set(events.flatMap((event) => /"id":"([^"]+)"/.exec(event)?.[1] ?? []));
  expect(seen.size).toBeLessThan(batches.length * jobsPerBatch);
  const ids = events.flatMap((event) => /^id: (\S+)$/m.exec(event)?.[1] ?? []);
  const resumed = await open(ids.at(-1));
  if (resumed.events[0]?.event !== 'reset') {
    await resumed.until(({ event, id }) => event === '' && id !== '');
    for (const event of resumed.events) if (event.event === 'job') seen.add(jobOfEvent(event).id);
    expect(seen.size).toBe(batches.length * jobsPerBatch);
  }
});
