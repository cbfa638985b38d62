import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { createHelm3NoteFailures } from '../core/registry/helm3-note-failures.ts';
import { readValues } from '../core/registry/read-values.ts';
import { createLogTo } from '../core/runtime/log.ts';
import { packChart } from './support/charts.ts';
import { damage } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

/** Requests that all have a turn of the eight, or would have one, and one more. */
const requests = 9;
/** Versions whose values are computed only to start the threads. */
const warmUps = ['0.1.0', '0.1.1'];

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // Each waiting request keeps a connection, and others need some too.
  registry = await startEmbedded({ databasePool: 20 }, { worker: false });
  const versions = [...warmUps, ...Array.from({ length: requests }, (_, n) => `1.0.${n}`)];
  for (const version of versions) {
    const n = Number(version.split('.').at(-1));
    const archive = await packChart({ name: 'web', version, values: { n } });
    expect((await registry.upload('lib', archive)).status).toBe(201);
  }
});
afterAll(() => registry.close());

const valuesOf = (version: string, init?: RequestInit) =>
  registry.api(`/spaces/lib/charts/web/versions/${version}/manifests/values`, init);

/** Waits until at least so many queries of the registry wait for a lock. */
async function awaitLockWaits(count: number): Promise<void> {
  const countWaits = async () => {
    const [row] = await registry.db.query<{ waiting: number }>(
      `SELECT count(*) AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row?.waiting;
  };
  await expect.poll(countWaits, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
}

it('manifests do not wait behind lists that have all turns', async () => {
  const lists: Promise<Response>[] = [];
  await registry.db.transaction(async (tx) => {
    await tx.query('LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE');
    for (let n = 0; n < requests; n += 1) lists.push(registry.api('/audit'));
    await awaitLockWaits(requests - 1);
    const manifest = await registry.request('/v2/lib/web/manifests/1.0.0');
    expect(manifest.status).toBe(200);
  });
  for (const list of lists) expect((await list).status).toBe(200);
});

it('lists do not wait behind values that are computed again', async () => {
  await registry.db.query('UPDATE versions SET values_computation = 0');
  // The threads start before the lock: statements that wait for it end after 30 seconds.
  const warm = await Promise.all(warmUps.map((version) => valuesOf(version)));
  expect(warm.map(({ status }) => status)).toEqual([200, 200]);
  const reads: Promise<Response>[] = [];
  await registry.db.transaction(async (tx) => {
    // Computed values cannot be stored meanwhile.
    await tx.query('SELECT FROM versions FOR NO KEY UPDATE');
    for (let n = 0; n < requests; n += 1) reads.push(valuesOf(`1.0.${n}`));
    await awaitLockWaits(requests);
    expect((await registry.api('/search?q=web')).status).toBe(200);
    expect((await registry.api('/spaces/lib/charts')).status).toBe(200);
  });
  for (const [n, read] of reads.entries()) expect(await (await read).json()).toEqual({ n });
});

/** Uploads a version whose note about Helm 3 is missing, as the release before left it. */
async function uploadWithoutNote(version: string): Promise<Buffer> {
  const archive = await packChart({
    name: 'web',
    version,
    files: { 'values.yaml': Buffer.from('a: 1\n---\nb: 2\n') },
  });
  expect((await registry.upload('lib', archive)).status).toBe(201);
  await registry.db.query(
    'UPDATE versions SET values_majors = NULL, values_computation = 1 WHERE version = $1',
    [version],
  );
  return archive;
}

it('values whose note cannot be made are served without it, until the archive is there again', async () => {
  const archive = await uploadWithoutNote('2.0.0');
  await damage(registry, digestOf(archive), 'gone');
  const tags: string[] = [];
  for (const _time of [1, 2]) {
    const response = await valuesOf('2.0.0');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ a: 1, b: 2 });
    expect(response.headers.get('warning')).toBeNull();
    tags.push(response.headers.get('etag') ?? '');
  }
  expect(tags[0]).toBe(tags[1]);
  // An upload of the archive puts its bytes back, and leaves the version as it is.
  expect((await registry.upload('lib', archive)).status).toBe(409);
  const repaired = await valuesOf('2.0.0', { headers: { 'If-None-Match': tags[0] ?? '' } });
  expect(repaired.status).toBe(200);
  expect(repaired.headers.get('warning')).toContain('values.majors');
  const tag = repaired.headers.get('etag') ?? '';
  expect((await valuesOf('2.0.0', { headers: { 'If-None-Match': tag } })).status).toBe(304);
});

it('an archive whose note cannot be made is not read again for a minute, and no text waits for its note', async () => {
  const archive = await uploadWithoutNote('3.0.0');
  await damage(registry, digestOf(archive), 'flipped');
  const lines: object[] = [];
  const log = createLogTo('warn', { write: (line: string) => void lines.push(JSON.parse(line)) });
  let clock = 0;
  const failures = createHelm3NoteFailures(log, () => clock);
  let found: unknown[] = [];
  const turns = {
    query: async <T>(run: () => Promise<T>) => {
      const result = await run();
      found.push(result);
      return result;
    },
    admit: async () => undefined,
  };
  const read = () => {
    found = [];
    const ref = { space: 'lib', chart: 'web', version: '3.0.0' };
    return readValues(registry.context.registry, ref, turns, failures);
  };
  expect(await read()).toMatchObject({ text: '{"a": 1, "b": 2}', lacksNote: true });
  expect(found).toMatchObject([{ text: null }, [{ text: '{"a": 1, "b": 2}' }]]);
  // The upload repairs the archive.
  expect((await registry.upload('lib', archive)).status).toBe(409);
  clock = 59_999;
  expect(await read()).toMatchObject({ lacksNote: true });
  expect(lines).toEqual([
    expect.objectContaining({
      ...{ space: 'lib', chart: 'web', version: '3.0.0' },
      error: expect.objectContaining({ code: 'blob.damaged' }),
    }),
  ]);
  clock = 60_000;
  expect(await read()).toMatchObject({ lacksNote: false, majors: expect.stringContaining('Helm 3') });
  expect(lines).toHaveLength(1);
});
