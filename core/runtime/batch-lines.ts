import type { DestinationStream } from 'pino';

/** Milliseconds for which a line waits for others. */
const waitMs = 10;

/** Characters of waiting lines that are written at once. */
const maxWaitingCharacters = 16 * 1024;

/** Stream to which lines are written, several at a time. */
export interface LineDestination extends DestinationStream {
  flushSync(): void;
}

/**
 * Batches lines of a log: those that come within 10 ms are one write. Each write takes a thread of Node's pool, which
 * costs more than the line. What waits is written when the process exits, and after a fatal line.
 */
export function batchLines(destination: LineDestination): LineDestination {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;

  function pass(): void {
    clearTimeout(timer);
    timer = undefined;
    process.off('exit', flushSync);
    const lines = waiting;
    waiting = '';
    if (lines !== '') destination.write(lines);
  }

  function flushSync(): void {
    pass();
    destination.flushSync();
  }

  return {
    write(line) {
      waiting += line;
      if (waiting.length >= maxWaitingCharacters) return pass();
      if (timer) return;
      // Before the listeners of the destination, which ends at the exit.
      process.prependListener('exit', flushSync);
      timer = setTimeout(pass, waitMs);
    },
    flushSync,
  };
}
