import { mkdir, mkdtemp, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from './startup-error.ts';
import { errorCode } from './transient-errors.ts';

/**
 * Makes a data folder that only its owner may enter, unless it exists.
 * @returns its path without links
 * @throws {StartError} when it cannot be made or written to; `DATA_DIR` is the setting that is most often wrong
 */
export async function makeDataFolder(path: string): Promise<string> {
  try {
    await makeFolders(path);
    await tryWriting(path);
    return await realpath(path);
  } catch (error) {
    const fault = hasErrorCode(error, 'EEXIST', 'ENOTDIR')
      ? `a file is in its way (${errorCode(error)}); move that away`
      : `${errorCode(error)}; let this user write there`;
    throw new StartError(
      `cannot write to the data folder ${path}: ${fault}, or choose another folder with DATA_DIR`,
      { cause: error },
    );
  }
}

/**
 * Makes a folder and its parents one by one. Node's `recursive` loops for ever where an existing folder accepts
 * none, as in /proc.
 */
async function makeFolders(path: string): Promise<void> {
  const made = await makeSingleFolder(path);
  if (made || dirname(path) === path) return;
  await makeFolders(dirname(path));
  if (!(await makeSingleFolder(path)))
    throw Object.assign(new Error(`no folder can be made at ${path}`), { code: 'ENOENT' });
}

/** Makes one folder. @returns false when its parent is missing */
async function makeSingleFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    if (hasErrorCode(error, 'EEXIST', 'EROFS', 'EACCES') && (await isFolder(path))) return true;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Makes a temporary folder, because modes do not tell: root may write anywhere but on /proc or a read-only disk. */
async function tryWriting(path: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(path, '.writable-')));
  } catch (error) {
    // A full disk must not stop the start: only a running registry can delete something.
    if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
}

function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
