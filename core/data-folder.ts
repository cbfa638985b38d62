import { constants } from 'node:fs';
import { access, mkdir, realpath } from 'node:fs/promises';
import { reasonOf } from './reason.ts';
import { StartError } from './start-error.ts';

/**
 * Makes a data folder that only its owner may enter, unless it is there.
 * @returns its path without links
 * @throws {StartError} when it cannot be made or written to: `DATA_DIR` is what an operator gets wrong first
 */
export async function makeDataFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (error) {
    throw new StartError(
      `cannot write to the data folder ${path}: ${reasonOf(error)}; let this user write there, or choose another folder with DATA_DIR`,
      { cause: error },
    );
  }
}
