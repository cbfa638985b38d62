import type { Transaction } from '../db/port.ts';
import { announce } from '../webhooks/announce.ts';

/** Event of a follow, as the webhooks of its space get it: nothing of it names a source. */
export interface FollowEvent {
  space: string;
  chart: string;
  /** Version whose recipe was composed again. */
  from?: string | undefined;
  /** Version that was made, or would have been. */
  version?: string | undefined;
  /** Path of the job. */
  job?: string | undefined;
  /** Code of the error; its job has the whole reason, for those who may know it. */
  error?: string | undefined;
}

/** Announces an event of a follow to the webhooks of its space. Belongs to the transaction of the change. */
export async function announceFollow(
  tx: Transaction,
  type: 'follow.composed' | 'follow.failed',
  data: FollowEvent,
): Promise<void> {
  const [space] = await tx.query<{ id: number }>('SELECT id FROM spaces WHERE name = $1', [data.space]);
  if (space) await announce(tx, space.id, { type, data });
}
