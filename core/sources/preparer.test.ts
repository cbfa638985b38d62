import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { defaultChartLimits as limits } from '../archive/limits.ts';
import { packArchive } from '../archive/write-archive.ts';
import { digestOf } from '../blobs/content.ts';
import { isRegistryError } from '../errors.ts';
import { composePrepared, type Source } from '../recipe/compose-prepared.ts';
import type { Plan } from '../recipe/plan.ts';
import { isLargeSource, type LoadedSource } from './large-sources.ts';
import { createPreparer, type Preparer, type PreparerOptions, preparerDefaults } from './preparer.ts';
import { decodeForm } from './source-form.ts';

function prepareWith(options: Partial<PreparerOptions>): Preparer {
  const preparer = createPreparer(limits, { ...preparerDefaults, ...options });
  onTestFinished(() => preparer.close());
  return preparer;
}

/** Prepares an archive that the event loop takes. */
async function prepareSource(preparer: Preparer, archive: Buffer): Promise<Source> {
  return assertSmall(await loadWith(preparer, archive));
}

/** Prepares an archive, and decodes its prepared form as a cache of sources does. */
async function loadWith(preparer: Preparer, archive: Buffer): Promise<LoadedSource> {
  const prepared = await preparer.prepare(archive);
  return 'form' in prepared ? decodeForm(prepared.form) : prepared.source;
}

function assertSmall(source: LoadedSource): Source {
  if (isLargeSource(source)) throw new Error('a large source came, known by its size only');
  return source;
}

const values = `${'# about\n'.repeat(9_000)}replicas: 1\nauth:\n  user: me\n`;

/**
 * Values that take some hundred milliseconds to read. A thread is then ended in the middle of them: Node 20 ends the whole process where
 * one ends in the microseconds in which it makes a stream of zlib.
 */
const slowValues = Buffer.from(`v:\n${'- [a]\n'.repeat(40_000)}`);

function archiveOf(name: string, extra: [string, Buffer][] = []): Promise<Buffer> {
  const files = new Map<string, Buffer>([
    ['Chart.yaml', Buffer.from(`apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`)],
    ['values.yaml', Buffer.from(values)],
    ['README.md', Buffer.from('# read me\n'.repeat(5_000))],
    ['charts/db/Chart.yaml', Buffer.from('apiVersion: v2\nname: db\nversion: 2.0.0\n')],
    ['charts/db/values.yaml', Buffer.from('a: 1\n')],
    ['logo.png', randomBytes(20_000)],
    ...extra,
  ]);
  return packArchive(name, files);
}

const digest = digestOf(Buffer.from('any'));

async function compose(source: Source): Promise<Buffer> {
  const stored = { kind: 'stored', space: 'lib', chart: 'web', version: '1.0.0', digest } as const;
  const inside = { kind: 'subchart', chart: 'db', version: '2.0.0' } as const;
  const plan: Plan = {
    space: 'shops',
    chart: 'shop',
    version: '1.0.0',
    values: 'merge',
    root: {
      source: stored,
      config: { replicas: 2, auth: { user: 'you' } },
      children: [{ name: 'database', node: { source: inside, children: [] } }],
    },
  };
  return (await composePrepared(plan, new Map([[digest, source]]), limits)).archive;
}

it('prepares the same source in a thread as on the event loop', async () => {
  const archive = await archiveOf('web');
  const inThread = await prepareSource(prepareWith({ inPlace: 0 }), archive);
  const onEventLoop = await prepareSource(prepareWith({ inPlace: 1e6 }), archive);
  expect(inThread).toEqual(onEventLoop);
  expect(inThread.prepared.pieces.size).toBeGreaterThan(0);
  expect((await compose(inThread)).equals(await compose(onEventLoop))).toBe(true);
});

it('answers concurrent calls each with its own source', async () => {
  const preparer = prepareWith({ inPlace: 0 });
  const names = Array.from({ length: 8 }, (_, index) => `chart-${index}`);
  const sources = await Promise.all(
    names.map(async (name) => prepareSource(preparer, await archiveOf(name))),
  );
  expect(sources.map(({ chart }) => chart.name)).toEqual(names);
});

it('keeps only the size of a source whose values would block the event loop', async () => {
  const many = Buffer.from(`v:\n${'- [a]\n'.repeat(8_000)}`);
  const archive = await archiveOf('web', [['values.yaml', many]]);
  for (const inPlace of [0, 1e6]) {
    const source = await loadWith(prepareWith({ inPlace }), archive);
    expect(isLargeSource(source) && source.unpacked).toBeGreaterThan(many.length + 20_000);
  }
});

it('reads an archive in the thread that is small only while it is packed', async () => {
  const files: [string, Buffer][] = [
    ['Chart.yaml', Buffer.from('apiVersion: v2\nname: web\nversion: 1.0.0\n')],
    ['values.yaml', slowValues],
  ];
  const archive = await packArchive('web', new Map(files));
  expect(archive.length).toBeLessThan(preparerDefaults.inPlace);
  await expect(prepareWith({ timeoutMs: 50 }).prepare(archive)).rejects.toThrow('more than 50 ms');
});

it('reports the error of a bad archive from the thread, and goes on', async () => {
  const preparer = prepareWith({ inPlace: 0 });
  const refused = await preparer.prepare(Buffer.alloc(20_000, 1)).catch((error: unknown) => error);
  expect(isRegistryError(refused, 'archive.notGzip')).toBe(true);
  const unnamed = await archiveOf('web', [['Chart.yaml', Buffer.from('version: 1.0.0\n')]]);
  const invalid = await preparer.prepare(unnamed).catch((error: unknown) => error);
  expect(isRegistryError(invalid, 'chart.invalid') && invalid.details).toEqual({
    file: 'Chart.yaml',
    field: 'name',
  });
  expect((await prepareSource(preparer, await archiveOf('web'))).chart.name).toBe('web');
});

it('stops an archive that takes too long, and goes on', async () => {
  const preparer = prepareWith({ inPlace: 0, timeoutMs: 50 });
  const archive = await archiveOf('web', [['values.yaml', slowValues]]);
  await expect(preparer.prepare(archive)).rejects.toThrow('more than 50 ms');
  await expect(preparer.prepare(archive)).rejects.toThrow('more than 50 ms');
});

it('rejects waiting calls when it is closed', async () => {
  const preparer = prepareWith({ inPlace: 0 });
  const archive = await archiveOf('web');
  await preparer.prepare(archive);
  const waiting = Promise.allSettled([preparer.prepare(archive), preparer.prepare(archive)]);
  await preparer.close();
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
