import { setTimeout as pause } from 'node:timers/promises';
import type { Check } from './check.ts';
import { countUnfinished } from './database.ts';
import type { Workload } from './workload.ts';

/**
 * Waits until all operations are done and no job or delivery is unfinished.
 * @param timeoutSeconds timeout in seconds, after which the check has a fault
 */
export async function waitForQuiet(
  workload: Workload,
  databaseUrl: string,
  timeoutSeconds: number,
  say: (line: string) => void,
): Promise<Check> {
  const from = performance.now();
  let clients = false;
  void workload.done().then(() => {
    clients = true;
  });
  for (;;) {
    const { jobs, deliveries } = await countUnfinished(databaseUrl);
    const seconds = (performance.now() - from) / 1000;
    const looked = `${seconds.toFixed(1)} s after the last fault was over`;
    if (clients && jobs + deliveries === 0) {
      say(`all is done ${looked}`);
      return { rule: 'everything comes to its end', looked, faults: [] };
    }
    if (seconds > timeoutSeconds) {
      const unfinished = `${jobs} jobs, ${deliveries} deliveries; of the clients' work ${workload.inFlight()}`;
      return { rule: 'everything comes to its end', looked, faults: [`not done: ${unfinished}`] };
    }
    await pause(250);
  }
}
