import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

// Requests /healthz repeatedly in a thread, which the benchmark's own work does not delay. Each message is answered
// with the checks since the last message: the slow ones with their times, the longest, and the failed ones.

/** Milliseconds from which a check counts as slow, and stands in the answer. */
const slowMs = 20;
/** Maximum of slow checks in an answer, so that a registry that has ended does not fill the memory. */
const maxSlow = 10_000;

const url = String(workerData);
const agent = new Agent({ keepAlive: true });
let slow: { startedAt: number; ms: number }[] = [];
let maxMs = 0;
let failed = 0;
let startedAt = now();

/** Reads a clock that all threads of the process share, in milliseconds. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function check(): void {
  startedAt = now();
  const asking = get(`${url}/healthz`, { agent }, (answer) => {
    answer.resume();
    answer.once('end', () => done(answer.statusCode === 200));
  });
  asking.once('error', () => done(false));
}

function done(succeeded: boolean): void {
  note();
  if (!succeeded) failed += 1;
  setTimeout(check, 2);
}

function note(): void {
  const ms = now() - startedAt;
  maxMs = Math.max(maxMs, ms);
  if (ms >= slowMs && slow.length < maxSlow) slow.push({ startedAt, ms });
}

parentPort?.on('message', () => {
  // Count the time of the running check too; between two checks this adds a few milliseconds at most.
  if (now() - startedAt >= slowMs) note();
  parentPort?.postMessage({ slow, maxMs, failed });
  slow = [];
  maxMs = 0;
  failed = 0;
});
check();
