import { describe } from 'vitest';
import { testClosing } from './queue/closing.ts';
import { testConsuming } from './queue/consuming.ts';
import { testSchedule } from './queue/schedule.ts';
import { testServer } from './queue/server.ts';
import { type QueueUnderTest, useQueue } from './queue/setup.ts';

/** Tests the rules of the port Queue; every driver must pass. */
export function describeQueue(name: string, create: () => Promise<QueueUnderTest>): void {
  describe(`queue on ${name}`, () => {
    const use = useQueue(create);
    testConsuming(use);
    testClosing(use);
    testSchedule(use);
    testServer(use);
  });
}
