import { open } from 'node:fs/promises';

/** Puts a folder itself on disk: the names in it, which a power cut might otherwise take back. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
