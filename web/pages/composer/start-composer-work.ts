import { startDraftChecks } from './check/start-draft-checks.ts';
import type { Composer } from './composer-state.ts';
import { startDryRuns } from './dry-run.ts';
import { startReadingSources } from './sources/start-reading-sources.ts';

/** Starts the work on a draft: reading its sources, checks by their schemas, dry runs. */
export function startComposerWork(composer: Composer) {
  const dry = startDryRuns(composer);
  const sources = startReadingSources(composer.draft);
  const checks = startDraftChecks(composer.draft, sources);
  return {
    dry,
    sources,
    checks,
    close() {
      dry.close();
      sources.close();
      checks.close();
    },
  };
}
