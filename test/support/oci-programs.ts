import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestRegistry } from './registry.ts';
import { isAvailable } from './servers/program.ts';

/** Tells whether oras can be started. With `CI=true` always, so that tests fail where it is missing. */
export const hasOras = () => isAvailable('oras', ['version']);
/** Tells whether cosign can be started; with `CI=true` always. */
export const hasCosign = () => isAvailable('cosign', ['version']);
/** Tells whether oci-conformance is on the PATH. The program has no option that only prints its version. */
export const hasConformance = () => isAvailable('sh', ['-c', 'command -v oci-conformance']);

/** Output and exit code of a program. */
export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. @throws when it cannot be started */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Output> {
  const env = { PATH: process.env.PATH, HOME: options.cwd, ...options.env };
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: options.cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** Writes the credentials of a registry where oras and Helm look for them. Both look in a home folder. */
export async function writeLogin(
  home: string,
  { url, login }: Pick<TestRegistry, 'url' | 'login'>,
): Promise<void> {
  if (!login) return;
  const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
  const text = JSON.stringify({ auths: { [new URL(url).host]: { auth } } });
  for (const folder of ['.docker', 'config/registry']) {
    await mkdir(join(home, folder), { recursive: true });
    await writeFile(join(home, folder, 'config.json'), text);
  }
}

/** Runs the conformance program. @returns the results of its rows, of the tables `api` and `data`, by row name */
export async function runConformance(
  url: string,
  repositories: readonly [string, string],
  environment: Record<string, string>,
): Promise<{ rows: Record<string, string>; report: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const { stdout, stderr } = await run('oci-conformance', [], {
      cwd: folder,
      env: {
        OCI_REGISTRY: new URL(url).host,
        OCI_TLS: 'disabled',
        OCI_REPO1: repositories[0],
        OCI_REPO2: repositories[1],
        OCI_RESULTS_DIR: folder,
        ...environment,
      },
    });
    const results = await readFile(join(folder, 'results.yaml'), 'utf8');
    const tables = results.slice(results.search(/^apis:$/m));
    const rows = [...tables.matchAll(/^ {2}(\S.*): (\w+)$/gm)].map(([, name = '', state = '']) => [
      name,
      state,
    ]);
    return { rows: Object.fromEntries(rows), report: `${stdout}${stderr}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
