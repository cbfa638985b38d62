import { describe } from 'vitest';
import { testEnding } from './suite/ending.ts';
import { testHandingOut } from './suite/handing-out.ts';
import { testSchedule } from './suite/schedule.ts';
import { testServer } from './suite/server.ts';
import { type QueueUnderTest, useQueue } from './suite/setup.ts';

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
