import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createLogTo } from './log.ts';

const line = z.looseObject({
  msg: z.string(),
  repeated: z.number().optional(),
  error: z.looseObject({ message: z.string(), stack: z.string().optional() }).optional(),
});

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Creates a log with its lines. */
function start() {
  const lines: z.infer<typeof line>[] = [];
  const log = createLogTo('info', { write: (text: string) => void lines.push(line.parse(JSON.parse(text))) });
  return { lines, log };
}

const refused = (text = 'connect ECONNREFUSED 127.0.0.1:6379') =>
  Object.assign(new Error(text), { code: 'ECONNREFUSED' });

it('an unreachable part is logged at once, then once a minute with the number of lines, without a stack', () => {
  const { lines, log } = start();
  for (let count = 0; count < 500; count += 1) log.warn({ error: refused(), count }, 'the queue failed');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ msg: 'the queue failed', count: 0, error: { code: 'ECONNREFUSED' } });
  expect(lines[0]?.error).not.toHaveProperty('stack');
  vi.advanceTimersByTime(60_000);
  expect(lines[1]).toMatchObject({ msg: 'the queue failed', count: 499, repeated: 499 });
  expect(lines).toHaveLength(2);
  vi.advanceTimersByTime(180_000);
  log.warn({ error: refused() }, 'the queue failed');
  expect(lines).toHaveLength(3);
});

it('lines of other parts, other errors and other levels are all written, with their stacks', () => {
  const { lines, log } = start();
  for (let count = 0; count < 3; count += 1) {
    log.error({ error: new Error('a fault of the program') }, 'request failed');
    log.fatal({ error: refused() }, 'ending');
  }
  log.warn({ error: refused() }, 'the queue failed');
  log.warn({ error: refused() }, 'lost a connection to PostgreSQL');
  expect(lines).toHaveLength(8);
  expect(lines[0]?.error?.stack).toContain('log.test.ts');
});
