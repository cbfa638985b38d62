import { open } from 'node:fs/promises';

/** Syncs a folder to disk. Then a power cut does not undo new names in it. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
