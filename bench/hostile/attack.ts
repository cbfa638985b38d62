import { setTimeout as wait } from 'node:timers/promises';
import type { GoodRequests } from './good.ts';
import type { HealthWatch } from './health.ts';
import type { HostileKind } from './kinds/kind.ts';
import type { Ledger } from './ledger.ts';

/** Attack in progress: what takes part, and where its lines go. */
export interface Attack {
  kinds: readonly HostileKind[];
  ledger: Ledger;
  health: HealthWatch;
  print(line: string): void;
  /** Describes memory and disk use in a few words. */
  describeUse(): Promise<string>;
}

/** Longest health check of an attack in milliseconds, and the number that failed. */
export interface HealthTotal {
  longestMs: number;
  failed: number;
}

/** Kinds that run at the same time. */
const attackers = 4;

/** Runs each kind three times, and nothing beside it. */
export async function attackOneByOne({ kinds, ledger, health, print }: Attack): Promise<HealthTotal> {
  const total: HealthTotal = { longestMs: 0, failed: 0 };
  for (const { name, send } of kinds) {
    const checks: string[] = [];
    const all = new Set<number>();
    for (let round = 0; round < 3; round += 1) {
      const end = ledger.begin(name);
      const statuses = [...(await send(round))];
      end(statuses);
      for (const status of statuses) all.add(status);
      const report = await health.readAndReset();
      ledger.add(report);
      count(total, report);
      checks.push(report.maxMs.toFixed(0));
    }
    print(`${name.padEnd(48)} ${[...all].join(' ').padEnd(12)} longest health check ${checks.join(', ')} ms`);
  }
  return total;
}

/**
 * Runs all kinds in turn, four at a time, beside good requests. Ends after a time, or when the registry has ended, and
 * prints a line for each minute.
 */
export async function attackTogether(
  attack: Attack,
  good: GoodRequests,
  minutes: number,
  ended: AbortSignal,
): Promise<HealthTotal> {
  const { kinds, ledger } = attack;
  const end = performance.now() + minutes * 60_000;
  const goesOn = () => performance.now() < end && !ended.aborted;
  let next = 0;
  const hold = async () => {
    while (goesOn()) {
      const at = next++;
      const kind = kinds[at % kinds.length];
      if (!kind) return;
      const noteEnd = ledger.begin(kind.name);
      noteEnd(await kind.send(Math.floor(at / kinds.length)));
    }
  };
  const behave = async () => {
    for (let number = 0; goesOn(); number += 1) await good.round(number);
  };
  let working = true;
  const watching = watchMinutes(attack, good, () => working);
  await Promise.all([...Array.from({ length: attackers }, hold), behave()]).finally(() => {
    working = false;
  });
  return watching;
}

async function watchMinutes(
  { ledger, health, print, describeUse }: Attack,
  good: GoodRequests,
  goesOn: () => boolean,
): Promise<HealthTotal> {
  const total: HealthTotal = { longestMs: 0, failed: 0 };
  let minute = { longestMs: 0, failed: 0 };
  let at = new Date();
  let nextLine = performance.now() + 60_000;
  for (let working = true; working; ) {
    await wait(1_000);
    working = goesOn();
    const report = await health.readAndReset();
    ledger.add(report);
    count(total, report);
    if (report.maxMs > minute.longestMs) at = longestStart(report.slow) ?? at;
    count(minute, report);
    if (working && performance.now() < nextLine) continue;
    nextLine += 60_000;
    const check = `longest health check ${minute.longestMs.toFixed(0)} ms at ${at.toISOString().slice(11, 23)}`;
    const use = await describeUse().catch(() => 'the process has ended');
    print(
      `${new Date().toISOString().slice(0, 19)} ${check}, ${minute.failed} failed; ${sumSent(good)} good requests, ${good.failed} failed; ${use}`,
    );
    minute = { longestMs: 0, failed: 0 };
  }
  return total;
}

function count(total: HealthTotal, { maxMs, failed }: { maxMs: number; failed: number }): void {
  total.longestMs = Math.max(total.longestMs, maxMs);
  total.failed += failed;
}

function longestStart(slow: readonly { startedAt: number; ms: number }[]): Date | undefined {
  const longest = slow.reduce<(typeof slow)[number] | undefined>(
    (before, check) => (before && before.ms >= check.ms ? before : check),
    undefined,
  );
  return longest && new Date(longest.startedAt);
}

/** Sums up the good requests that were sent. */
export function sumSent({ counts }: GoodRequests): number {
  return [...counts.values()].reduce((sum, { sent }) => sum + sent, 0);
}
