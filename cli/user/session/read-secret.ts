import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Characters of the largest line that is read. */
const maxSecretCharacters = 4096;

/**
 * Reads a secret from a terminal or standard input. A terminal does not show it; of standard input it is the first
 * line. Secrets are not arguments, since every user of the machine can list those.
 * @returns undefined where there is none
 * @throws {RangeError} for a line that is too long
 */
export async function readSecret(
  prompt: string,
  input: NodeJS.ReadStream = process.stdin,
): Promise<string | undefined> {
  const isTerminal = input.isTTY === true;
  if (isTerminal) process.stderr.write(`${prompt}: `);
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, terminal: isTerminal, ...(isTerminal ? { output: hidden } : {}) });
  // In its raw mode the terminal makes no signal of Ctrl-C.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    for await (const line of lines) {
      if (line.length > maxSecretCharacters) throw new RangeError('the line on standard input is too long');
      return line === '' ? undefined : line;
    }
  } finally {
    lines.close();
    if (isTerminal) process.stderr.write('\n');
  }
  return undefined;
}

/** Asks a person for a line. @returns it without blanks at its ends; empty where the input ends */
export async function askLine(prompt: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  lines.setPrompt(`${prompt}: `);
  lines.prompt();
  try {
    for await (const line of lines) return line.trim();
  } finally {
    lines.close();
  }
  return '';
}
