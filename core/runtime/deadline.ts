/** Abort signal with a timer of its own, which only `dispose` and its end remove. */
export interface Deadline {
  /** Aborts at the timeout with a `TimeoutError`, or with the reason of another signal that aborts. */
  signal: AbortSignal;
  /** Begins the timeout anew. */
  restart(): void;
  /** Stops the timer until it is restarted. Other signals abort this one all the same. */
  pause(): void;
  /** Stops the timer and unsubscribes from the other signals. Call it once nothing waits for it. */
  dispose(): void;
}

/**
 * Creates a signal that aborts after a timeout, or when one of other signals aborts. `AbortSignal.any` and
 * `AbortSignal.timeout` reference one another weakly: garbage collection removes the timer (nodejs/node#54614),
 * and a long-lived signal keeps its followers in memory.
 * @param timeoutMs milliseconds; undefined for no timeout
 * @param signals abort the new signal earlier
 */
export function createDeadline(timeoutMs: number | undefined, signals: readonly AbortSignal[]): Deadline {
  const controller = new AbortController();
  const unsubscribes: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function dispose(): void {
    clearTimeout(timer);
    for (const unsubscribe of unsubscribes.splice(0)) unsubscribe();
  }

  const pause = () => clearTimeout(timer);

  function restart(): void {
    pause();
    if (timeoutMs === undefined || controller.signal.aborted) return;
    timer = setTimeout(
      () => abort(new DOMException(`over after ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    );
  }

  function abort(reason: unknown): void {
    dispose();
    controller.abort(reason);
  }

  for (const signal of signals) {
    const follow = () => abort(signal.reason);
    if (signal.aborted) {
      follow();
      break;
    }
    signal.addEventListener('abort', follow, { once: true });
    unsubscribes.push(() => signal.removeEventListener('abort', follow));
  }
  restart();
  return { signal: controller.signal, restart, pause, dispose };
}
