import type { QueueTimings } from '../../core/queue/driver.ts';

/** Timings of a queue for tests: a second or two instead of many. Milliseconds; `drainDelay` in seconds. */
export const quickTimings: QueueTimings = { lockDuration: 2_000, stalledInterval: 300, drainDelay: 1 };
