import { type ExitCode, exitCodes } from './exit-codes.ts';

/** End of a command with a line for its user. The message has no secrets. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** Makes the error of a command line that cannot be meant so. */
export function usageError(message: string, cause?: unknown): CommandError {
  return new CommandError(message, exitCodes.usage, cause);
}
