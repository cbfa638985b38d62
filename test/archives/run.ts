import { createRandom } from '../support/random.ts';
import { compareReadings } from './compare.ts';
import { generateArchive } from './generate.ts';
import { startHelmLoader } from './helm-loader.ts';

/** Counts of outcomes of a run, and the first differences. */
export interface RunReport {
  counts: Record<string, number>;
  differences: string[];
}

/** Maximum number of recorded differences; more are only counted. */
const maxDifferences = 20;

/** Generates and compares `count` archives; the same seed makes the same archives. */
export async function compareArchives(count: number, seed: number): Promise<RunReport> {
  const loader = startHelmLoader();
  const counts: Record<string, number> = {};
  const differences: string[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const { bytes, oddities } = generateArchive(createRandom(seed + index));
      const { outcome, detail } = await compareReadings(bytes, await loader.read(bytes));
      const key = outcome === 'deliberate refusal' ? `${outcome} ${detail}` : outcome;
      counts[key] = (counts[key] ?? 0) + 1;
      if (outcome === 'difference' && differences.length < maxDifferences)
        differences.push(`--count 1 --seed ${seed + index}: ${detail}; ${oddities.join('; ')}`);
    }
  } finally {
    loader.close();
  }
  return { counts, differences };
}
