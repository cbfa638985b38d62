import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

// Asks for /healthz again and again, in a thread, so that what the benchmark itself does holds up no answer. Each message is
// answered with the longest check since the last one.

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
  // A check that is under way has taken so long already.
  const now = performance.now() - startedAt;
  parentPort?.postMessage({ maxMs: maxMs < now && now > 10 ? now : maxMs, failed });
  maxMs = 0;
  failed = 0;
});
check();
