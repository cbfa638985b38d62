import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { inheritedEnvironment } from './environment.ts';

/** Last release: its commit, and the number of its newest migration. Raise both with each release. */
export const released = { commit: 'e25a2649', migration: '0055' };

const folder = fileURLToPath(packageFolder);

/** Whether the history has the last release: that of a shallow clone ends before it. */
export function hasRelease(): boolean {
  return askGit('cat-file', '-e', `${released.commit}^{commit}`) !== undefined;
}

/**
 * Whether tests of the last release are left out. In CI a clone with its whole history must have that release, so
 * a wrong commit above fails there. A shallow clone, or a folder without history, leaves them out and says so.
 */
export function mayLeaveOutRelease(): boolean {
  const isWhole = askGit('rev-parse', '--is-shallow-repository') === 'false';
  return !hasRelease() && !(process.env.CI === 'true' && isWhole);
}

/** Asks git about the clone. @returns undefined where it fails */
function askGit(...args: string[]): string | undefined {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('git', args, { cwd: folder, stdio: [...stdio], encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Unpacks the program of the last release. Dependencies and page are those of this one.
 * @returns its folder
 */
export async function unpackRelease(): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'helm-registry-released-'));
  const archive = execFileSync('git', ['archive', '--format=tar', released.commit], {
    cwd: folder,
    maxBuffer: 512 * 1024 ** 2,
  });
  execFileSync('tar', ['-x', '-C', target], { input: archive });
  await symlink(join(folder, 'node_modules'), join(target, 'node_modules'));
  await cp(join(folder, 'dist/web'), join(target, 'dist/web'), { recursive: true });
  return target;
}

/** Runs a command of the unpacked release, from its sources. */
export function runReleased(
  root: string,
  args: readonly string[],
  environment: Record<string, string>,
): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', join(root, 'cli/main.ts'), ...args], {
    cwd: root,
    env: { ...inheritedEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
