import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contentOf, digestOf } from '../core/blobs/content.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import { claimSourceToPrepare, preparedFormNumber } from '../core/registry/derived-blobs.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { createInlineComposition } from '../worker/compose-chart.ts';
import { linkOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { allDamages, damage } from './support/damage.ts';
import { nothing, path, useGarbage } from './support/garbage.ts';
import { verifyByCommand } from './support/process.ts';

const use = useGarbage();
const { collect, remove, stored } = use;

/** Packs a chart that is prepared in a thread; its prepared form is longer than what a store checks when it is staged. */
const large = (version = '1.0.0') =>
  packChart({
    name: 'web',
    version,
    values: { replicas: 1 },
    files: { 'files/noise': randomBytes(400_000) },
  });

/** Uploads a chart that is prepared in a thread. @returns its archive's digest */
async function upload(space = 'lib', version = '1.0.0', archive?: Buffer): Promise<Digest> {
  const bytes = archive ?? (await large(version));
  expect((await use.registry.upload(space, bytes)).status).toBe(201);
  return digestOf(bytes);
}

interface DerivedRow {
  source: Digest;
  form: number;
  blob: Digest;
}
const rows = () =>
  use.maintenance.db.query<DerivedRow>('SELECT source, form, blob FROM derived_blobs ORDER BY form');

/** Returns the blob of the only derived row. */
async function onlyBlob(): Promise<Digest> {
  const [row, ...others] = await rows();
  if (!row || others.length > 0) throw new Error('there is not one derived blob');
  return row.blob;
}

/** Offers inline composition as a new process would, with an empty cache, and counts what it prepares. */
function startProcess(blobs: BlobStore = use.maintenance.blobs) {
  const { jobs, log } = use.registry.context;
  const preparer = createPreparer(jobs.limits);
  onTestFinished(() => preparer.close());
  const prepared: Digest[] = [];
  const cache = createSourceCache(
    { ...jobs, blobs, log: log.child({}, { level: 'silent' }) },
    {
      ...preparer,
      prepare(archive) {
        prepared.push(digestOf(archive));
        return preparer.prepare(archive);
      },
    },
    1e8,
  );
  onTestFinished(jobs.compositionSlots.offer(createInlineComposition(jobs, cache.load)));
  return { cache, prepared };
}

/** Composes a chart of one source into a space, in a process that has loaded it. @returns the digest of its archive */
async function compose({ cache }: ReturnType<typeof startProcess>, source: Digest, space: string) {
  await cache.load(source);
  const stored = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
  await use.registry.api('/spaces', { method: 'POST', body: JSON.stringify({ name: space }) });
  const composed = await use.registry.orchestrate(space, {
    save: { chart: 'app', version: '1.0.0' },
    configs: { package: stored, _config: { replicas: 2 } },
  });
  expect(await linkOf(composed)).toMatchObject({ chart: 'app' });
  return (await use.registry.api(`/spaces/${space}/charts/app/versions/1.0.0`)).headers.get('etag');
}

describe('prepared forms', () => {
  it('a source is prepared once for all processes, which compose the same bytes', async () => {
    const digest = await upload();
    const first = startProcess();
    const composed = await compose(first, digest, 'one');
    expect(first.prepared).toEqual([digest]);
    const second = startProcess();
    expect(await compose(second, digest, 'two')).toBe(composed);
    expect(second.prepared).toEqual([]);
    expect(await rows()).toMatchObject([{ source: digest, form: preparedFormNumber }]);
  });

  it.each([...allDamages, 'of another program'] as const)(
    'a prepared form that is %s is made anew, and composes the same bytes',
    async (how) => {
      const digest = await upload();
      const composed = await compose(startProcess(), digest, 'one');
      if (how === 'of another program') {
        const other = contentOf(Buffer.from('no prepared form'));
        await use.maintenance.blobs.put(other);
        await use.maintenance.db.query('UPDATE derived_blobs SET blob = $1, size = $2', [
          other.digest,
          other.size,
        ]);
      } else await damage(use.registry, await onlyBlob(), how);
      const second = startProcess();
      expect(await compose(second, digest, 'two')).toBe(composed);
      expect(second.prepared).toEqual([digest]);
      expect(await use.maintenance.db.query('SELECT digest FROM blob_faults')).toEqual([]);
      const third = startProcess();
      expect(await compose(third, digest, 'three')).toBe(composed);
      expect(third.prepared).toEqual([]);
    },
  );

  it('a source is used also where its prepared form cannot be stored', async () => {
    const digest = await upload();
    const put = () => Promise.reject(new Error('the store is full'));
    const { cache, prepared } = startProcess({ ...use.maintenance.blobs, put });
    expect(await cache.load(digest)).toMatchObject({ chart: { name: 'web' } });
    expect([prepared, await rows()]).toEqual([[digest], []]);
  });

  it('a prepared form that the store took without an answer waits for garbage collection', async () => {
    const digest = await upload();
    const { blobs } = use.maintenance;
    const put: BlobStore['put'] = async (content, how) => {
      await blobs.put(content, how);
      throw new Error('the store does not answer');
    };
    await startProcess({ ...blobs, put }).cache.load(digest);
    expect([await rows(), (await stored()).length]).toEqual([[], 2]);
    expect(await collect(3_600)).toMatchObject({ found: 0, removed: 0, waiting: 1 });
    await startProcess().cache.load(digest);
    expect((await stored()).sort()).toEqual([digest, await onlyBlob()].sort());
    expect(await collect()).toMatchObject({ found: 0, removed: 0, waiting: 0 });
  });

  it('two processes that prepare a source at once leave one prepared form', async () => {
    const digest = await upload();
    const processes = [startProcess(), startProcess(), startProcess()];
    const sources = await Promise.all(processes.map(({ cache }) => cache.load(digest)));
    expect(sources[1]).toEqual(sources[0]);
    expect(await collect()).toMatchObject({ found: 0, failed: 0, waiting: 0 });
    expect((await stored()).sort()).toEqual([digest, await onlyBlob()].sort());
  });

  it('a source that no version has any more is used without storing its prepared form', async () => {
    const digest = await upload();
    await remove('lib', '1.0.0');
    await startProcess().cache.load(digest);
    expect([await rows(), await stored()]).toEqual([[], [digest]]);
  });

  it('a worker prepares an uploaded chart before its first use, with its outline', async () => {
    const digest = await upload();
    const worker = await use.registry.startWorker();
    onTestFinished(() => worker.close());
    const outlines = () =>
      use.maintenance.db.query('SELECT FROM versions WHERE digest = $1 AND outline IS NOT NULL', [digest]);
    await expect.poll(outlines, { timeout: 20_000 }).toHaveLength(1);
    await onlyBlob();
    const { cache, prepared } = startProcess();
    await cache.load(digest);
    expect(prepared).toEqual([]);
  });

  it('uploaded and replaced charts are prepared ahead, the last first; small and composed ones are not', async () => {
    const first = await upload();
    await use.registry.upload('lib', await packChart({ name: 'small', values: { a: 1 } }));
    await compose(startProcess(), first, 'one');
    const second = await upload('lib', '2.0.0');
    const { db } = use.maintenance;
    expect([await claimSourceToPrepare(db), await claimSourceToPrepare(db)]).toEqual([second, first]);
    expect(await claimSourceToPrepare(db)).toBeUndefined();
  });

  it('of many uploads only the last thousand are prepared ahead', async () => {
    const { db } = use.maintenance;
    await db.query(`INSERT INTO sources_to_prepare (digest) SELECT i::text FROM generate_series(1, 3000) i`);
    expect(await claimSourceToPrepare(db)).toBe('3000');
    expect(await db.query('SELECT count(*) AS left FROM sources_to_prepare')).toEqual([{ left: 999 }]);
  });
});

describe('garbage collection of prepared forms', () => {
  it('a prepared form is removed with the last version that has its source', async () => {
    const archive = await large();
    const digest = await upload('lib', '1.0.0', archive);
    await upload('other', '1.0.0', archive);
    await startProcess().cache.load(digest);
    const form = await onlyBlob();
    await remove('lib', '1.0.0');
    expect(await collect()).toEqual(nothing);
    expect(await stored()).toContain(form);
    await remove('other', '1.0.0');
    expect(await collect()).toMatchObject({ removed: 2, waiting: 0 });
    expect([await rows(), await stored()]).toEqual([[], []]);
  });

  it('a prepared form is removed when the only version with its source is replaced', async () => {
    const digest = await upload();
    await startProcess().cache.load(digest);
    const values = await use.registry.api(`${path('lib', '1.0.0')}/manifests/values`, {
      method: 'PUT',
      body: '{"replicas":3}',
    });
    expect(values.status).toBe(200);
    expect(await collect()).toMatchObject({ removed: 2 });
    expect(await rows()).toEqual([]);
  });

  it('a prepared form of an earlier release is made anew and removed, that of a later release stays', async () => {
    const digest = await upload();
    await startProcess().cache.load(digest);
    const { db, blobs } = use.maintenance;
    const others = ['earlier', 'later'].map((text) => contentOf(Buffer.from(text)));
    for (const [index, content] of others.entries()) {
      await blobs.put(content);
      await db.query('INSERT INTO derived_blobs (source, form, blob, size) VALUES ($1, $2, $3, $4)', [
        digest,
        preparedFormNumber - 1 + 2 * index,
        content.digest,
        content.size,
      ]);
    }
    await db.query('DELETE FROM derived_blobs WHERE form = $1', [preparedFormNumber]);
    const { cache, prepared } = startProcess();
    await cache.load(digest);
    expect(prepared).toEqual([digest]);
    expect(await collect()).toMatchObject({ removed: 1 });
    expect((await rows()).map(({ form }) => form)).toEqual([preparedFormNumber, preparedFormNumber + 1]);
    expect(await stored()).not.toContain(others[0]?.digest);
  });

  it('a prepared form whose row was never written is removed as an orphan', async () => {
    const digest = await upload();
    await startProcess().cache.load(digest);
    await use.maintenance.db.query('TRUNCATE derived_blobs');
    expect(await collect()).toMatchObject({ found: 1, removed: 1 });
    expect(await stored()).toEqual([digest]);
  });
});

describe('verification of prepared forms', () => {
  it.each(['flipped', 'gone'] as const)(
    'verify reports a prepared form that is %s, which is no fault of the data, and --repair drops it',
    async (how) => {
      const digest = await upload();
      await startProcess().cache.load(digest);
      await damage(use.registry, await onlyBlob(), how);
      const reported = await verifyByCommand(use.registry);
      expect(reported).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(`^prepared form of ${digest}: .*; no fault of the data`),
      });
      expect(reported.stdout).toContain('2 blobs, ');
      const repaired = await verifyByCommand(use.registry, '--repair', use.registry.dataDir);
      expect(repaired).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('; dropped, and made anew'),
      });
      expect(await rows()).toEqual([]);
      const { cache, prepared } = startProcess();
      await cache.load(digest);
      expect(prepared).toEqual([digest]);
    },
  );
});
