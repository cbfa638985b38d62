import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { QueueOptions } from '../../../core/queue/bullmq.ts';
import type { Consumer, Handler, Queue, QueueName } from '../../../core/queue/port.ts';
import { quickTimings } from '../../support/queue-timings.ts';

/** Server to test a queue on. */
export interface QueueUnderTest {
  /** First argument of the program `test/support/queue-child.ts`. */
  kind: 'postgres' | 'redis';
  url: string;
  open(url: string, options: QueueOptions): Queue;
  /** Runs after the last test. */
  dispose(): Promise<void>;
}

/** Policies and timings for tests: a fraction of a second instead of seconds. Milliseconds. */
export const quick: Required<Pick<QueueOptions, 'policies' | 'timings'>> = {
  policies: {
    orchestrations: { attempts: 3, backoffMs: 40, maxDelayMs: 60 },
    deliveries: { attempts: 2, backoffMs: 20, maxDelayMs: 20 },
    upkeep: { attempts: 2, backoffMs: 20, maxDelayMs: 20 },
  },
  timings: quickTimings,
};

/** Tools for the tests of a queue; the getters throw before `beforeAll` has run. */
export interface QueueTools {
  readonly under: QueueUnderTest;
  readonly queue: Queue;
  /** Opens the queue once more, as another process would. The test closes it. */
  open(url?: string): Queue;
  /** Starts a consumer that is closed after the test. */
  consume(handler: Handler, concurrency?: number, on?: QueueName): Promise<Consumer>;
  /** Processes that are killed after the test. */
  children: ChildProcess[];
}

/** Opens the queue for the tests of a `describe`. */
export function useQueue(create: () => Promise<QueueUnderTest>): QueueTools {
  let under: QueueUnderTest | undefined;
  let queue: Queue | undefined;
  const consumers: Consumer[] = [];
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the tests have not begun');
    return part;
  };
  const tools: QueueTools = {
    get under() {
      return started(under);
    },
    get queue() {
      return started(queue);
    },
    open: (url = tools.under.url) => tools.under.open(url, { ...quick, onError: () => undefined }),
    async consume(handler, concurrency = 4, on = 'orchestrations') {
      const consumer = await tools.queue.consume(on, concurrency, handler);
      consumers.push(consumer);
      return consumer;
    },
    children: [],
  };
  beforeAll(async () => {
    under = await create();
    queue = tools.open();
  });
  afterEach(async () => {
    for (const child of tools.children.splice(0)) child.kill('SIGKILL');
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  });
  afterAll(async () => {
    await queue?.close();
    await under?.dispose();
  });
  return tools;
}

/** Makes random ids. */
export const newIds = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Creates a latch: `wait` blocks a handler until the test calls `open`. `reached` resolves when it blocks. */
export function createLatch(): { wait(): Promise<void>; open(): void; reached: Promise<void> } {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    open,
    reached,
    wait() {
      reach();
      return opened;
    },
  };
}
