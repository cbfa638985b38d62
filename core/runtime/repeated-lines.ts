/** Filter of lines that would repeat many times a second while a server is away. */
export interface RepeatFilter {
  /**
   * Writes the first line of a kind now. Those that follow are counted, and the latest is written when the interval ends.
   * @param kind tells lines apart; there are few kinds
   * @param write writes the line; `repeated` is how many lines it stands for
   */
  pass(kind: string, write: (repeated: number) => void): void;
}

interface HeldBackLines {
  count: number;
  writeLatest: (repeated: number) => void;
}

/** Creates a filter that lets one line of each kind through in an interval. */
export function createRepeatFilter(intervalMs: number): RepeatFilter {
  const held = new Map<string, HeldBackLines>();

  function endInterval(kind: string, { count, writeLatest }: HeldBackLines): void {
    if (count === 0) {
      held.delete(kind);
      return;
    }
    startInterval(kind);
    writeLatest(count);
  }

  function startInterval(kind: string): void {
    const lines: HeldBackLines = { count: 0, writeLatest: () => undefined };
    held.set(kind, lines);
    setTimeout(() => endInterval(kind, lines), intervalMs).unref();
  }

  return {
    pass(kind, write) {
      const lines = held.get(kind);
      if (!lines) {
        startInterval(kind);
        write(1);
        return;
      }
      lines.count += 1;
      lines.writeLatest = write;
    },
  };
}
