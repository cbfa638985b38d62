import { CommandError, usageError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { askLine } from './read-secret.ts';

/**
 * Asks on a terminal whether something shall be done.
 * @throws {CommandError} for a no, and where there is no terminal to ask at
 */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw usageError('there is no terminal to ask at: say --yes to do it without a question');
  const answer = await askLine(`${question} [y/N]`);
  if (!/^y(?:es)?$/i.test(answer)) throw new CommandError('nothing was done', exitCodes.failed);
}
