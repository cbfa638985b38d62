import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds after which a file that is being written is taken for what a crash left behind. */
const abandonedAfter = 60 * 60 * 1000;

/**
 * Makes a folder for files that are still being written, and takes away what crashes have left in it. Other processes may
 * be writing there at this moment, so only old files go.
 * @param age milliseconds; for a folder that nobody else uses, 0
 */
export async function prepareDraftFolder(folder: string, age = abandonedAfter): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs >= age) await rm(path, { recursive: true, force: true });
  }
}
