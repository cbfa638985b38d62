import { expect, it } from 'vitest';
import { type EnteredStage, timeStages } from './stages.ts';

const createdAt = new Date('2026-01-01T00:00:00.000Z');
const at = (ms: number) => new Date(createdAt.getTime() + ms).toISOString();

it('each stage ends where the next begins, and none begins before the one ahead of it', () => {
  // The worker's clock is behind that of the database.
  const stages: EnteredStage[] = [
    ['queued', 0],
    ['fetching', 21],
    ['composing', 18],
    ['storing', 30],
  ];
  expect(timeStages(stages, { createdAt, finishedAt: new Date(createdAt.getTime() + 25) })).toEqual([
    { stage: 'queued', startedAt: at(0), finishedAt: at(21) },
    { stage: 'fetching', startedAt: at(21), finishedAt: at(21) },
    { stage: 'composing', startedAt: at(21), finishedAt: at(30) },
    { stage: 'storing', startedAt: at(30), finishedAt: at(30) },
  ]);
});

it('the stage that a job is in has no end', () => {
  const stages: EnteredStage[] = [
    ['queued', 0],
    ['fetching', 7],
  ];
  expect(timeStages(stages, { createdAt, finishedAt: null }).at(-1)).toEqual({
    stage: 'fetching',
    startedAt: at(7),
  });
});
