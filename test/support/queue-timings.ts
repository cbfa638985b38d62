import type { QueueTimings } from '../../core/queue/driver.ts';

/** What takes seconds in production takes a fraction of one in tests. */
export const quickTimings: QueueTimings = { lockDuration: 600, stalledInterval: 300, drainDelay: 1 };
