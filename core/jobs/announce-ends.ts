import type { Visibility } from '../access/rights.ts';
import type { Transaction } from '../db/port.ts';
import { announceAll } from '../webhooks/announce.ts';
import { deliveryGraceSeconds } from '../webhooks/deliveries.ts';
import type { EndedJob } from './composed.ts';
import { chartsNamedByJob, hideSources } from './hide-sources.ts';
import { isMoreOpen } from './recipe-rights.ts';
import { type JobLinks, viewJob } from './view.ts';

/** SQL that is true for a job whose space has webhooks. The query that ends jobs asks it along. */
export const hasWebhooksSql = (spaceId: string) =>
  `EXISTS (SELECT FROM webhooks w WHERE w.space_id = ${spaceId})`;

/** Parts that make the payloads of ended jobs. */
export interface AnnounceEndsDeps {
  links: JobLinks;
  /** Whether access is guarded, so that not everybody may know every source. */
  guarded: boolean;
}

/**
 * Tells webhooks of their spaces that jobs have ended, in the transaction that ends them.
 * @param ended jobs of spaces that have webhooks; the ids of the deliveries are added to those to enqueue
 */
export async function announceEnds(
  tx: Transaction,
  { links, guarded }: AnnounceEndsDeps,
  ended: readonly EndedJob[],
): Promise<void> {
  if (ended.length === 0) return;
  const isKnown = guarded ? await createSourceVisibleToReadersCheck(tx, ended) : () => true;
  const announcements = ended.flatMap(({ job }) => {
    const { space, spaceId, state, finishedAt } = job;
    if (spaceId === null || state === 'queued' || state === 'running') return [];
    const masked = hideSources(job, (source) => !isKnown(space, source.space));
    const type = `job.${state}` as const;
    return [{ spaceId, type, at: finishedAt ?? undefined, data: viewJob(masked, links), jobId: job.id }];
  });
  const ids = await announceAll(tx, announcements, deliveryGraceSeconds);
  // The first job has them all enqueued, since the transaction is theirs together.
  ended[0]?.deliveries.push(...ids);
}

/**
 * Creates a check by the visibilities of the spaces of jobs and their sources.
 * @returns whether every reader of a space may know the charts of another one
 */
async function createSourceVisibleToReadersCheck(
  tx: Transaction,
  ended: readonly EndedJob[],
): Promise<(target: string, source: string) => boolean> {
  const names = ended.flatMap(({ job }) => [job.space, ...chartsNamedByJob(job).map(({ space }) => space)]);
  const rows = await tx.query<{ name: string; visibility: Visibility }>(
    'SELECT name, visibility FROM spaces WHERE name = ANY((SELECT $1::text[])::text[])',
    [[...new Set(names)]],
  );
  const spaces = new Map(rows.map(({ name, visibility }) => [name, { visibility }]));
  return (target, source) => {
    if (source === target) return true;
    const [from, to] = [spaces.get(source), spaces.get(target)];
    // Readers of two private spaces are not the same.
    return from !== undefined && to !== undefined && from.visibility !== 'private' && !isMoreOpen(to, from);
  };
}
