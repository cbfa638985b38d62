import { open } from 'node:fs/promises';

/** Syncs a folder to disk. A power cut does then not undo new names in it. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
