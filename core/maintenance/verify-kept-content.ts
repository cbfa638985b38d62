import { buffer } from 'node:stream/consumers';
import type { Database } from '../db/port.ts';
import { maxManifestBytes } from '../oci/manifest.ts';
import type { WantedBlob } from './copies.ts';
import {
  findContentElsewhere,
  type KeptContentKind,
  type KeptContentRow,
  keptContentKinds,
  listKeptContent,
  recheckKeptContent,
  repairKeptContent,
} from './kept-content.ts';
import { type RepairOptions, type RepairOutcome, repairFromCopies } from './repair.ts';

/** Damaged row and the result of its repair; undefined if no repair was wanted. */
export interface KeptContentFault {
  /** Sentence that names the row and its fault. */
  fault: string;
  repaired: RepairOutcome | undefined;
}

/**
 * Checks the manifests and configurations in PostgreSQL against their digests, page by page.
 * A damaged row is checked again, since it may have been repaired or deleted meanwhile.
 * @param repair source of good copies; without it nothing is repaired
 * @returns for each page, the number of its rows and their faults
 */
export async function* verifyKeptContent(
  db: Database,
  repair: RepairOptions | undefined,
): AsyncGenerator<{ looked: number; faults: KeptContentFault[] }> {
  for (const kind of keptContentKinds) {
    for await (const rows of listKeptContent(db, kind)) {
      const faults: KeptContentFault[] = [];
      for (const row of rows) {
        const found = row.isWhole ? undefined : await verifyRow(db, kind, row, repair);
        if (found) faults.push(found);
      }
      yield { looked: rows.length, faults };
    }
  }
}

async function verifyRow(
  db: Database,
  kind: KeptContentKind,
  row: KeptContentRow,
  repair: RepairOptions | undefined,
): Promise<KeptContentFault | undefined> {
  const reference = await recheckKeptContent(db, kind, row);
  if (!reference) return undefined;
  const fault = `${reference.name}: its bytes in the database are others`;
  if (!repair) return { fault, repaired: undefined };
  const { copies } = repair;
  const places = async function* (wanted: WantedBlob) {
    yield* findContentElsewhere(db, kind, row.digest);
    yield* copies.locations(wanted);
  };
  const repaired = await repairFromCopies(
    { ...repair, copies: { ...copies, locations: places } },
    { digest: row.digest, references: [reference], maxSize: maxManifestBytes },
    async (copy) => repairKeptContent(db, kind, row, await buffer(copy.open())),
  );
  return { fault, repaired };
}
