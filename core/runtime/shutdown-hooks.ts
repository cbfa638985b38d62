import { setMaxListeners } from 'node:events';
import type { Log } from './log.ts';

/** Close functions of all open parts, called in reverse order. */
export interface ShutdownHooks {
  /** Aborts when the shutdown begins. */
  closing: AbortSignal;
  /** Resolves when an indispensable part is gone for good; the reason is for the log. */
  failed: Promise<string>;
  /** Reports that such a part is gone; ignored during a shutdown, which ends the parts itself. */
  fail(reason: string): void;
  /** Wraps a listener so that it ignores errors that the shutdown causes. */
  unlessClosing(listener: (error: unknown) => void): (error: unknown) => void;
  /** Ends calls that only wait, before any part is closed. */
  beginShutdown(): void;
  /** Registers the close function of a part. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes all parts, the last opened first. A failing part does not keep the others open. */
  close(): Promise<void>;
}

/** Creates an empty list of close functions; failures to close are logged. */
export function createShutdownHooks(log: Log): ShutdownHooks {
  const opened: { name: string; close: () => Promise<void> | void }[] = [];
  const closing = new AbortController();
  // Node warns of more than 10 listeners; every request that waits for a job adds one.
  setMaxListeners(0, closing.signal);
  let closed: Promise<void> | undefined;
  let reportFailure = (_reason: string): void => undefined;
  const failed = new Promise<string>((resolve) => {
    reportFailure = resolve;
  });

  async function closeAll(): Promise<void> {
    closing.abort();
    for (const { name, close } of opened.reverse()) {
      try {
        await close();
      } catch (error) {
        log.warn({ error, part: name }, 'did not close cleanly');
      }
    }
  }

  return {
    closing: closing.signal,
    failed,
    fail(reason) {
      if (!closing.signal.aborted) reportFailure(reason);
    },
    unlessClosing: (listener) => (error) => {
      if (!closing.signal.aborted) listener(error);
    },
    beginShutdown: () => closing.abort(),
    add: (name, close) => opened.push({ name, close }),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
