import { parseArgs } from 'node:util';
import { compareArchives } from './run.ts';

// Compares how the registry and both Helms read generated archives, and prints counts and the first differences:
//   npm run test:archives -- --count 100000 --seed 1
// Needs helm-loader on the PATH.

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const { counts, differences } = await compareArchives(Number(values.count), Number(values.seed));
for (const [outcome, count] of Object.entries(counts).sort()) say(`${outcome}: ${count}`);
for (const difference of differences) say(difference);
process.exitCode = differences.length > 0 ? 1 : 0;
