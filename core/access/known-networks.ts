import type { Queryable } from '../db/port.ts';
import { type BatchedCall, batchCalls } from '../runtime/batch-calls.ts';
import { hashTo16Bits } from './secrets.ts';

/** Days since the last log-in for which a network is known. */
const keptDays = 90;

/** User and network of a log-in. */
export interface KnownLine {
  /** Id of the principal; absent for a user who does not exist, for whom as much is done. */
  principalId: string | undefined;
  network: string;
}

/** Whether a user has logged in rightly from a network, at any process, within the last months. */
export type IsKnownNetwork = BatchedCall<KnownLine, boolean>;

/** Lines that share a query. */
const maxLinesPerQuery = 200;

/** Id that no principal has. */
const nobodyId = '00000000-0000-0000-0000-000000000000';

/** Creates the look-up of networks. Those that arrive together share a query. */
export function createKnownNetworkFinder(db: Queryable): IsKnownNetwork {
  return batchCalls(
    async (lines: KnownLine[]) => {
      const rows = await db.query<{ place: number }>(
        `SELECT line.place FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS line (id, network, place)
          WHERE EXISTS (SELECT FROM known_networks k WHERE k.principal_id = line.id AND k.network = line.network
                           AND k.seen_at > now() - make_interval(days => ${keptDays}))`,
        [
          lines.map(({ principalId }) => principalId ?? nobodyId),
          lines.map(({ network }) => hashTo16Bits(network)),
        ],
      );
      const places = new Set(rows.map(({ place }) => Number(place)));
      return lines.map((_, index) => places.has(index + 1));
    },
    { max: maxLinesPerQuery },
  );
}

/** Records that a user has logged in rightly from a network. It is written once a day, and forgets old ones of the user. */
export async function recordKnownNetwork(
  db: Queryable,
  { id, network }: { id: string; network: string },
): Promise<void> {
  await db.query(
    `WITH forgotten AS (
       DELETE FROM known_networks WHERE principal_id = $1 AND network <> $2
          AND seen_at < now() - make_interval(days => ${keptDays})
     )
     INSERT INTO known_networks AS k (principal_id, network)
     SELECT id, $2 FROM principals WHERE id = $1
     ON CONFLICT (principal_id, network) DO UPDATE SET seen_at = now() WHERE k.seen_at < now() - interval '1 day'`,
    [id, hashTo16Bits(network)],
  );
}
