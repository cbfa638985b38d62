import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { type FaultName, faults, type Strike } from './faults.ts';

/** Fault that has happened. */
export interface Struck {
  name: FaultName;
  /** Seconds from the start of the work to the fault. `seconds` is the duration of the fault. */
  at: number;
  seconds: number;
  /** Note of the fault. */
  word: string;
  /** Work that was under way when the fault began. */
  inFlight: string;
}

/** Orders the faults: each name once in every round, shuffled. */
export function orderFaults(random: Random, names: readonly FaultName[], rounds: number): FaultName[] {
  return Array.from({ length: rounds }, () => random.shuffle(names)).flat();
}

/** Faults and workload of a schedule. */
export interface ScheduleOptions {
  order: readonly FaultName[];
  strike: Strike;
  /** Begins the work that the fault of this number affects. */
  beginWave(number: number): void;
  inFlight(): string;
  /** Tells whether an accepted job has not ended. */
  isWorking(): boolean;
  /** Maximum milliseconds from one wave to the next. */
  maxGap: number;
  onStruck(struck: Struck): void;
}

/**
 * Begins wave after wave of work, and causes a fault during each. Faults may overlap, unless they affect the same part.
 */
export async function strikeAll(options: ScheduleOptions): Promise<void> {
  const { order, strike, maxGap } = options;
  const startedAt = performance.now();
  const last = new Map<string, Promise<void>>();
  for (const [number, name] of order.entries()) {
    const fault = faults[name];
    const before = last.get(fault.of) ?? Promise.resolve();
    // Wait before the wave begins, or its work could be done before the fault.
    await before;
    options.beginWave(number);
    await untilWorking(options.isWorking);
    await pause(strike.random.between(0, 400));
    const target = { ...strike, random: strike.random.branch(`${number} ${name}`) };
    const hit = async () => {
      const at = performance.now();
      const inFlight = options.inFlight();
      const word = await fault.strike(target);
      const seconds = (performance.now() - at) / 1000;
      options.onStruck({ name, at: (at - startedAt) / 1000, seconds, word, inFlight });
    };
    const striking = hit();
    // A failure is thrown by the await below; without this handler Node would end the program before.
    striking.catch(() => undefined);
    last.set(fault.of, striking);
    await pause(strike.random.between(300, maxGap));
  }
  await Promise.all(last.values());
}

/** Maximum milliseconds to wait for work; after the previous fault no job may be accepted for a while. */
const maxWaitMs = 4_000;

async function untilWorking(isWorking: () => boolean): Promise<void> {
  const from = performance.now();
  while (!isWorking() && performance.now() - from < maxWaitMs) await pause(20);
}
