import { plainCell } from './plain-text.ts';

/** Line on a terminal that says how far a command is. */
export interface Progress {
  /** Shows a text in place of the former one. */
  show(text: string): void;
  /** Removes the line, before something else is written. */
  clear(): void;
}

/** Milliseconds between two renderings: faster than an eye reads costs time alone. */
const intervalMs = 80;

/** Creates the progress on standard error. Where that is not a terminal nothing is shown. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shownAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < intervalMs) return;
      shownAt = now;
      isShown = true;
      stream.write(`\r\u001b[K${plainCell(text).slice(0, (stream.columns || 80) - 1)}`);
    },
    clear() {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
