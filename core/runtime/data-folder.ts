import { mkdir, mkdtemp, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf } from './error-code.ts';
import { StartError } from './startup-error.ts';

/**
 * Makes a data folder that only its owner may enter, unless it is there.
 * @returns its path without links
 * @throws {StartError} when it cannot be made or written to: `DATA_DIR` is what an operator gets wrong first
 */
export async function makeDataFolder(path: string): Promise<string> {
  try {
    await makeFolders(path);
    await tryWriting(path);
    return await realpath(path);
  } catch (error) {
    const fault = isCode(error, 'EEXIST', 'ENOTDIR')
      ? `a file is in its way (${reasonOf(error)}); move that away`
      : `${reasonOf(error)}; let this user write there`;
    throw new StartError(
      `cannot write to the data folder ${path}: ${fault}, or choose another folder with DATA_DIR`,
      { cause: error },
    );
  }
}

/** Folder by folder: Node's own `recursive` goes on for ever where a folder that is there takes none, as in /proc. */
async function makeFolders(path: string): Promise<void> {
  const made = await makeOne(path);
  if (made || dirname(path) === path) return;
  await makeFolders(dirname(path));
  if (!(await makeOne(path)))
    throw Object.assign(new Error(`no folder can be made at ${path}`), { code: 'ENOENT' });
}

/** Makes one folder. @returns false when the one above it is missing */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    if (isCode(error, 'EEXIST', 'EROFS', 'EACCES') && (await isFolder(path))) return true;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Tries it, because modes do not tell: root may write anywhere but on /proc or a disk that is read-only. */
async function tryWriting(path: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(path, '.writable-')));
  } catch (error) {
    // A full disk is writable again when something is deleted, which takes a registry that runs.
    if (!isCode(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
