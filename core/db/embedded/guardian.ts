import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Launch } from './server-user.ts';

/**
 * Shell script that runs a command, and interrupts it when this process's end of the pipe closes, also by a
 * kill. The script knows its child by process id, so it never hits a later server on the same folder. `read` is
 * built into the shell, so no process remains when the command ends by itself.
 */
const guardianScript = `
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

/** Command that runs under a guardian. */
export interface GuardedCommand {
  /** Exit status of the command; 128 and more when a signal ended it. */
  ended: Promise<number>;
  /** Interrupts the command (for PostgreSQL: a fast shutdown); `ended` resolves when it is gone. */
  interrupt(): void;
  /** Lets the event loop end although the command runs; starting and stopping need it alive. */
  unref(): void;
}

/**
 * Starts a command under a guardian, in a session of its own. A signal to this process group (Ctrl-C) so does
 * not reach the command, and it ends when this process does, however that happens.
 * @param output file descriptor for the command's output
 */
export function runGuarded({ argv, ...ids }: Launch, output: number): GuardedCommand {
  const child: ChildProcess = spawn('/bin/sh', ['-c', guardianScript, 'guardian', ...argv], {
    ...ids,
    cwd: '/',
    detached: true,
    stdio: ['pipe', output, output],
    // The server gets none of this process's environment (settings, secrets, PG*).
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 128));
  });
  // Callers that await `ended` see the failure; without one it must not end the process.
  ended.catch(() => undefined);
  // The pipe closes when the guardian ends first.
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
