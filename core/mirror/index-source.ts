import type { ClaimedMirrorRun } from './claim-run.ts';
import { copyVersion } from './copy-version.ts';
import { fetchIndex } from './fetch-index.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import type { IndexEntry } from './read-index.ts';
import { recordOutcomes, type VersionOutcome, versionKeyOf } from './record-outcomes.ts';
import { recordResults } from './record-results.ts';
import { countOutcome, type RunCounts } from './run-end.ts';
import type { MirrorSource, RunFacts } from './source.ts';
import type { Upstream } from './upstream.ts';

/** Creates the source of a mirror of a chart repository. The index lists all versions, with their digests. */
export function createIndexSource(deps: MirrorDeps, run: ClaimedMirrorRun, upstream: Upstream): MirrorSource {
  return {
    async list() {
      const { index, ...validators } = await fetchIndex(upstream, new URL(run.url), run);
      return { index, validators, hasListed: () => true, explainGaps: () => undefined };
    },
    sortOut: (chosen, facts, counts) => selectEntriesToCopy(deps, run, chosen, facts, counts),
    copy: async (entry) => (await copyVersion(deps, run, upstream, entry)).outcome,
    forget: async () => undefined,
  };
}

async function selectEntriesToCopy(
  { registry }: MirrorDeps,
  run: ClaimedMirrorRun,
  chosen: readonly IndexEntry[],
  { stored, known }: RunFacts,
  counts: RunCounts,
): Promise<IndexEntry[]> {
  const todo: IndexEntry[] = [];
  const noted: VersionOutcome[] = [];
  const repeated: VersionOutcome[] = [];
  for (const entry of chosen) {
    const { chart, version, digest } = entry;
    const [here, before] = [stored.get(versionKeyOf(entry)), known.get(versionKeyOf(entry))];
    if (here === undefined) todo.push(entry);
    else if (digest === undefined || digest === here) {
      countOutcome(counts, 'unchanged');
      // It is as upstream again, or another run has stored it as `gone` and it has come back.
      if (before && before.outcome !== 'stored' && before.outcome !== 'replaced')
        noted.push({ chart, version, outcome: 'stored' });
    } else if (run.settings.overwrite) todo.push(entry);
    else {
      countOutcome(counts, 'changed');
      const isKnown = before?.outcome === 'changed' && before.upstream === digest;
      (isKnown ? repeated : noted).push({ chart, version, outcome: 'changed', upstream: digest });
    }
  }
  if (noted.length > 0) await recordOutcomes(registry.db, run, noted);
  await recordResults(registry.db, run, repeated);
  return todo;
}
