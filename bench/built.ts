import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder } from '../core/package-folder.ts';
import { announceProgram, compiledProgram } from '../test/support/environment.ts';

/** Builds the program, and lets every process that is started from now on be what is deployed and not the sources. */
export async function useBuilt(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: fileURLToPath(packageFolder) });
  announceProgram(compiledProgram);
}
