import { describe, expect, it } from 'vitest';
import { askTogether } from './ask-together.ts';

describe('askTogether', () => {
  it('asks what comes meanwhile together, and gives each its own answer', async () => {
    const asked: number[][] = [];
    const ask = askTogether(async (questions: number[]) => {
      asked.push(questions);
      return questions.map((question) => question * 2);
    }, 3);
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(ask));
    expect(answers).toEqual([2, 4, 6, 8, 10, 12]);
    expect(asked).toEqual([[1], [2, 3, 4], [5, 6]]);
  });

  it('lets only those fail that fail alone', async () => {
    const ask = askTogether(async (questions: string[]) => {
      if (questions.includes('bad')) throw new Error(`failed for ${questions.length}`);
      return questions;
    }, 10);
    const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map(ask));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(answers[2]).toMatchObject({ reason: { message: 'failed for 1' } });
    expect(await ask('later')).toBe('later');
  });
});
