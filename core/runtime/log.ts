import { type Logger, pino } from 'pino';

/** Structured logger. */
export type Log = Logger;

/** Characters of lines that may wait for a slow reader; further lines are dropped, since memory is bounded. */
const maxUnwritten = 16 * 1024 * 1024;

/**
 * Creates a log of structured lines, one for each event. Secrets never reach it: no code logs a configuration,
 * a recipe or a header, and errors are reduced to their useful fields.
 * @param destination 1 is standard output, 2 standard error
 */
export function createLog(level: string, destination: 1 | 2 = 1): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: describeError },
    },
    // Lines that come while one is written go together in the next write. They are flushed when the process exits.
    pino.destination({ dest: destination, sync: false, maxLength: maxUnwritten }),
  );
}

// Drivers attach whole connections to their errors, passwords included.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...('code' in error ? { code: String(error.code) } : {}),
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
