import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { QueueOptions } from '../../../core/queue/bullmq.ts';
import type { Consumer, Handler, Queue, QueueName } from '../../../core/queue/port.ts';
import { quickTimings } from '../../support/queue-timings.ts';

/** A server to test the queue on. */
export interface QueueUnderTest {
  /** As the child process of `test/support/queue-child.ts` takes it. */
  kind: 'postgres' | 'redis';
  url: string;
  open(url: string, options: QueueOptions): Queue;
  /** Runs after the last test. */
  dispose(): Promise<void>;
}

/** Everything that takes seconds in production takes a fraction here. */
export const quick: Required<Pick<QueueOptions, 'policies' | 'timings'>> = {
  policies: {
    orchestrations: { attempts: 3, backoff: 40, longest: 60 },
    deliveries: { attempts: 2, backoff: 20, longest: 20 },
    upkeep: { attempts: 2, backoff: 20, longest: 20 },
  },
  timings: quickTimings,
};

/** What the rules of the queue are tested with, once the tests have begun. */
export interface QueueTools {
  readonly under: QueueUnderTest;
  readonly queue: Queue;
  /** Opens the queue once more, as another process would; for the test to close. */
  open(url?: string): Queue;
  /** Starts a consumer that ends with the test. */
  consume(handler: Handler, concurrency?: number, on?: QueueName): Promise<Consumer>;
  /** Processes that are killed when the test ends. */
  children: ChildProcess[];
}

/** Opens the queue for the tests of a `describe`. */
export function useQueue(create: () => Promise<QueueUnderTest>): QueueTools {
  let under: QueueUnderTest | undefined;
  let queue: Queue | undefined;
  const consumers: Consumer[] = [];
  const begun = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the tests have not begun');
    return part;
  };
  const tools: QueueTools = {
    get under() {
      return begun(under);
    },
    get queue() {
      return begun(queue);
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

export const newIds = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Where a handler stops until the test lets it go on. */
export function createGate(): { pass(): Promise<void>; open(): void; reached: Promise<void> } {
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
    pass() {
      reach();
      return opened;
    },
  };
}
