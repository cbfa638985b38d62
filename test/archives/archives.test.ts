import { describe, expect, it } from 'vitest';
import { hasHelmLoader } from '../support/helm/program.ts';
import { compareArchives } from './run.ts';

/** Seed of the short run; `npm run test:archives` accepts others. */
const seed = 20_000;

describe.skipIf(!hasHelmLoader())('generated archives (left out without helm-loader on the PATH)', () => {
  it('generated archives are read as both Helms read them, or refused', async () => {
    const { counts, differences } = await compareArchives(2000, seed);
    expect(differences).toEqual([]);
    expect(counts['both accept']).toBeGreaterThan(400);
    expect(counts['both refuse']).toBeGreaterThan(400);
  }, 300_000);
});
