import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { type FaultName, faults, type Strike } from './faults.ts';

/** A fault as it happened. */
export interface Struck {
  name: FaultName;
  /** Seconds since the work began, and until all was up again. */
  at: number;
  seconds: number;
  /** What the fault says of itself. */
  word: string;
  /** What was under way when it hit. */
  inFlight: string;
}

/** Which fault comes when: each of the names once in every round, in an order of its own. */
export function orderFaults(random: Random, names: readonly FaultName[], rounds: number): FaultName[] {
  return Array.from({ length: rounds }, () => random.shuffle(names)).flat();
}

export interface ScheduleOptions {
  order: readonly FaultName[];
  strike: Strike;
  /** Begins the work that a fault is to hit. */
  beginWave(number: number): void;
  inFlight(): string;
  /** Whether some job has been accepted and is not over. */
  isWorking(): boolean;
  /** Most milliseconds from one wave to the next. */
  maxGap: number;
  onStruck(struck: Struck): void;
}

/**
 * Begins wave after wave of work and lets a fault hit each while it is under way. It does not wait for one to be over
 * before the next comes, unless both take hold of the same.
 */
export async function strikeAll(options: ScheduleOptions): Promise<void> {
  const { order, strike, maxGap } = options;
  const startedAt = performance.now();
  const last = new Map<string, Promise<void>>();
  for (const [number, name] of order.entries()) {
    const fault = faults[name];
    const before = last.get(fault.of) ?? Promise.resolve();
    // So that the work is not done before the fault may come.
    await before;
    options.beginWave(number);
    await untilWorking(options.isWorking);
    await pause(strike.random.between(0, 400));
    const own = { ...strike, random: strike.random.branch(`${number} ${name}`) };
    const hit = async () => {
      const at = performance.now();
      const inFlight = options.inFlight();
      const word = await fault.strike(own);
      const seconds = (performance.now() - at) / 1000;
      options.onStruck({ name, at: (at - startedAt) / 1000, seconds, word, inFlight });
    };
    const striking = hit();
    // One that fails ends the run where it is waited for, and is not to end the program before.
    striking.catch(() => undefined);
    last.set(fault.of, striking);
    await pause(strike.random.between(300, maxGap));
  }
  await Promise.all(last.values());
}

/** Milliseconds to wait for work at the most: after the fault before it may all be stuck, and that is a moment too. */
const maxWaitMs = 4_000;

async function untilWorking(isWorking: () => boolean): Promise<void> {
  const from = performance.now();
  while (!isWorking() && performance.now() - from < maxWaitMs) await pause(20);
}
