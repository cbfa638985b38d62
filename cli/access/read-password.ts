import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { StartError } from '../../core/runtime/startup-error.ts';

/** Characters of the largest line that is read. */
const maxLength = 4096;

/**
 * Reads a password: from a terminal without showing it, else the first line of standard input.
 * A password is no argument, since every user of the machine can list those.
 * @throws {StartError} when there is none
 */
export async function readPassword(input: NodeJS.ReadStream = process.stdin): Promise<string> {
  const isTerminal = input.isTTY === true;
  if (isTerminal) process.stderr.write('Password: ');
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, terminal: isTerminal, ...(isTerminal ? { output: hidden } : {}) });
  try {
    for await (const line of lines) {
      if (line.length > maxLength) throw new StartError('the password on standard input is too long');
      if (line === '') break;
      return line;
    }
  } finally {
    lines.close();
    if (isTerminal) process.stderr.write('\n');
  }
  throw new StartError(
    'no password came on standard input: write it there, as `helm-registry user add NAME < FILE` does, or type it on a terminal',
  );
}
