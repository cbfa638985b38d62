import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { packageFolder } from '../core/runtime/package-info.ts';
import { describeMachine, percentile } from './support.ts';

// Start of the packed user commands, from the start of the process to its end, beside Node with an empty program.
// npm run bench:command-line -- --runs 50

const { values } = parseArgs({ options: { runs: { type: 'string', default: '50' } } });
const runs = Number(values.runs);
const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'bench-command-line-'));
try {
  const builder = fileURLToPath(new URL('cli/package-command-line.ts', packageFolder));
  await run(process.execPath, ['--import', 'tsx', builder, folder], { cwd: fileURLToPath(packageFolder) });
  const program = join(folder, 'helm-registry.js');
  const commands = {
    'node -e 0': ['-e', '0'],
    'helm-registry --version': [program, '--version'],
    'helm-registry push --help': [program, 'push', '--help'],
    'helm-registry context list': [program, 'context', 'list'],
  };
  const times = Object.keys(commands).map((name) => [name, []] as [string, number[]]);
  // Commands take turns, so that a busy moment of the machine meets all of them.
  for (let round = 0; round < runs; round += 1)
    for (const [name, list] of times) list.push(await measure(Object(commands)[name], folder));
  process.stdout.write(`${describeMachine()}\n${runs} runs, milliseconds: fastest, median, 90 %\n`);
  for (const [name, list] of times) {
    const sorted = list.toSorted((a, b) => a - b);
    const cells = [0, 0.5, 0.9].map((share) => percentile(sorted, share).toFixed(0).padStart(6));
    process.stdout.write(`${name.padEnd(28)}${cells.join('')}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(args: string[], home: string): Promise<number> {
  const startedAt = performance.now();
  await run(process.execPath, args, { env: { ...process.env, XDG_CONFIG_HOME: home } });
  return performance.now() - startedAt;
}
