import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds after which a draft counts as left behind by a crash. */
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * Makes the folder of drafts, and deletes drafts that crashes left in it. Only old files go, because other
 * processes may be writing there.
 * @param minAgeMs milliseconds after which a draft is deleted (default 1 hour); 0 for a folder that no other process
 *   uses
 */
export async function prepareDraftFolder(folder: string, minAgeMs = abandonedAfterMs): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    // Ages depend on clocks that may differ or be set back, and times of files are finer than those of the process.
    const isOld = found && (minAgeMs === 0 || Date.now() - found.mtimeMs >= minAgeMs);
    if (isOld) await rm(path, { recursive: true, force: true });
  }
}
