import { describe, expect, it } from 'vitest';
import { createFinishedJobCache } from './finished-jobs.ts';
import type { Job } from './job.ts';

function endedJob(id: string, sources: number): Job {
  const source = {
    pointer: '/configs/package',
    space: 'lib',
    chart: 'web',
    version: '1.0.0',
    digest: `sha256:${'0'.repeat(64)}`,
  } as const;
  return {
    id,
    state: 'succeeded',
    space: 'lib',
    chart: 'shop',
    version: '1.0.0',
    progress: { stage: 'done', done: sources, total: sources },
    sources: Array.from({ length: sources }, () => ({ ...source, requested: '1.0.0' })),
    attempts: 1,
    createdAt: new Date(),
    startedAt: new Date(),
    finishedAt: new Date(),
    error: null,
    warnings: null,
    authorId: null,
    author: null,
    spaceId: null,
    replaces: null,
    from: null,
    stages: [['queued', 0]],
    updatedAt: new Date(0),
  };
}

describe('the cache of ended jobs', () => {
  it('an ended job stays cached when its event comes again without the job', () => {
    const ends = createFinishedJobCache();
    const job = endedJob('a', 1);
    ends.add('a', job);
    ends.add('a');
    ends.add('b');
    expect([ends.has('a'), ends.get('a')]).toEqual([true, job]);
    expect([ends.has('b'), ends.get('b')]).toEqual([true, undefined]);
  });

  it('the oldest ended job is forgotten when there are over 1000', () => {
    const ends = createFinishedJobCache();
    for (let number = 0; number <= 1000; number += 1) ends.add(`${number}`, endedJob(`${number}`, 1));
    expect([ends.has('0'), ends.get('0')]).toEqual([false, undefined]);
    expect(ends.has('1')).toBe(true);
  });

  it('the cache of ended jobs has only the last large ones, and knows of the others that they have ended', () => {
    const ends = createFinishedJobCache();
    for (let number = 0; number < 10; number += 1) ends.add(`${number}`, endedJob(`${number}`, 2_000));
    const known = Array.from({ length: 10 }, (_, number) => ends.get(`${number}`) !== undefined);
    expect(known).toEqual([...Array(6).fill(false), ...Array(4).fill(true)]);
    expect(ends.has('0')).toBe(true);
  });

  it('the cache of ended jobs counts the texts of their warnings and errors', () => {
    const ends = createFinishedJobCache();
    const text = 'x'.repeat(500_000);
    const warnings: Job['warnings'] = [
      { code: 'template.shadowed', pointer: '/configs', message: '', templates: [text] },
    ];
    const error = { code: 'internal', reason: 'ReasonInternal', message: '', details: { text } } as const;
    for (let number = 0; number < 10; number += 1) {
      ends.add(`warned ${number}`, { ...endedJob(`${number}`, 1), warnings });
      ends.add(`failed ${number}`, { ...endedJob(`${number}`, 1), error });
    }
    const kept = Array.from({ length: 10 }, (_, number) => [`warned ${number}`, `failed ${number}`]).flat();
    expect(kept.filter((id) => ends.get(id) !== undefined)).toEqual(kept.slice(-4));
  });
});
