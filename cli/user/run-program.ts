import { type Command, CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';

/**
 * Runs the command that the command line names. A wrong command line ends with an exit code of its own.
 * `exitOverride` must be set before the commands are added, for they inherit it.
 */
export async function runProgram(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  }
}
