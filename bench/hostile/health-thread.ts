import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

// Requests /healthz repeatedly in a thread, which the benchmark's own work does not delay. Each message is answered
// with the longest check since the last message.

const url = String(workerData);
const agent = new Agent({ keepAlive: true });
let maxMs = 0;
let failed = 0;
let startedAt = performance.now();

function check(): void {
  startedAt = performance.now();
  const asking = get(`${url}/healthz`, { agent }, (answer) => {
    answer.resume();
    answer.once('end', () => done(answer.statusCode === 200));
  });
  asking.once('error', () => done(false));
}

function done(succeeded: boolean): void {
  maxMs = Math.max(maxMs, performance.now() - startedAt);
  if (!succeeded) failed += 1;
  setTimeout(check, 2);
}

parentPort?.on('message', () => {
  // Count the time of the running check too.
  const now = performance.now() - startedAt;
  parentPort?.postMessage({ maxMs: maxMs < now && now > 10 ? now : maxMs, failed });
  maxMs = 0;
  failed = 0;
});
check();
