import { execFileSync } from 'node:child_process';

/**
 * Mounts a small file system over a folder.
 * @param size in the format of `mount`, such as `400m`
 * @returns unmounts the file system; undefined where this user may not mount
 */
export function mountSmallDisk(folder: string, size: string): (() => void) | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => void execFileSync('umount', [folder]);
}
