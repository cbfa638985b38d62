import { execFile } from 'node:child_process';
import type { TestRegistry } from '../registry.ts';
import { isAvailable } from '../servers/program.ts';

/** Helm program to compare with. */
export interface Helm {
  major: 3 | 4;
  /** Command on the PATH. */
  command: string;
}

/** Output of a run of Helm, and whether the run succeeded. */
export interface HelmAnswer {
  passed: boolean;
  stdout: string;
  stderr: string;
}

/** Helm 3 and Helm 4, by their commands on the PATH. */
export const helms: readonly Helm[] = [
  { major: 3, command: 'helm3' },
  { major: 4, command: 'helm4' },
];

/** Tells whether a Helm can be started. With `CI=true` always, so that tests fail where it is missing. */
export function hasHelm({ command }: Helm): boolean {
  return isAvailable(command, ['version']);
}

/** Lists the missing Helm commands, as texts. */
export function missingHelms(): string[] {
  return helms.filter((helm) => !hasHelm(helm)).map(({ command }) => `no \`${command}\` on the PATH`);
}

/**
 * Runs Helm to its end.
 * @param home folder for Helm's cache, configuration and data, so that the user's have no effect
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

/**
 * Makes the arguments of `helm repo add`, with credentials where access is guarded.
 * @param space empty for the repository at the root
 */
export function addRepository(
  name: string,
  { url, login }: Pick<TestRegistry, 'url' | 'login'>,
  space: string,
): string[] {
  const credentials = login ? ['--username', login.user, '--password', login.password] : [];
  return ['repo', 'add', name, space === '' ? url : `${url}/${space}`, ...credentials];
}

/** Program of this project that reads archives as both Helms do (see test/support/helm-loader). */
export const helmLoader = 'helm-loader';

/** Tells whether helm-loader can be started. With `CI=true` always, so that tests fail where it is missing. */
export function hasHelmLoader(): boolean {
  return isAvailable(helmLoader, ['-help']);
}
