import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder } from '../core/runtime/package-info.ts';
import { announceProgram } from '../test/support/environment.ts';

/** Builds the program. Every process that is started from now on runs the build and not the sources. */
export async function useBuilt(): Promise<void> {
  await build('build');
  announceProgram(inDist('cli/main.js'));
}

/**
 * Builds a benchmark with all that it imports. tsx, which runs sources, names every function each time it is made.
 * @param name `compose`
 * @returns the file to run
 */
export async function buildBench(name: string): Promise<string> {
  await build('build:bench');
  return inDist(`bench/${name}.js`);
}

function inDist(path: string): string {
  return fileURLToPath(new URL(`dist/${path}`, packageFolder));
}

async function build(script: string): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', script], { cwd: fileURLToPath(packageFolder) });
}
