import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** A server that is a program of its own, and can be hurt in the ways that servers are hurt. */
export interface ServerProgram {
  /** Starts it, and resolves when it takes connections. */
  start(): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Holds it where it is: connections are taken by the system, and nobody answers. */
  pause(): void;
  resume(): void;
}

export interface ServerCommand {
  command: string;
  args: string[];
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  port: number;
  /** What it prints when it is there, on either output. */
  ready: RegExp;
}

/** Controls a server; it is not started yet. */
export function createServerProgram(given: ServerCommand): ServerProgram {
  let child: ChildProcess | undefined;
  return {
    async start() {
      const { command, args, env, port, ready, ...ids } = given;
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
      // Some say that they are ready a moment before they listen.
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
 * Whether a program can be started. With `CI=true` nothing is left out: then it is said to be there, and the tests that
 * start it fail.
 */
export function isAvailable(program: string, args: readonly string[]): boolean {
  if (process.env.CI === 'true') return true;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

async function sayReady(stdout: Readable, stderr: Readable, ready: RegExp): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const output of [stdout, stderr]) {
      // Read to the end, or the server would block on a full pipe.
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
