import { followChecks } from './check/follow-checks.ts';
import type { Composer } from './composer-state.ts';
import { followDryRun } from './dry-run.ts';
import { followSources } from './sources/follow-sources.ts';

/** Follows a draft: with its sources, the checks of their schemas, and the dry run. */
export function followComposer(composer: Composer) {
  const dry = followDryRun(composer);
  const sources = followSources(composer.draft);
  const checks = followChecks(composer.draft, sources);
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
