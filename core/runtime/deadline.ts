/** A signal with a timer of its own, which nothing but `dispose` and its end takes away. */
export interface Deadline {
  /** Aborts when the time is over, with a `TimeoutError`, or when one of the other signals does, with its reason. */
  signal: AbortSignal;
  /** Stops the timer and stops listening to the other signals. Call it once nobody waits any more. */
  dispose(): void;
}

/**
 * Aborts a signal after a time, or when one of other signals aborts. `AbortSignal.any` and `AbortSignal.timeout` hold one
 * another weakly: a garbage collection takes the timer away (nodejs/node#54614), and a long-lived signal keeps what followed it.
 * @param timeoutMs milliseconds; undefined for no limit
 * @param signals that abort it sooner
 */
export function createDeadline(timeoutMs: number | undefined, signals: readonly AbortSignal[]): Deadline {
  const controller = new AbortController();
  const listening: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function dispose(): void {
    clearTimeout(timer);
    for (const stop of listening.splice(0)) stop();
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
    listening.push(() => signal.removeEventListener('abort', follow));
  }
  if (timeoutMs !== undefined && !controller.signal.aborted) {
    timer = setTimeout(
      () => abort(new DOMException(`over after ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    );
  }
  return { signal: controller.signal, dispose };
}
