import { describe } from 'vitest';
import { testEnding } from './queue/ending.ts';
import { testHandingOut } from './queue/handing-out.ts';
import { testSchedule } from './queue/schedule.ts';
import { testServer } from './queue/server.ts';
import { type QueueUnderTest, useQueue } from './queue/setup.ts';

/** The rules of the queue port; every form of the queue must pass. */
export function describeQueue(name: string, create: () => Promise<QueueUnderTest>): void {
  describe(`queue on ${name}`, () => {
    const use = useQueue(create);
    testHandingOut(use);
    testEnding(use);
    testSchedule(use);
    testServer(use);
  });
}
