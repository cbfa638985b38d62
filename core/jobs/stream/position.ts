import type { Sealer } from '../../access/sealer.ts';

/**
 * Place in the changes of all jobs: the transactions that a reader has seen, as a snapshot of PostgreSQL names them.
 * Numbers of a sequence would pass over a transaction that took a low one and committed late; a snapshot knows it as
 * unfinished.
 */
export interface Position {
  /** Cluster and its timeline: in a restored or another one the numbers mean other transactions. */
  cluster: string;
  /** First transaction that the reader has not seen whole. */
  end: string;
  /** Number of the last job of that transaction which the reader has seen; 0 for none. */
  after: number;
  /** Transactions before it that were unfinished. */
  unfinished: readonly string[];
}

/** SQL of the columns `cluster` and `snapshot`, which `toPosition` reads. */
export const positionColumns = `(SELECT system_identifier FROM pg_control_system()) || '/' ||
  (SELECT timeline_id FROM pg_control_checkpoint()) AS cluster, pg_current_snapshot()::text AS snapshot`;

/** Row of `positionColumns`. */
export interface PositionRow {
  cluster: string;
  snapshot: string;
}

/** Largest number of unfinished transactions in a position; with more, all since the first count as unseen. */
const maxUnfinishedTransactions = 64;

/** Makes the position of the snapshot of a statement. */
export function toPosition({ cluster, snapshot }: PositionRow): Position {
  const [first = '', end = '', list = ''] = snapshot.split(':');
  const unfinished = list === '' ? [] : list.split(',');
  const isBounded = unfinished.length <= maxUnfinishedTransactions;
  return { cluster, end: isBounded ? end : first, after: 0, unfinished: isBounded ? unfinished : [] };
}

/**
 * Makes the position of a reader within the changes of a statement. The reader has seen those up to a job, in the
 * order of their transactions.
 * @param whole position after all of them
 */
export function positionWithin(
  whole: Position,
  { changed, number }: { changed: string; number: number },
): Position {
  const isBefore = (one: string) => BigInt(one) < BigInt(changed);
  if (isBefore(whole.end)) return whole;
  return { ...whole, end: changed, after: number, unfinished: whole.unfinished.filter(isBefore) };
}

const sealContext = { purpose: 'job position', row: '' } as const;
const positionPattern = /^(\d{1,20}\/\d{1,10}) (\d{1,20}) (\d{1,15})((?: \d{1,20}){0,64})$/;

/** Writes and reads the ids of events. */
export interface PositionTexts {
  /** Seals a position: its numbers count the writes of the whole registry, which are nothing for its reader. */
  write(position: Position): string;
  /** @returns undefined for a text that is not a position of this registry */
  read(text: string): Promise<Position | undefined>;
}

/** Creates the texts of positions; each is sealed once, also for many readers. */
export function createPositionTexts(sealer: Sealer): PositionTexts {
  const texts = new WeakMap<Position, string>();
  return {
    write(position) {
      const { cluster, end, after, unfinished } = position;
      const text =
        texts.get(position) ?? sealer.seal([cluster, end, after, ...unfinished].join(' '), sealContext);
      texts.set(position, text);
      return text;
    },
    async read(text) {
      const opened = await sealer.open(text, sealContext);
      const [, cluster, end, after, list = ''] =
        (opened.kind === 'opened' && positionPattern.exec(opened.text)) || [];
      if (cluster === undefined || end === undefined) return undefined;
      return { cluster, end, after: Number(after), unfinished: list.split(' ').slice(1) };
    },
  };
}
