import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

it('starts a line once a second, and refuses what would wait for long', async () => {
  let now = 0;
  const waits: number[] = [];
  const pace = createPace({
    now: () => now,
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  for (let start = 0; start < 6; start += 1) await pace('alice');
  expect(waits).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  await expect(pace('alice')).rejects.toMatchObject({ code: 'service.busy' });
  await pace('bob');
  expect(waits).toHaveLength(5);
  now = 1_000;
  await pace('alice');
  expect(waits.at(-1)).toBe(5_000);
  now = 60_000;
  await pace('alice');
  expect(waits).toHaveLength(6);
});
