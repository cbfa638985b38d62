import type { Transaction } from '../db/port.ts';
import { lockKeysOf, type Resource } from './resource.ts';

/** A reservation: a lock without an end, which its holder keeps until it releases all its locks. */
export interface Reservation {
  /** Id of the job. */
  holder: string;
  target: Resource;
}

/** Inserts reservations of targets that this transaction has locked and found free. */
export async function insertReservations(
  tx: Transaction,
  reservations: readonly Reservation[],
): Promise<void> {
  const rows = reservations.flatMap(({ holder, target }) => {
    const { containers, key } = lockKeysOf(target);
    return [...containers, key].map((resource) => ({ resource, holder, exclusive: resource === key }));
  });
  await tx.query(
    `INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
     SELECT resource, holder, exclusive, nextval('fences'), 'infinity'
       FROM unnest((SELECT $1::text[]), (SELECT $2::uuid[]), (SELECT $3::boolean[])) AS l (resource, holder, exclusive)`,
    [
      rows.map(({ resource }) => resource),
      rows.map(({ holder }) => holder),
      rows.map(({ exclusive }) => exclusive),
    ],
  );
}
