import { spawnSync } from 'node:child_process';

/** Lists the programs of the tests of diffs that are not on the PATH. */
export function missingForPatches(): string[] {
  const programs = ['patch', 'diff', 'tar'];
  return programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
}
