/** Abort signal with a timer of its own, which only `dispose` and its end remove. */
export interface Deadline {
  /** Aborts at the timeout with a `TimeoutError`, or with the reason of another signal that aborts. */
  signal: AbortSignal;
  /** Stops the timer; the signal still follows the others. */
  stopTimer(): void;
  /** Stops the timer and unsubscribes from the other signals. Call it once nothing waits for it. */
  dispose(): void;
}

/** Longest delay of a timer in milliseconds; a longer one would end at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Creates a signal that aborts after a timeout, or when one of other signals aborts. The platform's combined signals
 * lose their timer to garbage collection in Node 20, and stay in memory as long as the signals that they follow.
 * @param timeoutMs milliseconds; infinite for no timeout
 * @param signals abort the new signal earlier
 */
export function createDeadline(timeoutMs: number, signals: readonly (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  const unsubscribes: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function stopTimer(): void {
    clearTimeout(timer);
  }

  function dispose(): void {
    stopTimer();
    for (const unsubscribe of unsubscribes.splice(0)) unsubscribe();
  }

  function abort(reason: unknown): void {
    dispose();
    controller.abort(reason);
  }

  for (const signal of signals) {
    if (!signal || controller.signal.aborted) continue;
    const follow = () => abort(signal.reason);
    if (signal.aborted) {
      follow();
      continue;
    }
    signal.addEventListener('abort', follow, { once: true });
    unsubscribes.push(() => signal.removeEventListener('abort', follow));
  }
  if (Number.isFinite(timeoutMs) && !controller.signal.aborted) {
    const endWaiting = () => abort(new DOMException(`over after ${timeoutMs} ms`, 'TimeoutError'));
    timer = setTimeout(endWaiting, Math.min(timeoutMs, maxTimerMs));
  }
  return { signal: controller.signal, stopTimer, dispose };
}
