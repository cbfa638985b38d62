import type { Log } from './log.ts';

/** What has been opened, and is closed the other way round. */
export interface Closers {
  /** Aborts when closing begins. */
  closing: AbortSignal;
  /** Resolves when a part that nothing works without is gone for good; the reason is for the log. */
  failed: Promise<string>;
  /** Says that such a part is gone. While closing, it is meant to. */
  fail(reason: string): void;
  /** A listener that hears nothing of what closing itself brings about. */
  whileOpen(listener: (error: unknown) => void): (error: unknown) => void;
  /** Lets what only waits come to its end, before anything is closed. */
  begin(): void;
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes everything, the last opened first. One that fails does not keep the others open. */
  close(): Promise<void>;
}

export function createClosers(log: Log): Closers {
  const opened: { name: string; close: () => Promise<void> | void }[] = [];
  const closing = new AbortController();
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
    whileOpen: (listener) => (error) => {
      if (!closing.signal.aborted) listener(error);
    },
    begin: () => closing.abort(),
    add: (name, close) => opened.push({ name, close }),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
