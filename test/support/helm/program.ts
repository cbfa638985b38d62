import { execFile } from 'node:child_process';
import { isAvailable } from '../servers/program.ts';

/** A Helm to compare with. */
export interface Helm {
  major: 3 | 4;
  /** What starts it. */
  command: string;
}

/** What a Helm said, and whether it was content. */
export interface HelmAnswer {
  passed: boolean;
  stdout: string;
  stderr: string;
}

/** Both majors by the names that they have on the PATH. */
export const helms: readonly Helm[] = [
  { major: 3, command: 'helm3' },
  { major: 4, command: 'helm4' },
];

/** Whether it can be started; with `CI=true` it is said that it can, and the tests that start it fail. */
export function hasHelm({ command }: Helm): boolean {
  return isAvailable(command, ['version']);
}

/** What this machine lacks of them. */
export function missingHelms(): string[] {
  return helms.filter((helm) => !hasHelm(helm)).map(({ command }) => `no \`${command}\` on the PATH`);
}

/**
 * Runs Helm to its end.
 * @param home holds what Helm keeps for itself, so that nothing of the user's changes what it does
 * @throws {Error} when it cannot be started.
 */
export function runHelm({ command }: Helm, args: readonly string[], home: string): Promise<HelmAnswer> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    HELM_CACHE_HOME: `${home}/cache`,
    HELM_CONFIG_HOME: `${home}/config`,
    HELM_DATA_HOME: `${home}/data`,
    KUBECONFIG: '/dev/null',
  };
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') {
        reject(new Error(`${command} could not be run: is it on the PATH? ${error.message}`));
      } else {
        resolve({ passed: !error, stdout, stderr });
      }
    });
  });
}

/** Program of this project that says what both Helms read in archives (see test/support/helm-loader). */
export const helmLoader = 'helm-loader';

/** Tells whether helm-loader can be started; with `CI=true` always, so that tests fail where it is missing. */
export function hasHelmLoader(): boolean {
  return isAvailable(helmLoader, ['-help']);
}
