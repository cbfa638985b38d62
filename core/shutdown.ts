import type { Log } from './log.ts';

/** What has been opened, and is closed the other way round. */
export interface Closers {
  /** Aborts when closing begins. */
  closing: AbortSignal;
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
    begin: () => closing.abort(),
    add: (name, close) => opened.push({ name, close }),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
