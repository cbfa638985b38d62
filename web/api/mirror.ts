import type { Mirror, MirrorOutcome, MirrorResult, Page } from '@helm-registry/client';
import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Mirror of a space; null for a space that is none. */
export const mirrorQuery = createQuery(async (space: string, signal): Promise<Mirror | null> => {
  const { mirror } = await registry.space(space).get({ signal });
  return mirror ? registry.space(space).mirror.get({ signal }) : null;
});

/** Version with its outcome, as a row: of the last run that had one, or of the shown run. */
export type MirrorVersionRow = MirrorResult & { run?: number };

/** Versions that are shown. */
interface MirrorVersionsInput {
  space: string;
  outcome: MirrorOutcome | undefined;
  /** Number of the run whose results are wanted; undefined for the last outcome of each version. */
  run: number | undefined;
  page: PageRange;
}

/** Versions of a mirror with their last outcomes, or with those of a run. */
export const mirrorVersionsQuery = createQuery(
  ({ space, outcome, run, page }: MirrorVersionsInput, signal): Promise<Page<MirrorVersionRow>> => {
    const { mirror } = registry.space(space);
    const filter = outcome && { outcome };
    const options = { ...page, signal };
    return run === undefined
      ? mirror.versions(filter).page(options)
      : mirror.results(run, filter).page(options);
  },
);

/** Runs of a mirror, the newest first. */
export const mirrorRunsQuery = createQuery(({ space, limit }: { space: string; limit: number }, signal) =>
  registry.space(space).mirror.runs().page({ limit, signal }),
);
