import type { HealthReport } from './health.ts';

/** Kind of requests: what it was answered, and the longest health check while it ran. */
export interface KindEntry {
  sent: number;
  statuses: Map<number, number>;
  longestCheckMs: number;
  longestMs: number;
}

/** Record of which kinds ran when, and how long health checks took meanwhile. */
export interface Ledger {
  kinds: Map<string, KindEntry>;
  /** Notes that a kind starts. @returns notes its end, with the statuses of its responses */
  begin(name: string): (statuses: Iterable<number>) => void;
  /** Adds a report; each slow check counts for every kind that ran during it. */
  add(report: HealthReport): void;
}

/** Milliseconds that a run that has ended is remembered: longer than two reports are apart. */
const rememberedMs = 5_000;

/** Reads the clock by which health checks are timed, in milliseconds since 1970. */
export function readClock(): number {
  return performance.timeOrigin + performance.now();
}

/** Creates an empty record. */
export function createLedger(): Ledger {
  const kinds = new Map<string, KindEntry>();
  let runs: { entry: KindEntry; startedAt: number; endedAt: number }[] = [];
  return {
    kinds,
    begin(name) {
      const entry = kinds.get(name) ?? { sent: 0, statuses: new Map(), longestCheckMs: 0, longestMs: 0 };
      kinds.set(name, entry);
      const run = { entry, startedAt: readClock(), endedAt: Number.POSITIVE_INFINITY };
      runs.push(run);
      return (statuses) => {
        run.endedAt = readClock();
        entry.sent += 1;
        entry.longestMs = Math.max(entry.longestMs, run.endedAt - run.startedAt);
        for (const status of statuses) entry.statuses.set(status, (entry.statuses.get(status) ?? 0) + 1);
      };
    },
    add({ slow }) {
      for (const { startedAt, ms } of slow) {
        for (const run of runs) {
          if (run.startedAt > startedAt + ms || run.endedAt < startedAt) continue;
          run.entry.longestCheckMs = Math.max(run.entry.longestCheckMs, ms);
        }
      }
      runs = runs.filter(({ endedAt }) => endedAt > readClock() - rememberedMs);
    },
  };
}

/** Writes a line for each kind, the one with the longest health check first. */
export function describeKinds({ kinds }: Ledger): string[] {
  return [...kinds]
    .sort(([, left], [, right]) => right.longestCheckMs - left.longestCheckMs)
    .map(([name, { sent, statuses, longestCheckMs, longestMs }]) => {
      const counts = [...statuses].sort().map(([status, times]) => `${times} x ${status}`);
      // Checks that were not slow are not told apart.
      const check = longestCheckMs === 0 ? 'under 20' : longestCheckMs.toFixed(0);
      const took = `${(longestMs / 1_000).toFixed(1)} s`;
      return `${name.padEnd(48)} ${check.padStart(8)} ms  took ${took.padStart(7)}  ${sent} times: ${counts.join(', ')}`;
    });
}
