import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Launch } from './account.ts';

/**
 * Runs a command and interrupts it when our end of the pipe closes, which happens also when we are killed. It knows
 * its child by process id, so it can never hit a server that somebody started later on the same folder. `read` is the
 * shell's own, so nothing is left when the command ends by itself.
 */
const script = `
trap '' HUP INT TERM
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
{ read -r _ <&3; kill -INT "$child"; } &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

export interface Guarded {
  /** Exit status of the command; 128 and more when a signal ended it. */
  ended: Promise<number>;
  /** Interrupts the command (PostgreSQL: a fast shutdown); `ended` says when it is gone. */
  interrupt(): void;
  /** Keeps our event loop alive no longer; while starting and stopping it has to. */
  unref(): void;
}

/**
 * Starts a command in a session of its own, so that a signal to our process group (Ctrl-C) does not reach it, and with
 * a guardian, so that it ends when we do, however that happens.
 * @param output file descriptor for what the command prints
 */
export function runGuarded({ argv, ...ids }: Launch, output: number): Guarded {
  const child: ChildProcess = spawn('/bin/sh', ['-c', script, 'guardian', ...argv], {
    ...ids,
    cwd: '/',
    detached: true,
    stdio: ['pipe', output, output],
    // Nothing of our environment (settings, secrets, PG*) is the server's business.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 128));
  });
  // Whoever waits sees the failure; nobody has to.
  ended.catch(() => undefined);
  // The pipe is closed under us when the guardian ends first.
  child.stdin?.on('error', () => undefined);
  return {
    ended,
    unref() {
      child.unref();
      if (child.stdin instanceof Socket) child.stdin.unref();
    },
    interrupt() {
      child.ref();
      child.stdin?.end();
    },
  };
}
