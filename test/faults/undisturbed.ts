import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../core/blobs/content.ts';
import { serve } from '../support/process.ts';
import type { Random } from '../support/random.ts';
import { createClient } from './client.ts';
import { keyOf, type Operation, pathOf } from './operations.ts';
import { createSpaces, createWorkload } from './workload.ts';

/**
 * Performs the operations without faults, on an empty embedded `helm-registry serve`, and downloads the result.
 * @returns the digest of every version, by key
 * @throws when an operation fails
 */
export async function runUndisturbed(
  waves: readonly (readonly Operation[])[],
  spaces: readonly string[],
  folder: string,
  random: Random,
): Promise<Map<string, string>> {
  const dataDir = join(folder, 'undisturbed');
  const served = await serve({
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    REDIS_URL: '',
    S3_ENDPOINT: '',
    LOG_LEVEL: 'info',
  });
  const abandon = () => void served.process.kill('SIGKILL');
  process.once('exit', abandon);
  try {
    const problems: string[] = [];
    const client = createClient([served.url], random, problems);
    const workload = createWorkload({ client, problems });
    await createSpaces(client, spaces);
    for (const wave of waves) {
      workload.begin(wave);
      await workload.done();
    }
    const wrong = workload.accepted.filter(
      ({ recipe, state }) => (state === 'succeeded') !== (recipe.fails === undefined),
    );
    problems.push(...wrong.map(({ recipe, state }) => `${keyOf(recipe.ref)}, ${recipe.sort}: ${state}`));
    if (problems.length > 0) throw new Error(`undisturbed, and yet: ${problems.join('\n')}`);
    const digests = new Map<string, string>();
    for (const { ref } of waves.flat().filter(({ ref }) => workload.published.has(keyOf(ref)))) {
      const response = await fetch(served.url + pathOf(ref));
      digests.set(keyOf(ref), digestOf(Buffer.from(await response.arrayBuffer())));
    }
    return digests;
  } finally {
    process.off('exit', abandon);
    await served.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  }
}
