import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';

/** Makes a folder read-only, for root by a mount. @returns makes it writable again; undefined where mounting fails */
export async function makeReadOnly(folder: string): Promise<(() => Promise<void>) | undefined> {
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o500);
    return () => chmod(folder, 0o700);
  }
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'remount,bind,ro', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return async () => void execFileSync('umount', [folder]);
}
