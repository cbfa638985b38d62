import { buffer } from 'node:stream/consumers';
import type { Database } from '../db/port.ts';
import { maxManifestBytes } from '../oci/manifest.ts';
import type { WantedBlob } from './copies.ts';
import {
  findDamagedKept,
  findKeptElsewhere,
  type KeptKind,
  type KeptRow,
  keptKinds,
  listKept,
  replaceKept,
} from './kept-content.ts';
import { type Repair, type RepairOptions, repairFrom } from './repair.ts';

/** Damaged row, and what came of its repair; undefined where none was wanted. */
export interface KeptFault {
  /** Row and fault, for people. */
  fault: string;
  repaired: Repair | undefined;
}

/**
 * Holds the manifests and configurations that PostgreSQL keeps to their digests.
 * A page at a time is looked at, and what is damaged once more, since it may have been repaired or deleted meanwhile.
 * @param repair where good copies come from; without it nothing is repaired
 * @returns how many rows were looked at in each step, and what is wrong with them
 */
export async function* verifyKept(
  db: Database,
  repair: RepairOptions | undefined,
): AsyncGenerator<{ looked: number; faults: KeptFault[] }> {
  for (const kind of keptKinds) {
    for await (const rows of listKept(db, kind)) {
      const faults: KeptFault[] = [];
      for (const row of rows) {
        const found = row.isWhole ? undefined : await judgeRow(db, kind, row, repair);
        if (found) faults.push(found);
      }
      yield { looked: rows.length, faults };
    }
  }
}

async function judgeRow(
  db: Database,
  kind: KeptKind,
  row: KeptRow,
  repair: RepairOptions | undefined,
): Promise<KeptFault | undefined> {
  const reference = await findDamagedKept(db, kind, row);
  if (!reference) return undefined;
  const fault = `${reference.name}: its bytes in the database are others`;
  if (!repair) return { fault, repaired: undefined };
  const { copies } = repair;
  const candidates = async function* (wanted: WantedBlob) {
    yield* findKeptElsewhere(db, kind, row.digest);
    yield* copies.candidates(wanted);
  };
  const repaired = await repairFrom(
    { ...repair, copies: { ...copies, candidates } },
    { digest: row.digest, references: [reference], maxSize: maxManifestBytes },
    async (copy) => replaceKept(db, kind, row, await buffer(copy.open())),
  );
  return { fault, repaired };
}
