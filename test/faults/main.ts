import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignals } from '../support/stack.ts';
import { errorText } from './error-text.ts';
import { readOptions } from './options.ts';
import { describeResult, hasPassed } from './report.ts';
import { runFaults } from './run.ts';

// Stops, pauses and kills parts of a distributed registry while it works, and checks that nothing was lost:
//   npm run test:faults -- [--seed N] [--long] [--orchestrations N] [--uploads N] [--only FAULT,...] [--charts FOLDER]

exitOnSignals();
const say = (line: string) => process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const options = readOptions(process.argv.slice(2));
say(`seed ${options.seed}: ${options.orchestrations} orchestrations, ${options.uploads} uploads`);
const folder = await mkdtemp(join(tmpdir(), 'helm-registry-faults-'));
try {
  const result = await runFaults(options, folder, say);
  for (const line of describeResult(result)) say(line);
  if (!hasPassed(result)) process.exitCode = 1;
} catch (error) {
  say(`FAILED  the run itself: ${errorText(error)}`);
  process.exitCode = 1;
}
if (process.exitCode === 1) say(`logs are in ${folder}; run again with --seed ${options.seed}`);
else await rm(folder, { recursive: true, force: true });
say(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
