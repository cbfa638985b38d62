import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { runCli } from './process.ts';

/** Milliseconds before a member that died is started again. */
const restartPause = 250;

/** End of one run of a member. */
export interface MemberEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether the run had become ready. */
  wasReady: boolean;
}

/** Place in a cluster: a process that is started again when it dies. */
export interface Member {
  name: string;
  command: 'api' | 'worker';
  /** Address of an API, the same for every run; empty for a worker. */
  url: string;
  /** Ends of all runs so far, in order. */
  ends: readonly MemberEnd[];
  /** Process id of the current run. */
  pid(): number | undefined;
  /** Sends a signal to the current run, if there is one. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the current or a later run is ready. */
  ready(): Promise<void>;
  /** Ends the current run and starts no other. */
  end(signal: NodeJS.Signals): Promise<MemberEnd>;
}

/** Command and environment of a member. */
export interface MemberOptions {
  name: string;
  command: 'api' | 'worker';
  url: string;
  environment: Record<string, string>;
  /** File for the output of all runs. */
  logFile?: string;
}

/** Starts a member, and restarts it when it dies. A container's restart policy would do so. */
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
      // A stopped process would receive no other signal but SIGKILL.
      child?.kill('SIGCONT');
      child?.kill(signal);
      const end = await over;
      // A member may be ended again, by the stack that it belongs to.
      log?.end();
      if (log) await finished(log);
      return end;
    },
  };
}
