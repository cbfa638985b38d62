import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** Server program that a test can stop, kill, pause and start again. */
export interface ServerProgram {
  /** Starts the program, and resolves when it accepts connections. */
  start(): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Stops the program by SIGSTOP: the kernel accepts connections, and requests get no answer. */
  pause(): void;
  resume(): void;
}

/** Command line and account of a server program. */
export interface ServerCommand {
  command: string;
  args: string[];
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  port: number;
  /** Matches the line, on either output, that tells readiness. */
  ready: RegExp;
}

/** Creates the control of a server program, without starting the program. */
export function createServerProgram(options: ServerCommand): ServerProgram {
  let child: ChildProcess | undefined;
  return {
    async start() {
      const { command, args, env, port, ready, ...ids } = options;
      const started = spawn(command, args, {
        ...ids,
        cwd: '/',
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      await Promise.race([
        sayReady(started.stdout, started.stderr, ready),
        once(started, 'exit').then(([status]) => {
          throw new Error(`${command} ended with ${status} before it was ready`);
        }),
      ]);
      // Some servers print their readiness a moment before they listen.
      while (!(await answers(port))) await turn();
    },
    async end(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

/**
 * Tells whether a program can be started. With `CI=true` always, so that no test is skipped: the tests of a missing
 * program fail.
 */
export function isAvailable(program: string, args: readonly string[]): boolean {
  if (process.env.CI === 'true') return true;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

async function sayReady(stdout: Readable, stderr: Readable, ready: RegExp): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const output of [stdout, stderr]) {
      // Keep reading after readiness, or the server would block on a full pipe.
      createInterface({ input: output }).on('line', (line) => {
        if (ready.test(line)) resolve();
      });
    }
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
