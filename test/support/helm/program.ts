import { execFile, spawnSync } from 'node:child_process';

/** A Helm to compare with. */
export interface Helm {
  major: number;
  /** What starts it. */
  command: string;
}

/** What a Helm said, and whether it was content. */
export interface HelmAnswer {
  passed: boolean;
  stdout: string;
  stderr: string;
}

const majors = [3, 4];

/**
 * The Helms on the PATH: `helm3` and `helm4`, or a `helm` whose version says which of them it is. With `CI=true` none is
 * left out: then both are said to be there, and the tests that start them fail.
 */
export function findHelms(): Helm[] {
  const plain = majorOf('helm');
  return majors.flatMap((major) => {
    const own = `helm${major}`;
    if (process.env.CI === 'true' || majorOf(own) === major) return [{ major, command: own }];
    return plain === major ? [{ major, command: 'helm' }] : [];
  });
}

/** What this machine lacks of them. */
export function missingHelms(): string[] {
  const found = findHelms().map(({ major }) => major);
  return majors.filter((major) => !found.includes(major)).map((major) => `no \`helm${major}\` on the PATH`);
}

function majorOf(command: string): number | undefined {
  const { stdout } = spawnSync(command, ['version', '--template', '{{ .Version }}'], { encoding: 'utf8' });
  const found = /^v(\d+)\./.exec(stdout ?? '');
  return found ? Number(found[1]) : undefined;
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
