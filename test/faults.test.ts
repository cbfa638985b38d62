import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shortForm } from './faults/options.ts';
import { describeResult, hasPassed } from './faults/report.ts';
import { runFaults } from './faults/run.ts';
import { hasMinio } from './support/servers/object-store.ts';
import { canStartRedis } from './support/servers/redis.ts';

// Short form of `npm run test:faults`. FAULTS_SEED repeats a failed run.
const missing = [...(canStartRedis() ? [] : ['redis-server']), ...(hasMinio() ? [] : ['minio'])];
const note = missing.length === 0 ? '' : ` (left out: ${missing.join(' and ')} not on the PATH)`;

it.skipIf(missing.length > 0)(
  `nothing is lost or doubled when any part dies while it works${note}`,
  async () => {
    const options = shortForm(process.env.FAULTS_SEED);
    const folder = await mkdtemp(join(tmpdir(), 'helm-registry-faults-'));
    process.stdout.write(`faults: seed ${options.seed}, logs in ${folder}\n`);
    const lines = [`seed ${options.seed}, logs in ${folder}`];
    const result = await runFaults(options, folder, (line) => lines.push(line));
    lines.push(...describeResult(result));
    expect(hasPassed(result), lines.join('\n')).toBe(true);
    await rm(folder, { recursive: true, force: true });
  },
  400_000,
);
