import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Member } from '../support/member.ts';
import type { Random } from '../support/random.ts';
import type { Stack } from '../support/stack.ts';
import type { Part, Windows } from './windows.ts';

/** Shortest and longest stop of a worker in seconds; its leases end after 15. */
const pastTheLease = [17, 20] as const;

/** Target and random numbers of a fault. */
export interface Strike {
  stack: Stack;
  random: Random;
  windows: Windows;
}

/** Fault that is caused on the stack. */
export interface Fault {
  /** Part that the fault affects; faults of one part run one after the other. */
  of: 'worker' | 'api' | 'redis' | 'postgres' | 'object store';
  /** Causes the fault and ends it. @returns a note for the report */
  strike(strike: Strike): Promise<string>;
}

/** Faults by name. */
export const faults = {
  'worker-kill': {
    of: 'worker',
    strike: ({ stack, random }) => kill(random.pick(stack.cluster.workers)),
  },
  'api-kill': {
    of: 'api',
    async strike({ stack, random, windows }) {
      const api = random.pick(stack.cluster.apis);
      const back = windows.open(api.name === 'api-1' ? 'api-1' : 'api-2');
      const word = await kill(api);
      back();
      return word;
    },
  },
  'redis-flush': {
    of: 'redis',
    async strike({ stack }) {
      const client = new Redis(stack.redis.url);
      const keys = await client.dbsize();
      await client.flushall();
      client.disconnect();
      return `${keys} keys`;
    },
  },
  'redis-restart': {
    of: 'redis',
    strike: ({ stack, random, windows }) =>
      restart(stack.redis, 'SIGKILL', random.between(0, 3_000), windows, 'redis'),
  },
  'postgres-restart': {
    of: 'postgres',
    // SIGQUIT is immediate mode: no checkpoint, every connection cut.
    strike: ({ stack, random, windows }) =>
      restart(stack.postgres, 'SIGQUIT', random.between(0, 2_000), windows, 'postgres'),
  },
  'minio-stop': {
    of: 'object store',
    strike: ({ stack, windows }) => restart(stack.objectStore, 'SIGKILL', 10_000, windows, 'object store'),
  },
  'minio-hang': {
    of: 'object store',
    async strike({ stack, random, windows }) {
      const back = windows.open('object store');
      const milliseconds = random.between(2_000, 6_000);
      stack.objectStore.pause();
      await pause(milliseconds);
      stack.objectStore.resume();
      back();
      return `${milliseconds} ms`;
    },
  },
  'worker-stop': {
    of: 'worker',
    async strike({ stack, random }) {
      const worker = random.pick(stack.cluster.workers);
      const milliseconds = random.between(pastTheLease[0] * 1000, pastTheLease[1] * 1000);
      worker.signal('SIGSTOP');
      await pause(milliseconds);
      worker.signal('SIGCONT');
      return `${worker.name}, ${milliseconds} ms`;
    },
  },
} satisfies Record<string, Fault>;

/** Name of a fault. */
export type FaultName = keyof typeof faults;

/** Tells whether a text is the name of a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(faults, text);
}

/** Names of all faults. */
export const faultNames: readonly FaultName[] = Object.keys(faults).filter(isFaultName);

async function kill(member: Member): Promise<string> {
  await member.ready();
  const pid = member.pid();
  const gone = member.ends.length;
  member.signal('SIGKILL');
  // Wait for the end first, because `ready` would still see the killed process.
  while (member.ends.length === gone) await pause(10);
  await member.ready();
  return `${member.name}, process ${pid}`;
}

async function restart(
  server: ServerLike,
  signal: NodeJS.Signals,
  milliseconds: number,
  windows: Windows,
  part: Part,
): Promise<string> {
  const back = windows.open(part);
  await server.end(signal);
  await pause(milliseconds);
  await server.start();
  back();
  return `${milliseconds} ms away`;
}

type ServerLike = Pick<Stack['postgres'], 'start' | 'end'>;
