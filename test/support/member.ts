import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { runCli } from './process.ts';

/** Milliseconds before a member that died is started again. */
const restartPause = 250;

/** How one run of a member came to its end. */
export interface MemberEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether it had said that it was there. */
  wasReady: boolean;
}

/** One place of a cluster: a process, and the one that follows it when it dies. */
export interface Member {
  name: string;
  command: 'api' | 'worker';
  /** Where it serves, the same for every run; empty for a worker. */
  url: string;
  /** How every run so far ended, the first one first. */
  ends: readonly MemberEnd[];
  /** Of the run that is under way. */
  pid(): number | undefined;
  /** Hits the run that is under way, if there is one. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when a run says that it is there, at once when the present one has. */
  ready(): Promise<void>;
  /** Ends the present run and starts no other. */
  end(signal: NodeJS.Signals): Promise<MemberEnd>;
}

export interface MemberOptions {
  name: string;
  command: 'api' | 'worker';
  url: string;
  environment: Record<string, string>;
  /** Where everything it prints is kept, one run after the other. */
  logFile?: string;
}

/** Starts a member and watches over it, as the restart policy of a container would. */
export function startMember({ environment, logFile, ...place }: MemberOptions): Member {
  const { name, command, url } = place;
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  const ends: MemberEnd[] = [];
  const waiting = new Set<() => void>();
  let child: ChildProcess | undefined;
  let isReady = false;
  let ending = false;

  const sawLine = (line: string) => {
    log?.write(`${line}\n`);
    if (!line.includes(command === 'api' ? '"msg":"serving"' : '"msg":"working"')) return;
    isReady = true;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };

  async function run(): Promise<MemberEnd> {
    const started = runCli([command], environment);
    child = started;
    isReady = false;
    for (const output of [started.stdout, started.stderr]) {
      if (output) createInterface({ input: output }).on('line', sawLine);
    }
    const [code, signal] = await once(started, 'close');
    const end = { code, signal, wasReady: isReady };
    isReady = false;
    ends.push(end);
    log?.write(`${name} ended: ${JSON.stringify(end)}\n`);
    return end;
  }

  async function keepRunning(): Promise<MemberEnd> {
    for (;;) {
      const end = await run();
      if (ending) return end;
      await pause(restartPause);
      if (ending) return end;
    }
  }

  const over = keepRunning();
  return {
    ...place,
    name,
    url,
    ends,
    pid: () => child?.pid,
    signal: (signal) => void child?.kill(signal),
    ready: () => (isReady ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    async end(signal) {
      ending = true;
      // A process that is held where it is would not hear anything else.
      child?.kill('SIGCONT');
      child?.kill(signal);
      const end = await over;
      log?.end();
      return end;
    },
  };
}
