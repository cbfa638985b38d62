import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { batchCalls } from './batch-calls.ts';

const limits = { waiting: 'questions', maxPerSpace: 20, maxTotal: 30 };

describe('batchCalls', () => {
  it('batches questions that arrive during a call, and returns each its answer', async () => {
    const asked: number[][] = [];
    const ask = batchCalls(
      async (questions: number[]) => {
        asked.push(questions);
        return questions.map((question) => question * 2);
      },
      { max: 3, limits },
    );
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((question) => ask('a', question)));
    expect(answers).toEqual([2, 4, 6, 8, 10, 12]);
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('asks the questions of a failed batch one by one', async () => {
    const ask = batchCalls(
      async (questions: string[]) => {
        if (questions.includes('bad')) throw new Error(`failed for ${questions.length}`);
        return questions;
      },
      { max: 10, limits },
    );
    const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((question) => ask('a', question)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(answers[2]).toMatchObject({ reason: { message: 'failed for 1' } });
    expect(await ask('a', 'later')).toBe('later');
  });

  it('asks nothing again when a batch fails for a transient reason', async () => {
    let calls = 0;
    const ask = batchCalls(
      async () => {
        calls += 1;
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      },
      { max: 10, limits },
    );
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((question) => ask('a', question)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
  });

  it('batches questions of the spaces in turn', async () => {
    const asked: string[] = [];
    const ask = batchCalls(
      async (questions: string[]) => {
        asked.push(...questions);
        return questions;
      },
      { max: 1, limits },
    );
    const flood = ['f1', 'f2', 'f3', 'f4'].map((question) => ask('flood', question));
    await Promise.all([...flood, ask('quiet', 'q1')]);
    expect(asked).toEqual(['f1', 'q1', 'f2', 'f3', 'f4']);
  });

  it('asks unanswered questions of a batch again in order', async () => {
    const asked: number[][] = [];
    const ask = batchCalls(
      async (questions: number[]) => {
        asked.push(questions);
        return questions.slice(0, 2);
      },
      { max: 10, limits },
    );
    const questions = [1, 2, 3, 4, 5, 6];
    expect(await Promise.all(questions.map((question) => ask('a', question)))).toEqual(questions);
    expect(asked).toEqual([
      [1, 2, 3, 4, 5, 6],
      [3, 4, 5, 6],
      [5, 6],
    ]);
  });

  it('answers another space before the flood of one, although each call answers one question', async () => {
    const answered: number[] = [];
    const ask = batchCalls(
      async (questions: number[]) => {
        const [first = 0] = questions;
        answered.push(first);
        return [first];
      },
      { max: 10 },
    );
    const flood = [1, 2, 3, 4, 5, 6].map((question) => ask('flood', question));
    await Promise.all([...flood, ask('quiet', 100), ask('other', 200)]);
    expect(answered).toEqual([1, 100, 200, 2, 3, 4, 5, 6]);
  });

  it('refuses questions over the limit of a space, and accepts another space', async () => {
    const released = new EventEmitter();
    const isReleased = once(released, 'now');
    const asking = once(released, 'asked');
    const ask = batchCalls(
      async (questions: number[]) => {
        released.emit('asked');
        await isReleased;
        return questions;
      },
      { max: 10, limits: { waiting: 'questions', maxPerSpace: 2, maxTotal: 3 } },
    );
    const first = ask('a', 1);
    await asking;
    const waiting = [first, ...[2, 3].map((question) => ask('a', question))];
    await expect(ask('a', 4)).rejects.toMatchObject({ code: 'service.busy', status: 503, retryAfter: 5 });
    const other = ask('b', 5);
    await expect(ask('c', 6)).rejects.toMatchObject({ code: 'service.busy' });
    released.emit('now');
    expect(await Promise.all([...waiting, other])).toEqual([1, 2, 3, 5]);
  });
});
