import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canStartRedis } from '../test/support/servers/redis.ts';
import { buildBench } from './built.ts';

// Benchmarks composition as a function, then recipes over HTTP, waited for and polled, embedded and on Redis with two
// workers, of the same charts; then downloads beside a bare Node server, pushes and uploads:
//
// npm run bench -- [--charts FOLDER] [--recipes 1000] [--rounds 3] [--width 16]

const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    recipes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    width: { type: 'string', default: '16' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const charts = values.charts === undefined ? [] : ['--charts', values.charts];
const { recipes, rounds, width } = values;
const loadOptions = [...charts, '--recipes', recipes, '--rounds', rounds, '--width', width];
if (values.charts !== undefined) await run(await buildBench('compose'), charts);
else print('left out: composing as a function: it needs --charts FOLDER, a folder of packaged charts');
await benchRecipes('embedded');
if (canStartRedis()) await benchRecipes('redis');
else print('left out: recipes on Redis: no `redis-server` on the PATH');
await run(pathOf('downloads.ts'), []);
await run(pathOf('pushes.ts'), ['--rounds', rounds]);
if (values.charts !== undefined) await run(pathOf('uploads.ts'), [...charts, '--rounds', rounds]);
else print('left out: uploads: they need --charts FOLDER');

async function benchRecipes(on: string): Promise<void> {
  for (const polling of [[], ['--poll', '20']])
    await run(pathOf('orchestrate.ts'), [...loadOptions, '--on', on, ...polling]);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Runs a benchmark in a process of its own, without the memory and the compiled code of another. */
async function run(file: string, args: string[]): Promise<void> {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, file, ...args], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
}
