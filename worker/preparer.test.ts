import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultChartLimits as limits } from '../core/archive/limits.ts';
import { packArchive } from '../core/archive/write-archive.ts';
import { digestOf } from '../core/blobs/content.ts';
import { isRegistryError } from '../core/errors.ts';
import { composePrepared, type Source } from '../core/recipe/compose-prepared.ts';
import type { Plan } from '../core/recipe/plan.ts';
import { createPreparer, type Preparer, type PreparerOptions, preparerDefaults } from './preparer.ts';

const made: Preparer[] = [];

function prepareWith(options: Partial<PreparerOptions>): Preparer {
  const preparer = createPreparer(limits, { ...preparerDefaults, ...options });
  made.push(preparer);
  return preparer;
}

afterEach(async () => {
  await Promise.all(made.splice(0).map((preparer) => preparer.close()));
});

const values = `${'# about\n'.repeat(9_000)}replicas: 1\nauth:\n  user: me\n`;

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

describe('a preparer', () => {
  it('makes in a thread what it makes in place', async () => {
    const archive = await archiveOf('web');
    const apart = await prepareWith({ inPlace: 0 }).prepare(archive);
    const here = await prepareWith({ inPlace: Number.POSITIVE_INFINITY }).prepare(archive);
    expect(apart).toEqual(here);
    expect(apart.prepared.pieces.size).toBeGreaterThan(0);
    expect((await compose(apart)).equals(await compose(here))).toBe(true);
  });

  it('answers many at once, each with its own', async () => {
    const preparer = prepareWith({ inPlace: 0 });
    const names = Array.from({ length: 8 }, (_, index) => `chart-${index}`);
    const sources = await Promise.all(names.map(async (name) => preparer.prepare(await archiveOf(name))));
    expect(sources.map(({ chart }) => chart.name)).toEqual(names);
  });

  it('says what is wrong with an archive as reading in place does, and goes on', async () => {
    const preparer = prepareWith({ inPlace: 0 });
    const refused = await preparer.prepare(Buffer.alloc(20_000, 1)).catch((error: unknown) => error);
    expect(isRegistryError(refused, 'archive.notGzip')).toBe(true);
    const unnamed = await archiveOf('web', [['Chart.yaml', Buffer.from('version: 1.0.0\n')]]);
    const invalid = await preparer.prepare(unnamed).catch((error: unknown) => error);
    expect(isRegistryError(invalid, 'chart.invalid') && invalid.details).toEqual({
      file: 'Chart.yaml',
      field: 'name',
    });
    expect((await preparer.prepare(await archiveOf('web'))).chart.name).toBe('web');
  });

  it('gives up on one that takes too long, and goes on', async () => {
    const preparer = prepareWith({ inPlace: 0, patience: 1 });
    await expect(preparer.prepare(await archiveOf('web'))).rejects.toThrow('more than 1 ms');
    await expect(preparer.prepare(await archiveOf('web'))).rejects.toThrow('more than 1 ms');
  });

  it('ends with those that wait', async () => {
    const preparer = prepareWith({ inPlace: 0 });
    const archive = await archiveOf('web');
    await preparer.prepare(archive);
    const waiting = Promise.allSettled([preparer.prepare(archive), preparer.prepare(archive)]);
    await preparer.close();
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
