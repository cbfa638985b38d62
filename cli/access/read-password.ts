import { StartError } from '../../core/runtime/startup-error.ts';
import { readSecret } from '../user/session/read-secret.ts';

/**
 * Reads a password from a terminal or standard input. A terminal does not show it; of standard input it is the first
 * line.
 * @throws {StartError} when there is none
 */
export async function readPassword(input: NodeJS.ReadStream = process.stdin): Promise<string> {
  const password = await readSecret('Password', input).catch((error: unknown) => {
    throw error instanceof RangeError ? new StartError('the password on standard input is too long') : error;
  });
  if (password !== undefined) return password;
  throw new StartError(
    'no password came on standard input: write it there, as `helm-registry user add NAME < FILE` does, or type it on a terminal',
  );
}
