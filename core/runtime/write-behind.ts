/** Writer of what was noted in memory. It writes at intervals, on request, and at the end; one write at a time. */
export interface WriteBehind {
  /** Begins a write, unless one is under way. */
  begin(): void;
  /** Writes what was noted before; resolves when it is written, or the write has failed and is put off. */
  flush(): Promise<void>;
  /** Writes what is left, and ends. */
  close(): Promise<void>;
}

/**
 * Creates the writer of one log. What the log notes delays nobody, and a process that dies loses what was noted since the
 * last write.
 * @param writeAll writes what is noted; it keeps what it cannot write, and never rejects
 * @param intervalMs milliseconds from one write to the next
 */
export function createWriteBehind(writeAll: () => Promise<void>, intervalMs: number): WriteBehind {
  let writing: Promise<void> | undefined;

  function write(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  /** Waits for a write under way too, which may have begun before the last note. */
  async function flush(): Promise<void> {
    await writing;
    await write();
  }

  const timer = setInterval(() => void write(), intervalMs).unref();

  return {
    begin: () => void write(),
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
