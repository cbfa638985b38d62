import type {
  DeletedVersion,
  Page,
  RetentionFilter,
  RetentionPreviewItem,
  RetentionRun,
} from '@helm-registry/client';
import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

const retentionClientOf = (space: string) => registry.space(space).retention;

/** Rules of the retention of a space. */
export const retentionQuery = createQuery((space: string, signal) =>
  retentionClientOf(space).get({ signal }),
);

/** Empty pages of a preview that are passed over for one that has something. */
const maxEmptyPages = 20;

/** Versions with what a run would do; pages that are empty are passed over. */
export const previewQuery = createQuery(
  async (
    {
      space,
      filter,
      cursor,
      limit,
    }: { space: string; filter: RetentionFilter; cursor?: string; limit: number },
    signal,
  ) => {
    const list = retentionClientOf(space).preview(filter, { signal });
    let page = await list.page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    for (
      let passed = 0;
      page.items.length === 0 && page.next !== undefined && passed < maxEmptyPages;
      passed += 1
    )
      page = await list.page({ limit, cursor: page.next });
    return page;
  },
);

/** Versions that the next run would delete. */
export interface DueVersionCounts {
  versions: number;
  bytes: number;
  /** Whether there are more, which were not counted. */
  isMore: boolean;
}

/** Counts what a run would delete, until it is more than a run may delete. */
export const dueDeletionsQuery = createQuery(
  async (
    { space, mostDeleted }: { space: string; mostDeleted: number },
    signal,
  ): Promise<DueVersionCounts> => {
    const due: RetentionPreviewItem[] = [];
    for await (const item of retentionClientOf(space).preview({ action: 'delete' }, { signal })) {
      due.push(item);
      if (due.length > mostDeleted) break;
    }
    const bytes = due.reduce((sum, { size }) => sum + size, 0);
    return { versions: due.length, bytes, isMore: due.length > mostDeleted };
  },
);

/** Runs of the retention of a space, the newest first. */
export const retentionRunsQuery = createQuery(({ space, page }: { space: string; page: PageRange }, signal) =>
  retentionClientOf(space)
    .runs()
    .page({ ...page, signal }),
);

/** Pages of deleted versions that are searched for those of a run. */
const maxDeletedVersionPages = 5;
/** Deleted versions of a run that are shown. */
const maxShownDeletions = 500;

/** Run with its rules, and the versions that it has deleted, as far as they can be restored. */
export const retentionRunQuery = createQuery(
  async ({ space, run }: { space: string; run: RetentionRun }, signal) => {
    const shown = await retentionClientOf(space).readRun(run.id, { signal });
    const deleted: DeletedVersion[] = [];
    const list = registry.space(space).deleted({}, { signal });
    let start: number | undefined = run.deleted > 0 ? 0 : undefined;
    for (let pages = 0; start !== undefined && pages < maxDeletedVersionPages; pages += 1) {
      const { items, next }: Page<DeletedVersion> = await list.page({ start, limit: 1_000 });
      deleted.push(...items.filter((item) => item.run === run.id));
      const isBefore = items.some(({ deletedAt }) => deletedAt < run.startedAt);
      start = isBefore || deleted.length >= Math.min(run.deleted, maxShownDeletions) ? undefined : next;
    }
    return { ...shown, versions: deleted.slice(0, maxShownDeletions) };
  },
);
