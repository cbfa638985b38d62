import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../core/runtime/package-info.ts';
import type { EmbeddedRegistry } from './embedded.ts';
import { builtProgram, inheritedEnvironment } from './environment.ts';

/** Long-running command, started as a process. */
export interface Served {
  /** Address of an API; empty for a worker. */
  url: string;
  process: ChildProcess;
  /** Sends a signal, to the process group if `group`. @returns the exit code, or the signal that ended the process */
  end(signal: NodeJS.Signals, group?: boolean): Promise<number | string | null>;
}

/**
 * Starts the command line as a user would, in a new process group. Runs the announced program, which tests and benchmarks
 * build, or else the sources.
 */
export function runCli(
  args: string[],
  environment: Record<string, string> = {},
  input?: string,
): ChildProcess {
  const program = builtProgram();
  const sources = ['--import', 'tsx', fileURLToPath(new URL('cli/main.ts', packageFolder))];
  const child = spawn(process.execPath, [...(program === undefined ? sources : [program]), ...args], {
    cwd: fileURLToPath(packageFolder),
    env: { ...inheritedEnvironment(), ...environment },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin?.end(input);
  return child;
}

/** Runs the command line to its end, with a text on standard input. @returns its output and exit code */
export function cliOutput(args: string[], environment: Record<string, string> = {}, input?: string) {
  return outputOf(runCli(args, environment, input));
}

/**
 * Runs `helm-registry verify` on the database and folder of a registry that runs. Redis is not needed, so its URL leads
 * nowhere.
 */
export function verifyByCommand({ context, dataDir }: EmbeddedRegistry, ...args: string[]) {
  return cliOutput(['verify', ...args], {
    DATABASE_URL: context.config.databaseUrl,
    DATA_DIR: dataDir,
    REDIS_URL: 'redis://127.0.0.1:1',
  });
}

/** Reads the output of a process until it ends. @returns also the exit code */
export async function outputOf(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Starts `serve` or another long-running command on a free port. Waits until it is ready. */
export function serve(environment: Record<string, string>, command = 'serve'): Promise<Served> {
  return whenServing(
    runCli([command], { LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info', ...environment }),
    command,
  );
}

/** Waits until a started process logs that it serves or works. */
export async function whenServing(child: ChildProcess, command: string): Promise<Served> {
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let errors = '';
    child.stderr?.on('data', (chunk) => (errors += chunk));
    child.once('exit', (code) =>
      reject(new Error(`${command} ended with ${code} before it was there: ${errors}`)),
    );
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url":"([^"]+)".*"msg":"serving"/.exec(line);
      if (found?.[1]) resolve(found[1]);
      if (command === 'worker' && line.includes('"msg":"working"')) resolve('');
    });
  });
  return {
    url,
    process: child,
    async end(signal, group = false) {
      if (child.pid !== undefined) process.kill(group ? -child.pid : child.pid, signal);
      const [code, by] = await ended;
      return code ?? by;
    },
  };
}
