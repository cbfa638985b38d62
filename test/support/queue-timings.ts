import type { QueueTimings } from '../../core/queue/driver.ts';

/** Timings of a queue for tests: a fraction of a second instead of seconds. Milliseconds; `drainDelay` in seconds. */
export const quickTimings: QueueTimings = { lockDuration: 600, stalledInterval: 300, drainDelay: 1 };
