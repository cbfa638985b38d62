/** Milliseconds from the end of one look of a worker for due work to the next, by kind of work. */
export interface WorkerIntervals {
  /** Jobs and deliveries that are due and perhaps not on the queue. */
  sweepsMs: number;
  /** Changes of versions. */
  versionEventsMs: number;
  /** Followed charts that are due. */
  followsMs: number;
  /** Mirrors that are due. */
  mirrorsMs: number;
  /** States of composed versions that are marked. */
  statesMs: number;
  /** Runs of retention that are open. */
  retentionMs: number;
  /** Webhooks that have ended. */
  endedWebhooksMs: number;
}

/** Intervals of a worker in use: each look is a query, which an idle registry should seldom need. */
export const defaultIntervals: WorkerIntervals = {
  sweepsMs: 2_000,
  versionEventsMs: 1_000,
  followsMs: 1_000,
  mirrorsMs: 1_000,
  statesMs: 500,
  retentionMs: 2_000,
  endedWebhooksMs: 2_000,
};
