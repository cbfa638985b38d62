import { execFileSync } from 'node:child_process';

/**
 * Mounts a small file system over a folder.
 * @param size as `mount` takes it, such as `400m`
 * @returns what unmounts it, or undefined where this user may not mount
 */
export function mountSmallDisk(folder: string, size: string): (() => void) | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => void execFileSync('umount', [folder]);
}
