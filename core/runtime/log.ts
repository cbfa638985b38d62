import { type DestinationStream, type LogFn, type Logger, type LoggerOptions, pino } from 'pino';
import { batchLines } from './batch-lines.ts';
import { createRepeatFilter } from './repeated-lines.ts';
import { isTransientError } from './transient-errors.ts';

/** Structured logger. */
export type Log = Logger;

/** Characters of lines that may wait for a slow reader; further lines are dropped, since memory is bounded. */
const maxUnwrittenCharacters = 16 * 1024 * 1024;

/** Milliseconds in which lines about a part that cannot be reached are written once. */
const repeatIntervalMs = 60_000;

/** pino's level of fatal lines. */
const fatalLevel = 60;

/**
 * Creates a log of structured lines, one for each event. Secrets never reach it: no code logs a configuration,
 * a recipe or a header, and errors are reduced to their useful fields.
 * @param destination 1 is standard output, 2 standard error
 */
export function createLog(level: string, destination: 1 | 2 = 1): Log {
  // Lines that come while others are written go together in the next write. They are flushed when the process exits.
  const stream = pino.destination({ dest: destination, sync: false, maxLength: maxUnwrittenCharacters });
  return createLogTo(level, batchLines(stream));
}

/** Creates a log that writes to a stream. */
export function createLogTo(level: string, stream: DestinationStream): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: describeError },
      hooks: { logMethod: createRepeatedErrorHook() },
    },
    stream,
  );
}

/**
 * Creates the hook that writes lines about an unreachable part once a minute, with their number. While a server is away,
 * each request and each repeated work would write one.
 */
function createRepeatedErrorHook(): NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']> {
  const repeats = createRepeatFilter(repeatIntervalMs);
  return function logOnceAMinute(args, method, level) {
    const [fields, message] = args as readonly unknown[];
    const error =
      typeof fields === 'object' && fields !== null && 'error' in fields ? fields.error : undefined;
    if (level >= fatalLevel || typeof message !== 'string' || !isTransientError(error)) {
      method.apply(this, args);
      return;
    }
    repeats.pass(message, (repeated) => {
      const line: Parameters<LogFn> = repeated === 1 ? args : [{ ...(fields as object), repeated }, message];
      method.apply(this, line);
    });
  };
}

// Drivers attach whole connections to their errors, passwords included.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...('code' in error ? { code: String(error.code) } : {}),
    // A stack tells where an unreachable part was called, which says nothing about why.
    ...(isTransientError(error) ? {} : { stack }),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
